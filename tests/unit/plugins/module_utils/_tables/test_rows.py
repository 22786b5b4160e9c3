# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files with rows as people write them: read as they are meant, or refused by line before they are used."""

from __future__ import annotations

import csv
import os
import re
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from ansible_collections.damops.elvis.plugins.module_utils._errors import ElvisError
from ansible_collections.damops.elvis.plugins.module_utils._tables import csv_file
from ansible_collections.damops.elvis.plugins.module_utils._tables.cells import ListFormat
from ansible_collections.damops.elvis.plugins.module_utils._tables.columns import BadCell, RowOptions
from ansible_collections.damops.elvis.plugins.module_utils._tables.rows import Row, RowFile

Write = Callable[..., RowFile]
PLAIN = "path,status,headline\n/Z/a,New,One\n/Z/b,Old,Two\n"
TWO = [(2, "/Z/a", {"status": "New", "headline": "One"}), (3, "/Z/b", {"status": "Old", "headline": "Two"})]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write a file, and return what reads it."""

    def write(content: str | bytes, name: str = "rows.csv", **options: Any) -> RowFile:
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return RowFile(str(path), RowOptions(**options))

    return write


def read(rows: RowFile) -> list[tuple[int, str, dict[str, Any]]]:
    """Return line, key and cells of each row."""
    summary = rows.check()
    found = [(row.line, row.key[1], row.cells) for row in rows.rows()]
    assert summary.rows >= len(found)
    return found


def refusal(rows: RowFile) -> str:
    """Return why a file is refused."""
    with pytest.raises(ElvisError) as caught:
        rows.check()
    assert caught.value.reason == "bad_request"
    assert caught.value.message.encode()
    message: str = caught.value.message
    return message


# --- What is read


@pytest.mark.parametrize(
    ("content", "options"),
    [
        (PLAIN, {}),
        (PLAIN.replace("\n", "\r\n"), {}),
        (PLAIN.replace("\n", "\r"), {}),
        (PLAIN.replace("\n", "\r\n", 1), {}),
        (PLAIN.rstrip("\n"), {}),
        (PLAIN.replace("\n", "\r").rstrip("\r"), {}),
        (PLAIN.replace(",", ";"), {}),
        (PLAIN.replace(",", "\t"), {}),
        (PLAIN.replace(",", "|"), {}),
        (PLAIN.replace(",", ":"), {"delimiter": ":"}),
        (PLAIN.encode("utf-8-sig"), {}),
        (PLAIN.encode("utf-8-sig"), {"encoding": "windows-1252"}),
        (PLAIN.encode("utf-16"), {}),
        (b"\xfe\xff" + PLAIN.encode("utf-16-be"), {}),
        (PLAIN.encode("utf-16-le"), {"encoding": "utf-16"}),
        (PLAIN.encode("utf-32"), {}),
        ('"path","status","headline"\n"/Z/a","New","One"\n"/Z/b","Old","Two"\n', {}),
        (PLAIN.replace("path,", " Path , ").replace("status", "status "), {}),
        (PLAIN.replace("path", "assetPath"), {}),
        (PLAIN.replace("path", "Datei"), {"key": "Datei"}),
        (PLAIN.replace("path", "Datei"), {"mapping": {"Datei": "path"}}),
        (PLAIN.replace("status", "Status der Datei"), {"mapping": {"Status der Datei": "status"}}),
        (PLAIN.replace("/Z/a", "  /Z/a "), {}),
        (PLAIN.replace("/Z/a", "\\Z\\a"), {}),
        # two marks, as in files that were put together
        ("\ufeff\ufeff" + PLAIN, {}),
        # mixed line ends
        (PLAIN.replace("\n", "\r", 1), {}),
        (PLAIN.replace("\n", "\r\n", 2), {}),
        # a redirection of PowerShell 5
        (("\ufeff" + PLAIN.replace("\n", "\r\n")).encode("utf-16-le"), {}),
        (("\ufeff#TYPE X\n" + PLAIN).encode("utf-16-le")[:2] + PLAIN.encode("utf-16-le"), {}),
        # a column without a name and without cells, as spreadsheets leave behind
        (PLAIN.replace("\n", ",\n"), {}),
    ],
)
def test_the_same_two_rows(write: Write, content: str | bytes, options: dict[str, Any]) -> None:
    assert read(write(content, **options)) == TWO


@pytest.mark.parametrize(
    ("before", "line"),
    [
        ("sep=;\n", 3),
        ("\ufeffsep=;\r\n", 3),
        ('"sep=;"\n', 3),
        ("#TYPE System.Management.Automation.PSCustomObject\r\n", 3),
        ("sep=;\n#TYPE X\n\n", 5),
        ("\n \n", 4),
        ("SEP=;\n", 3),
        # A spreadsheet that took it for a row has filled that up.
        ("sep=;;;\n", 3),
        ('"sep=;";;\n', 3),
        ("sep=,;;\n", 3),
        ("\ufeff\ufeff", 2),
    ],
)
def test_what_programs_write_before_the_header(write: Write, before: str, line: int) -> None:
    rows = read(write(before + PLAIN.replace(",", ";")))
    assert rows == [(line + place, key, cells) for place, (_line, key, cells) in enumerate(TWO)]


@pytest.mark.parametrize("delimiter", ["\t", ",", "|", "~"])
def test_sep_may_be_any_character(write: Write, delimiter: str) -> None:
    rows = read(write(f"sep={delimiter}\r\n" + PLAIN.replace(",", delimiter)))
    assert rows == [(1 + line, key, cells) for line, key, cells in TWO]


def test_sep_wins_over_what_the_header_looks_like(write: Write) -> None:
    assert read(write("sep=;\npath;a,b,c,d\n/Z/a;x\n")) == [(3, "/Z/a", {"a,b,c,d": "x"})]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_lines_stay_true_behind_quoted_line_breaks_and_empty_lines(write: Write, end: str) -> None:
    lines = ['path,"head', 'line"', "", '/Z/a,"one', "", 'two"', "  ", ",", "/Z/b,x"]
    assert read(write(end.join(lines), mapping={f"head{end}line": "headline"})) == [
        (4, "/Z/a", {"headline": f"one{end}{end}two"}),
        (9, "/Z/b", {"headline": "x"}),
    ]


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("'=1+1", "=1+1"),
        ("'-5", "-5"),
        ("'+49 30 1234", "+49 30 1234"),
        ("'@home", "@home"),
        ("''tis", "'tis"),
        ("'''tis", "''tis"),
        ("'007", "007"),
        ("'1E5", "1E5"),
        ("'3.0", "3.0"),
        ("'12345678901234567890", "12345678901234567890"),
        # nothing that was guarded
        ("'7", "'7"),
        ("'1.5", "1.5"),
        ("'May 2026", "May 2026"),
        ("'true", "true"),
        ("'90s", "'90s"),
        ("'tis", "'tis"),
        ("=1+1", "=1+1"),
        ("-5", "-5"),
        ("007", "007"),
        (" x ", " x "),
        ('"say ""hi"""', 'say "hi"'),
        ('5" disk', '5" disk'),
        ("a\u2028b\x0bc\x85d", "a\u2028b\x0bc\x85d"),
        ("NaN", "NaN"),
    ],
)
def test_cells(write: Write, cell: str, value: str) -> None:
    assert read(write(f"id,headline\nx,{cell}\n")) == [(2, "x", {"headline": value})]


def test_windows_1252_when_told_so(write: Write) -> None:
    content = "path;credit\n/Z/Übung €.jpg;Müller\n".encode("windows-1252")
    assert read(write(content, encoding="windows-1252")) == [(2, "/Z/Übung €.jpg", {"credit": "Müller"})]
    assert "name the encoding" in refusal(write(content))


def test_long_cells_are_read_and_the_limit_of_the_process_is_put_back(write: Write) -> None:
    before = csv.field_size_limit()
    long = "x" * 200_000
    rows = write(f"id,headline\nx,{long}\ny,short\n")
    assert [len(cells["headline"]) for _line, _key, cells in read(rows)] == [200_000, 5]
    reading = rows.rows()
    next(reading)
    assert csv.field_size_limit() == before


@pytest.mark.parametrize(
    ("clears", "cells", "empty"),
    [(False, {"headline": "x"}, 2), (True, {"headline": "x", "status": "", "credit": ""}, 2)],
)
def test_empty_cells(write: Write, clears: bool, cells: dict[str, Any], empty: int) -> None:
    rows = write("id,status,headline,credit\nx,,x, \n", clears=clears)
    assert read(rows) == [(2, "x", cells)]
    assert rows.check().empty == empty


def test_id_tells_where_there_is_one(write: Write) -> None:
    rows = write("path,id,status\n/Z/a,x,New\n/Z/b,,Old\n")
    rows.check()
    assert [row.key for row in rows.rows()] == [("id", "x"), ("path", "/Z/b")]


def test_what_the_server_itself_keeps_is_never_written(write: Write) -> None:
    rows = write("id,assetPath,name,fileSize,status,checkedOutBy\nx,/Z/a,a,5,New,bob\n")
    assert rows.check().ignored == ["name", "fileSize", "checkedOutBy"]
    assert [row.cells for row in rows.rows()] == [{"status": "New"}]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("id,a\nx,1\nx,1\n", [(2, "x", {"a": "1"})]),
        ("id,a,b\nx,1,\ny,5,6\nx,,2\n", [(2, "x", {"a": "1", "b": "2"}), (3, "y", {"a": "5", "b": "6"})]),
    ],
)
def test_rows_on_one_asset_that_agree(write: Write, content: str, expected: list[Any]) -> None:
    assert read(write(content)) == expected


def test_only_a_header(write: Write) -> None:
    rows = write("id,status\n")
    assert rows.check().rows == 0
    assert list(rows.rows()) == []


# --- What is refused


@pytest.mark.parametrize(
    ("content", "mistake"),
    [
        ("", "line 1 is not there: the file is empty"),
        ("\n\n", "the file is empty"),
        ("sep=;\n", "the file is empty"),
        ("status,headline\nNew,x\n", "line 1 has no column id or path, .*its columns are: status, headline"),
        ("path,status\n/Z/a,New,x\n", "line 2 has 3 cells, and the header has 2: a cell that has"),
        ("path,status\n/Z/a\n", r"line 2 has 1 cells, and the header has 2\."),
        ("path,status\n/Z/a,New\n\n/Z/b,\n/Z/c\n", "line 5 has 1 cells"),
        ('path,status\n"/Z/a\nb",New\n/Z/b,"New\n/Z/c,Old\n', "line 4 has a quote that is never closed"),
        ('path,status\n"/Z/a" x,New\n', "line 2 has text after a closing quote"),
        ('"path,status\n/Z/a,New\n', "line 1 has a quote that is never closed"),
        ("path,Status, status \n/Z/a,New,Old\n", "line 1 has two columns for one field: Status and status"),
        ("path,status\n/Z/a,N\0w\n", "line 2 has a NUL character"),
        (PLAIN.encode("utf-16-le"), "line 1 has a NUL character. If the file is in UTF-16, say so with encoding"),
        (b"path,status\n/Z/a,x\n/Z/b,\xff\n", "line 3 has the bytes ff, which are not text in utf-8"),
        (b'path,status\n/Z/a,"x\n\xff"\n', "line 2 has the bytes ff"),
        (b"\xff\xfep\0a\0t\0", "line 1 is not there|no column"),
        ("path,status,\n/Z/a,New,x\n", "line 2 has a cell in a column without a name"),
        ("path,status\n,New\n", "line 2, column path: is empty, but must name the asset"),
        ("path,status\nZ/a,New\n", "line 2, column path: Z/a does not begin with a slash"),
        ("path,status\n/Z/a:b,New\n", "line 2, column path: /Z/a:b has a:b, which has :, which a DAM"),
        ("path,status\n/Z//a,New\n", "has a segment that is empty"),
        ("path,status\n/,New\n", "/ is not an asset"),
        ("id,a\nx,1\ny,2\nx,3\n", "line 4 has another value of a than line 2, which names the same asset"),
    ],
)
def test_what_is_refused(write: Write, content: str | bytes, mistake: str) -> None:
    message = refusal(write(content))
    assert "is refused before anything is sent" in message
    assert re.search(mistake, message)


def test_many_mistakes_are_counted(write: Write) -> None:
    message = refusal(write("path,a\n" + "/Z/a\n" * 30))
    assert message.count("has 1 cells") == 10
    assert "; and 20 more." in message


def test_a_cell_that_is_too_long_for_one(write: Write) -> None:
    content = f"id,a\nx,short\ny,{'x' * (csv_file.LONGEST_CELL + 1)}\n"
    before = csv.field_size_limit()
    assert "line 3 has a cell of more than 4,194,304 characters" in refusal(write(content))
    assert csv.field_size_limit() == before
    assert "line 1 has a line of more than 16,777,216 characters" in refusal(write("x" * (17 * 1024 * 1024)))


def test_a_bad_byte_in_row_80_000(write: Write) -> None:
    content = b"id,a\n" + b"".join(b"%d,x\n" % number for number in range(80_000)) + b"\x81,y\nz,z\n"
    assert "line 80002 has the bytes 81" in refusal(write(content))


@pytest.mark.parametrize(
    ("cell", "zone", "mistake"),
    [
        ("2026-01-01T00:00:00Z", None, None),
        ("2026-01-01", ZoneInfo("Europe/Berlin"), None),
        ("2026-01-01", None, "line 2, column due: is a time without a zone"),
        ("01.02.2026", None, "line 2, column due: is not a time"),
    ],
)
def test_times_in_fields_that_hold_them(write: Write, cell: str, zone: Any, mistake: str | None) -> None:
    rows = write(f"id,due\nx,{cell}\n", date_fields=frozenset({"due"}), zone=zone)
    if mistake:
        assert mistake in refusal(rows)
    else:
        assert read(rows) == [(2, "x", {"due": cell})]


def test_a_file_that_is_changed_while_it_is_used(write: Write) -> None:
    rows = write(PLAIN)
    rows.check()
    write(PLAIN + "/Z/c,New,x\n")
    with pytest.raises(ElvisError, match="was changed while it was used") as caught:
        list(rows.rows())
    assert caught.value.reason == "storage"


@pytest.mark.parametrize("kind", ["fifo", "folder", "missing", "device", "unreadable name"])
def test_what_is_no_file(tmp_path: Path, kind: str) -> None:
    path = {"device": "/dev/zero", "unreadable name": "a\0b"}.get(kind, str(tmp_path / "rows.csv"))
    if kind == "fifo":
        os.mkfifo(path)
    if kind == "folder":
        Path(path).mkdir()
    with pytest.raises(ElvisError, match="can't be read"):
        RowFile(path, RowOptions()).check()


# --- JSON Lines


def test_json_lines(write: Write) -> None:
    content = (
        '\ufeff\ufeff{"id": "x", "status": "New", "tags": ["a", "b"], "n": 5, "b": true, "none": null}\r\n'
        "\n"
        '{"path": "/Z/a", "headline": "one\u2028two\x85three", "name": "a"}\n'
    )
    rows = write(content, "rows.jsonl")
    assert read(rows) == [
        (1, "x", {"status": "New", "tags": ["a", "b"], "n": 5, "b": True}),
        (3, "/Z/a", {"headline": "one\u2028two\x85three"}),
    ]
    assert rows.check().ignored == ["name"]


def test_an_apostrophe_in_json_guards_nothing(write: Write) -> None:
    assert read(write('{"id": "x", "a": "\'=1"}', "rows.ndjson")) == [(1, "x", {"a": "'=1"})]


@pytest.mark.parametrize(
    ("content", "mistake"),
    [
        ('{"id": "x"}\n{"id": "y", "a": NaN}\n', "line 2 has NaN, which is not valid JSON"),
        ('{"id": "x", "a": -Infinity}\n', "line 1 has -Infinity"),
        ('{"id": "x", "a": 1e999}\n', "line 1 has 1e999"),
        ('{"id": "x", "a": 1, "a": 2}\n', "line 1 has a twice"),
        ('{"id": "x", "a": {"b": 1, "b": 2}}\n', "line 1 has b twice"),
        ('{"id": "x", "a": {"b": 1}}\n', "line 1, column a: has an object"),
        ('{"id": "x", "a": [["b"]]}\n', "line 1, column a: has an object or a list in a list"),
        ('{"id": "x", "a": "\\ud83d"}\n', "line 1 has half of a character"),
        ('[{"id": "x"}]\n', "line 1 is not a JSON object"),
        ('{"id": "x",\n "a": 1}\n', "line 1 is not JSON"),
        ('{"status": "x"}\n{"status": "y"}\n', "line 1 has no column id or path.*line 2 has no column"),
        ('{"id": ""}\n', "line 1, column id: is empty"),
        (b'{"id": "x"}\n{"id": "\xff"}\n', "line 2 has the bytes ff"),
        ("[" * 100_000, "line 1 is not JSON"),
        ("", "the file is empty"),
        ("\n\n", "the file is empty"),
    ],
)
def test_json_lines_that_are_refused(write: Write, content: str | bytes, mistake: str) -> None:
    assert re.search(mistake, refusal(write(content, "rows.jsonl")))


# --- What a cell gives to a field


@pytest.mark.parametrize(
    ("name", "raw", "present", "value"),
    [
        ("headline", "a; b", "x", "a; b"),
        ("headline", "a; b", None, "a; b"),
        ("tags", "a; b", None, ["a", "b"]),
        ("subjects", "a;b ; ;c", ["x"], ["a", "b", "c"]),
        ("subjects", r"a\;b; C:\new", ["x"], ["a;b", r"C:\new"]),
        ("subjects", "", ["x"], ""),
        ("tags", ["a; b"], None, ["a; b"]),
        ("n", 5, None, 5),
        ("due", "2018-03-25 07:42:34 +0200", None, "2018-03-25T05:42:34Z"),
        ("created", "1521956554000", {"value": 5, "formatted": "1970-01-01 00:00:00 +0000"}, "2018-03-25T05:42:34Z"),
        ("created", "1521956554000", None, "1521956554000"),
    ],
)
def test_what_a_cell_means(name: str, raw: Any, present: Any, value: Any) -> None:
    assert RowOptions(date_fields=frozenset({"due"})).value(name, raw, present) == value


def test_a_cell_that_is_no_moment() -> None:
    with pytest.raises(BadCell, match="without a zone"):
        RowOptions().value("created", "2018-03-25", {"value": 5, "formatted": "1970-01-01 00:00:00 +0000"})


@pytest.mark.parametrize("separator", ["; ", ";", ",", " | ", "\t", " ", "||", "."])
@pytest.mark.parametrize(
    "items",
    [
        ["a"],
        ["a", "b"],
        ["a;b", "c; d", "e,f", "g|h", "i||j", "k.l"],
        ["C:\\new", "\\", "x\\"],
        ["\\;", "\\,", "\\.", ";", "||"],
        ["\\\\", "\\\\\\"],
        ["one\ntwo", "ü"],
    ],
)
def test_a_list_comes_back(separator: str, items: list[str]) -> None:
    lists = ListFormat(separator)
    assert lists.split(lists.join(items)) == items


@pytest.mark.parametrize("separator", ["", "\\", "a\\", "\n", ";\r\n"])
def test_what_can_not_separate(separator: str) -> None:
    with pytest.raises(ElvisError, match="list_separator"):
        ListFormat(separator)


# --- Size


def test_a_hundred_thousand_rows(write: Write) -> None:
    content = "path;status;headline\r\n" + "".join(f'/Z/{n}.jpg;New;"One ""{n}"""\r\n' for n in range(100_000))
    rows = write(content)
    begin = time.process_time()
    assert rows.check().rows == 100_000
    # Seconds of the processor, whatever else the machine does.
    assert time.process_time() - begin < 10
    tracemalloc.start()
    assert sum(isinstance(row, Row) for row in rows.rows()) == 100_000
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    # Nothing is kept of the rows.
    assert peak < 3_000_000
