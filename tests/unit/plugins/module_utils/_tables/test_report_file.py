# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reports: what is written comes back, or the report fails by name."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.damops.elvis.plugins.module_utils._elvis.field_values import is_same
from ansible_collections.damops.elvis.plugins.module_utils._errors import ElvisError
from ansible_collections.damops.elvis.plugins.module_utils._tables.cell_values import RowOptions
from ansible_collections.damops.elvis.plugins.module_utils._tables.cells import ListFormat, guarded, unguarded
from ansible_collections.damops.elvis.plugins.module_utils._tables.report import ReportOptions
from ansible_collections.damops.elvis.plugins.module_utils._tables.report_file import format_of, open_report
from ansible_collections.damops.elvis.plugins.module_utils._tables.rows import RowFile

TIME = {"value": 1521956554000, "formatted": "2018-03-25 07:42:34 +0200"}
VALUES: list[Any] = [
    "New",
    "-5",
    "+49 30 1234",
    "=1+1",
    "@home",
    "'tis",
    "'=1",
    "''",
    "007",
    "0",
    "1,500",
    "3.0",
    "May 2026",
    "TRUE",
    "12345678901234567890",
    "1.2.3",
    "x;=cmd|'/C calc'!A0",
    "a,'-5;''=x",
    "one\n- two\n'- three",
    "'a,=b",
    1e21,
    123456789012345678,
    "'007",
    "'7",
    "1E5",
    "true",
    "one\r\ntwo\nthree\rfour",
    'say "hi", or; not\t|',
    " blanks ",
    "\ttab",
    "ü\u2028\x85\x0b",
    "😀",
    "",
    None,
    5,
    -5,
    1.5,
    True,
    ["a"],
    ["a", "b; c", "d\\", "=x"],
    ["=a", "b"],
    ["'a", "b"],
    [],
    [1, -2],
]


def written(rows: list[dict[str, Any]], columns: list[str], **options: Any) -> bytes:
    pieces: list[bytes] = []
    report = open_report("/srv/x", pieces.append, columns, ReportOptions(**options))
    for row in rows:
        report.add([row])
    report.end()
    return b"".join(pieces)


def test_csv() -> None:
    rows: list[dict[str, Any]] = [
        {"id": "-x", "n": -5, "tags": ["a", "b;c"], "more": "left out"},
        {"n": "-5", "id": 'a"b'},
    ]
    assert written(rows, ["id", "n", "tags", "=x"]) == (b'id,n,tags,\'=x\r\n\'-x,-5,"a; b\\;c",\r\n"a""b",\'-5,,\r\n')


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ("7", "7"),
        ("0", "0"),
        ("123456789012345", "123456789012345"),
        ("007", "'007"),
        ("1.5", "'1.5"),
        ("VRAI", "'VRAI"),
        ("5 janvier 2026", "'5 janvier 2026"),
        ("x;=cmd|'/C calc'!A0", "\"x;'=cmd|'/C calc'!A0\""),
        ("a,-1+2", '"a,\'-1+2"'),
        ("a\n=1", '"a\n\'=1"'),
        ("a\t@x", '"a\t\'@x"'),
        ("a;'=1", "\"a;''=1\""),
        ("1,-5", "\"'1,'-5\""),
        ("=a;=b", "\"'=a;'=b\""),
        ("a; -b", '"a; -b"'),
        ("a|b", '"a|b"'),
        ("a=b", "a=b"),
        ("1E5", "'1E5"),
        ("1e-5", "'1e-5"),
        (".5", "'.5"),
        ("1234567890123456", "'1234567890123456"),
        ("5 %", "'5 %"),
        ("€ 5", "'€ 5"),
        ("12:30 pm", "'12:30 pm"),
        ("2018-03-25", "'2018-03-25"),
        ("May 2026", "'May 2026"),
        ("5. März 2026", "'5. März 2026"),
        ("SEPT2", "'SEPT2"),
        ("true", "'true"),
        ("WAHR", "'WAHR"),
        ("2018-03-25T07:42:34Z", "2018-03-25T07:42:34Z"),
        ("7 Zwerge", "7 Zwerge"),
        ("May", "May"),
        ("Mayor 5", "Mayor 5"),
        ("trueness", "trueness"),
        ("...", "..."),
    ],
)
def test_texts_that_a_spreadsheet_would_take_for_other_numbers(text: str, cell: str) -> None:
    assert written([{"a": text}], ["a"]) == f"a\r\n{cell}\r\n".encode()
    assert unguarded(guarded(text)) == text


def test_json_lines_and_json() -> None:
    rows: list[dict[str, Any]] = [{"id": "x", "n": -5, "tags": ["ü"]}, {"id": "=y"}]
    lines = written(rows, ["id", "n", "tags"], form="jsonl")
    assert lines == b'{"id": "x", "n": -5, "tags": ["\\u00fc"]}\n{"id": "=y", "n": null, "tags": null}\n'
    whole = written(rows, ["id", "n", "tags"], form="json")
    assert json.loads(whole) == [json.loads(line) for line in lines.splitlines()]
    assert json.loads(written([], ["id"], form="json")) == []
    assert written([], ["id"], form="jsonl") == b""


@pytest.mark.parametrize("form", ["csv", "jsonl"])
@pytest.mark.parametrize(
    "options",
    [
        {},
        {"delimiter": ";"},
        {"delimiter": "\t", "bom": True},
        {"encoding": "utf-16"},
        {"lists": ListFormat("|")},
    ],
)
def test_the_round_trip(tmp_path: Path, form: str, options: dict[str, Any]) -> None:
    rows = [{"id": f"{number}", "field": value} for number, value in enumerate(VALUES)]
    rows.append({"id": "time", "field": "2018-03-25T05:42:34Z"})
    path = tmp_path / f"report.{form}"
    path.write_bytes(written(rows, ["id", "field"], form=form, **(options if form == "csv" else {})))
    reading = {name: value for name, value in options.items() if name in ("encoding", "lists")}
    read = RowFile(str(path), RowOptions(**reading, clears=True))

    assert read.check().rows == len(rows)
    found = {row.key[1]: row.cells["field"] for row in read.rows()}
    for row in rows:
        present = TIME if row["id"] == "time" else row["field"]
        value = RowOptions(**reading).value("field", found[row["id"]], present)
        assert is_same(present, value), row


@pytest.mark.parametrize(
    ("options", "begin"),
    [
        ({}, b"id"),
        ({"bom": True}, b"\xef\xbb\xbfid"),
        ({"encoding": "utf-16", "bom": True}, "id".encode("utf-16")),
        ({"encoding": "windows-1252", "bom": True}, b"id"),
    ],
)
def test_the_byte_order_mark(options: dict[str, Any], begin: bytes) -> None:
    assert written([], ["id"], **options).startswith(begin)


@pytest.mark.parametrize("form", ["csv", "json", "jsonl"])
def test_what_no_file_of_text_should_hold_is_replaced_and_counted(form: str) -> None:
    pieces: list[bytes] = []
    report = open_report("/srv/x", pieces.append, ["a", "b"], ReportOptions(form=form))
    report.add([{"a": "x\0y", "b": ["\ud83d", "z"]}, {"a": "whole"}])
    report.end()
    assert report.replaced == 2
    text = b"".join(pieces).decode()
    text = text if form == "csv" else json.loads(f'"{text.replace(chr(34), "")}"'.replace("\n", " "))
    assert "x\ufffdy" in text
    assert "\ufffd" in text.replace("x\ufffdy", "")


@pytest.mark.parametrize(
    ("row", "options", "mistake"),
    [
        ({"id": "x", "a": {"b": 1}}, {}, "a of x is an object"),
        ({"id": "x", "a": [["b"]]}, {}, "a of x is an object"),
        ({"id": "x", "a": "Łódź"}, {"encoding": "windows-1252"}, "windows-1252 has no Ł, which comes after 'x,'"),
    ],
)
def test_what_would_not_come_back(row: dict[str, Any], options: dict[str, Any], mistake: str) -> None:
    with pytest.raises(ElvisError, match=mistake) as caught:
        written([row], ["id", "a"], **options)
    assert "dest /srv/x is left as it was" in caught.value.message


def test_a_sheet_of_what_is_no_workbook() -> None:
    with pytest.raises(ElvisError, match="sheet One can only be in a workbook, and dest /srv/x is csv"):
        written([], ["id"], sheet="One")


@pytest.mark.parametrize(
    ("path", "told", "form"),
    [
        ("/a/b.csv", None, "csv"),
        ("/a/b.CSV", None, "csv"),
        ("/a/b.jsonl", None, "jsonl"),
        ("/a/b.ndjson", None, "jsonl"),
        ("/a/b.json", None, "json"),
        ("/a/b.json", "csv", "csv"),
        ("/a/b.XLSX", None, "xlsx"),
        ("/a/b", "jsonl", "jsonl"),
    ],
)
def test_formats(path: str, told: str | None, form: str) -> None:
    assert format_of(path, told) == form


@pytest.mark.parametrize("path", ["/a/b", "/a.csv/b", "/a/b.xls", "/a/b.ods"])
def test_no_format(path: str) -> None:
    with pytest.raises(ElvisError, match="or set format"):
        format_of(path, None)
