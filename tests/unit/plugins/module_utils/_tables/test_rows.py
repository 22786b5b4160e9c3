# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files with rows as people write them: read as they are meant, or refused by line before they are used."""

from __future__ import annotations

import csv
import json
import os
import re
import time
import tracemalloc
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from ansible_collections.damops.elvis.plugins.module_utils._errors import ElvisError
from ansible_collections.damops.elvis.plugins.module_utils._tables import csv_file
from ansible_collections.damops.elvis.plugins.module_utils._tables.cell_values import BadCell, RowOptions
from ansible_collections.damops.elvis.plugins.module_utils._tables.cells import ListFormat
from ansible_collections.damops.elvis.plugins.module_utils._tables.date_formats import DateFormats
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
        (PLAIN.replace("path", "Datei"), {"key": "Datei", "mapping": {"Datei": "path"}}),
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
    assert f"has {empty} empty cells: empty cells " in rows.check().remarks[0]


def test_id_tells_where_there_is_one(write: Write) -> None:
    rows = write("path,id,status\n/Z/a,x,New\n/Z/b,,Old\n")
    rows.check()
    assert [row.key for row in rows.rows()] == [("id", "x"), ("path", "/Z/b")]


def test_what_the_server_itself_keeps_is_never_written(write: Write) -> None:
    rows = write("id,assetPath,Name,FILESIZE,status,checkedOutBy\nx,/Z/a,a,5,New,bob\n")
    assert "server itself keeps: Name, FILESIZE, checkedOutBy" in rows.check().remarks[0]
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
        ('[{"path": "/Z/a"}]', r"line 1 is JSON. Give the file a name that ends in .json, .jsonl, .ndjson"),
        ('[\n  {\n    "path": "/Z/a"\n  }\n]', "line 1 is JSON"),
        ('{"path": "/Z/a"}\n{"path": "/Z/b"}\n', "line 1 is JSON"),
        ("sep=;\n", "the file is empty"),
        ("status,headline\nNew,x\n", "line 1 has no column id or path, .*its columns are: status, headline"),
        ("path,status\n/Z/a,New,x\n", "line 2 has 3 cells, and the header has 2: in a CSV file, a cell that has"),
        ("path,status\n/Z/a,New,,\n", "line 2 has 4 cells, and the header has 2"),
        ("path,status\n/Z/a,New\n\n/Z/b,\n/Z/c,x,y\n", "line 5 has 3 cells"),
        ("path,status\n/Z/a,System.Object[]\n", r"line 2, column status: 'System.Object\[\]' is what PowerShell"),
        ("path,a\n/Z/a,System.Collections.Hashtable\n", "line 2, column a: 'System.Collections.Hashtable' is what"),
        ("path,a\n/Z/a,System.Collections.Generic.List`1[System.String]\n", "is what PowerShell"),
        ("path,a\n/Z/a,@{Name=x}\n", "is what PowerShell"),
        (
            "path,a\n/Z/a,1.23457E+17\n",
            "line 2, column a: '1.23457E.17' is what a spreadsheet writes in place of a long",
        ),
        ('path,a\n/Z/a,"1,23457E+17"\n', "is what a spreadsheet writes in place of a long number"),
        ("path,a\n/Z/a,-1E+11\n", "Format the column as text, and type the number again"),
        ("path,a\nx,New\nof it,b\n", "line 3, column path: of it does not begin"),
        ("path,a,b\n/Z/a,New\nof it,x\n", "of it does not begin with a slash, and line 2 lacks its last cells. A cell"),
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
        ("id,a\nx,1\ny,2\nx,3\n", "line 4 has another value in column a than line 2, which names the same asset"),
    ],
)
def test_what_is_refused(write: Write, content: str | bytes, mistake: str) -> None:
    message = refusal(write(content))
    assert "is refused:" in message
    assert re.search(mistake, message)


@pytest.mark.parametrize(
    ("options", "mistake"),
    [
        ({"date_fields": {"day"}}, "no column that date_fields names: day; its columns are: path, Tag, kind"),
        ({"date_fields": {"Day"}, "mapping": {"Tag": "day"}}, r"date_fields names: Day \(is it day\?\)"),
        ({"list_fields": {"tags", "kinds"}}, r"no column that list_fields names: kinds \(is it kind\?\)"),
    ],
)
def test_fields_of_columns_that_are_not_there(write: Write, options: dict[str, Any], mistake: str) -> None:
    content = "path,Tag,kind\n/Z/a,24.12.2025,x\n"
    given = {name: frozenset(value) if isinstance(value, set) else value for name, value in options.items()}
    assert re.search(mistake, refusal(write(content, **given)))


def test_fields_of_columns_that_are_there(write: Write) -> None:
    fields = {"date_fields": frozenset({"day"}), "list_fields": frozenset({"tags", "kind"})}
    assert read(write("path,Tag,kind\n/Z/a,2025-12-24Z,x\n", mapping={"Tag": "day"}, **fields))
    assert read(write("path,kind\n/Z/a,1E+10\n"))


def test_many_mistakes_are_counted(write: Write) -> None:
    message = refusal(write("path,a\n" + "/Z/a,b,c\n" * 30))
    assert message.count("has 3 cells") == 10
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
        ("2026-01-01", None, "line 2, column due: '2026-01-01' is a time without a zone"),
        ("01.02.2026", None, "line 2, column due: '01.02.2026' is not a time. Write it as ISO 8601, such as"),
        ("1388620800", None, "line 2, column due: '1388620800' has only digits, which may mean several times"),
        ("20140102123000", None, "line 2, column due: '20140102123000' has only digits"),
        ("201401021230", None, "has only digits"),
        ("1521956554000", None, "has only digits"),
        ("2014", None, "has only digits"),
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
    assert "server itself keeps: name" in rows.check().remarks[1]


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
        ('"x"\n', "line 1 is not a JSON object"),
        ('{"id": "x",\n "a": 1}\n', "line 1 is not JSON"),
        ('{"id": "x"} {"id": "y"}\n', "line 1 is not JSON: there is more behind the object"),
        ('["x"]\n', "line 1 is not a JSON object"),
        ('[{"id": "x"},\n5]', "line 2 is not a JSON object"),
        ('[{"id": "x"}\n{"id": "y"}]', "line 2 is not JSON: a comma or ] was expected"),
        ('[{"id": "x"},\n{"id": "y"},\n]', "line 3 is not JSON"),
        ('[{"id": "x"},\n{"id": "y"', "line 2 is not JSON"),
        ('[{"id": "x"},\n{"id":\n "y", b}]', "line 3 is not JSON"),
        ('[{"id": "x"}]\nmore', "line 2 is not JSON: there is more behind the end"),
        ('[{"id": "x", "a": NaN}]', "line 1 has NaN"),
        ('[{"id": "x"},\n{"a": 1, "a": 2}]', "line 2 has a twice"),
        ('[{"id": "x"},\n{"id": "y", "a": "\\ud83d"}]', "line 2 has half of a character"),
        (b'[{"id": "x"},\n\n{"id": "\xff"}]', "line 3 has the bytes ff"),
        ('[{"status": "x"}]', "line 1 has no column id or path"),
        ('{\n"id": "x"', "line 2 is not JSON"),
        ('{\n"id": "x"}\n{}', "line 3 is not JSON: there is more behind the end"),
        ("[", "line 1 is not JSON"),
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
        ("created", "1521956554000", None, "1521956554000"),
        ("created", "20140102123000", None, "20140102123000"),
        *[
            ("live", text, False, True)
            for text in ("true", "WAHR", "VRAI", "vero", "Verdadero", "waar", "ja", "YES", "1")
        ],
        *[("live", text, True, False) for text in ("false", "FALSCH", "FAUX", "falso", "onwaar", "Nein", "nee", "0")],
        ("live", "wahr", "x", "wahr"),
        ("live", "WAHR", None, "WAHR"),
        ("rating", "1,5", 2, 1.5),
        ("rating", "-12,25 ", 2.5, -12.25),
        ("rating", "5", 2, "5"),
        ("rating", "five", 2, "five"),
        ("headline", "1,5", "x", "1,5"),
    ],
)
def test_what_a_cell_means(name: str, raw: Any, present: Any, value: Any) -> None:
    assert RowOptions(date_fields=frozenset({"due"})).value(name, raw, present) == value


A_TIME = {"value": 5, "formatted": "1970-01-01 00:00:00 +0000"}
BERLIN = ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(
    ("raw", "present", "mistake"),
    [
        ("2018-03-25", A_TIME, "'2018-03-25' is a time without a zone"),
        ("1521956554000", A_TIME, "has only digits"),
        (20140102123000, A_TIME, "has only digits"),
        (datetime.fromisoformat("2018-03-25T07:42"), None, "2018-03-25 07:42:00 is a time without a zone"),
        ("maybe", True, "'maybe' is neither true nor false"),
        ("2", False, "'2' is neither true nor false"),
        ("1,500", 5, "'1,500' can be read as two numbers"),
        ("x" * 200, True, r"x{100}…'"),
    ],
)
def test_what_a_field_can_not_have(raw: Any, present: Any, mistake: str) -> None:
    with pytest.raises(BadCell, match=mistake):
        RowOptions().value("created", raw, present)


@pytest.mark.parametrize(
    ("formats", "raw", "zone", "value"),
    [
        (["ms"], "1388620800000", None, "2014-01-02T00:00:00Z"),
        (["s"], "1388620800", None, "2014-01-02T00:00:00Z"),
        (["s"], 1388620800, None, "2014-01-02T00:00:00Z"),
        (["%Y%m%d%H%M%S"], "20140102123000", BERLIN, "2014-01-02T11:30:00Z"),
        (["%Y%m%d%H%M"], 201401021230, BERLIN, "2014-01-02T11:30:00Z"),
        (["%Y%m%d"], " 20140102 ", BERLIN, "2014-01-01T23:00:00Z"),
        (["%d.%m.%Y"], "24.12.2025", BERLIN, "2025-12-23T23:00:00Z"),
        (["%d.%m.%Y"], "4.1.2025", BERLIN, "2025-01-03T23:00:00Z"),
        (["%d.%m.%y %H:%M"], "24.12.25 18:00", BERLIN, "2025-12-24T17:00:00Z"),
        (["%d/%m/%Y", "%m/%d/%Y"], "24/12/2025", BERLIN, "2025-12-23T23:00:00Z"),
        (["%d/%m/%Y", "%m/%d/%Y"], "5/5/2025", BERLIN, "2025-05-04T22:00:00Z"),
        (["%d.%m.%Y %H:%M %z"], "24.12.2025 18:00 +0200", BERLIN, "2025-12-24T16:00:00Z"),
        # ISO 8601 is read besides
        (["%d.%m.%Y"], "2025-12-24T18:00:00Z", BERLIN, "2025-12-24T18:00:00Z"),
    ],
)
def test_dates_as_a_task_says(formats: list[str], raw: Any, zone: Any, value: str) -> None:
    options = RowOptions(date_fields=frozenset({"due"}), date_formats=DateFormats(formats), zone=zone)
    assert options.value("due", raw) == value
    assert RowOptions(date_formats=DateFormats(formats), zone=zone).value("due", raw, A_TIME) == value


@pytest.mark.parametrize(
    ("formats", "raw", "zone", "mistake"),
    [
        (["ms", "s"], "1388620800", None, "'1388620800' can be read as 1970-01-17T01:43:40.800Z or as 2014-01-02"),
        (
            ["%d/%m/%Y", "%m/%d/%Y"],
            "3/4/2025",
            BERLIN,
            "'3/4/2025' can be read as 2025-03-03T23:00:00Z or as 2025-04-02",
        ),
        (["%Y-%d-%m"], "2025-03-04", BERLIN, "can be read as"),
        (["%d.%m.%Y"], "24.12.2025", None, "'24.12.2025' is a time without a zone"),
        (["%d.%m.%Y"], "24/12/2025", BERLIN, "'24/12/2025' is not a time"),
        ([], "24.12.2025", BERLIN, "or say with date_formats how it is written, such as %d.%m.%Y"),
        (["%d.%m.%Y"], "31.02.2025", BERLIN, "is not a time"),
        (["%d.%m.%Y"], "1388620800000", BERLIN, "has only digits"),
        # seven digits for eight: January 11, or November 1
        (["%Y%m%d"], "2014111", BERLIN, "has only digits"),
        (["ms"], "99999999999999999", None, "has only digits"),
    ],
)
def test_dates_that_are_refused(formats: list[str], raw: str, zone: Any, mistake: str) -> None:
    options = RowOptions(date_fields=frozenset({"due"}), date_formats=DateFormats(formats), zone=zone)
    with pytest.raises(BadCell, match=re.escape(mistake)):
        options.value("due", raw)


@pytest.mark.parametrize("form", ["", "dd.mm.yyyy", "%d.%m.", "%Q", "%Y%", "%H:%M", "MS"])
def test_what_is_no_date_format(form: str) -> None:
    with pytest.raises(ElvisError, match=r"date_formats: .* Give ms, s, or a format of Python's strptime"):
        DateFormats([form])


# --- Rows that are shorter or longer than the header


@pytest.mark.parametrize(
    ("content", "cells", "warning"),
    [
        ("path,a,b\n/Z/a,1\n/Z/b,1,2\n", [{"a": "1"}, {"a": "1", "b": "2"}], "1 row (line 2) whose last cells"),
        ("path,a,b\n/Z/a\n/Z/b,1\n", [{}, {"a": "1"}], "2 rows (lines 2, 3) whose last cells are missing"),
        ("path,a\n/Z/a,1,\n/Z/b,2\n", [{"a": "1"}, {"a": "2"}], "1 row (line 2) with one delimiter too much"),
        ("path;a\n/Z/a;1;\n/Z/b;2; \n", [{"a": "1"}, {"a": "2"}], "2 rows (lines 2, 3) with one delimiter"),
        ("path,a,\n/Z/a,1\n/Z/b,2,\n", [{"a": "1"}, {"a": "2"}], None),
        ("path,a,b\n" + "/Z/{}\n" * 7, [{}] * 7, "7 rows (lines 2, 3, 4, 5, 6, …) whose last"),
    ],
)
@pytest.mark.parametrize("clears", [False, True])
def test_ragged_rows(write: Write, content: str, cells: list[Any], warning: str | None, clears: bool) -> None:
    rows = write(numbered(content), clears=clears)
    summary = rows.check()
    # What is missing is no empty cell, which would empty its field.
    assert [row.cells for row in rows.rows()] == cells
    assert [words for words in summary.warnings if not warning or warning not in words] == []
    assert bool(summary.warnings) is bool(warning)


def numbered(content: str) -> str:
    """Put numbers into the places of a text."""
    parts = content.split("{}")
    return "".join(f"{part}{number}" for number, part in enumerate(parts[:-1])) + parts[-1]


def test_which_rows_follow_a_short_one(write: Write) -> None:
    rows = write("path,a,b\n/Z/a,1\n/Z/b,1,2\n/Z/c\n/Z/d\n/Z/e,1,2\n/Z/f,1,2\n")
    assert rows.check().after_short == {("path", "/Z/b"): 2, ("path", "/Z/d"): 4, ("path", "/Z/e"): 5}


# --- Columns


@pytest.mark.parametrize(
    ("options", "mistake"),
    [
        (
            {"mapping": {"Caption": "headline"}},
            "no column that mapping names: Caption (is it caption?); its columns are:",
        ),
        (
            {"mapping": {"Betreff": "headline", "caption": "x"}},
            "mapping names: Betreff; its columns are: path, caption",
        ),
        ({"mapping": {"caption ": "headline"}}, "mapping names: caption"),
        ({"key": "Datei"}, "no column Datei, which the option key names; its columns are: path, caption"),
        ({"key": "Path"}, "no column Path, which the option key names (is it path?)"),
    ],
)
@pytest.mark.parametrize("name", ["rows.csv", "rows.jsonl"])
def test_options_that_name_no_column(write: Write, options: dict[str, Any], mistake: str, name: str) -> None:
    content = "path,caption\n/Z/a,x\n" if name == "rows.csv" else '{"path": "/Z/a", "caption": "x"}\n'
    assert mistake in refusal(write(content, name, **options))


def test_a_column_that_only_some_objects_have(write: Write) -> None:
    rows = write('[{"path": "/Z/a"}, {"path": "/Z/b", "Betreff": "x"}]', "rows.json", mapping={"Betreff": "headline"})
    assert [cells for _line, _key, cells in read(rows)] == [{}, {"headline": "x"}]


def test_a_mapping_is_what_was_meant_to_name_the_asset(write: Write) -> None:
    message = refusal(write("File,Title\nx,y\n", mapping={"file": "path", "title": "headline"}))
    assert "no column that mapping names: file (is it File?), title (is it Title?)" in message


def test_the_message_for_no_key_names_the_option(write: Write) -> None:
    assert "has no column id or path, which names the asset. Name the column that does with the option key" in refusal(
        write("Assets ID,Title\nx,y\n")
    )


def test_where_a_value_is(write: Write) -> None:
    rows = write("id,Betreff,b\nx,1,\ny,2,3\nx,,4\n", mapping={"Betreff": "headline"})
    summary = rows.check()
    assert summary.fields == {"headline": "Betreff", "b": "b"}
    first, second = rows.rows()
    assert rows.place(first, "headline").endswith("rows.csv, line 2, column Betreff")
    assert rows.place(first, "b").endswith(", line 4, column b")
    assert rows.place(second).endswith(", line 3")


def test_a_sheet_of_what_is_no_workbook(write: Write) -> None:
    assert "sheet 'One' can only be in one" in refusal(write(PLAIN, sheet="One"))


# --- JSON arrays


@pytest.mark.parametrize(
    "content",
    [
        '[{"path": "/Z/a", "status": "New", "headline": "One"}, {"path": "/Z/b", "status": "Old", "headline": "Two"}]',
        (
            '\ufeff [\n {"path":"/Z/a","status":"New","headline":"One"}\n,\n'
            '{"path":"/Z/b","status":"Old","headline":"Two"} ]\n'
        ),
        json.dumps([{"path": key, **cells} for _line, key, cells in TWO], indent=4).replace("\n", "\r\n"),
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_an_array_has_the_same_two_rows(write: Write, content: str, encoding: str) -> None:
    data = content.encode(encoding) if encoding == "utf-8" else content.lstrip("\ufeff").encode(encoding)
    assert [(key, cells) for _line, key, cells in read(write(data, "rows.json"))] == [
        (key, cells) for _line, key, cells in TWO
    ]


def test_the_lines_of_an_array(write: Write) -> None:
    content = '[\n  {\n    "SourceFile": "./a.jpg",\n    "Title": "x"\n  },\n  {"SourceFile": "b.jpg"}]'
    assert [(line, key) for line, key, _cells in read(write(content, "rows.json", key="SourceFile"))] == [
        (2, "./a.jpg"),
        (6, "b.jpg"),
    ]


def test_one_object_alone(write: Write) -> None:
    assert read(write('{\r\n    "id": "x",\r\n    "a": [1, "b"]\r\n}\r\n', "rows.json")) == [(1, "x", {"a": [1, "b"]})]


def test_an_empty_array(write: Write) -> None:
    summary = write("[ ]\n", "rows.json").check()
    assert (summary.rows, summary.warnings[0].endswith("rows.json has no row.")) == (0, True)


def test_a_large_array_takes_little_memory(write: Write) -> None:
    rows = write("[" + ",".join(f'{{"id": "{n}", "a": "{"x" * 300}"}}' for n in range(30_000)) + "]", "rows.json")
    assert rows.check().rows == 30_000
    tracemalloc.start()
    assert sum(1 for _row in rows.rows()) == 30_000
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 3_000_000


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
