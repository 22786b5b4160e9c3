# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Workbooks: what is written comes back, typed; what is broken, too large or made to do harm is refused."""

from __future__ import annotations

import io
import sys
import time as time_of_day
import zipfile
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import openpyxl
import pytest

from ansible_collections.damops.elvis.plugins.module_utils._errors import ElvisError
from ansible_collections.damops.elvis.plugins.module_utils._tables import workbook_parts
from ansible_collections.damops.elvis.plugins.module_utils._tables.cell_values import BadCell, RowOptions
from ansible_collections.damops.elvis.plugins.module_utils._tables.report import ReportOptions
from ansible_collections.damops.elvis.plugins.module_utils._tables.report_file import open_report
from ansible_collections.damops.elvis.plugins.module_utils._tables.rows import RowFile

BERLIN = ZoneInfo("Europe/Berlin")
TIME = {"value": 1521956554000, "formatted": "2018-03-25 07:42:34 +0200"}
Parts = dict[str, bytes]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "rows.xlsx"


def save(path: Path, *sheets: tuple[str, list[list[Any]]], change: Callable[[Any], None] = lambda _book: None) -> None:
    """Write a workbook as another program does."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets:
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    change(book)
    book.save(path)


def change_parts(path: Path, change: Callable[[Parts], None]) -> None:
    """Change the parts of a workbook."""
    with zipfile.ZipFile(path) as old:
        parts = {name: old.read(name) for name in old.namelist()}
    change(parts)
    with zipfile.ZipFile(path, "w") as new:
        for name, data in parts.items():
            new.writestr(name, data)


def in_sheet(old: str, new: str) -> Callable[[Parts], None]:
    """Return what replaces a text in the first sheet."""

    def change(parts: Parts) -> None:
        name = "xl/worksheets/sheet1.xml"
        assert old.encode() in parts[name], parts[name]
        parts[name] = parts[name].replace(old.encode(), new.encode())

    return change


def read(path: Path, **options: Any) -> list[tuple[int, str, dict[str, Any]]]:
    rows = RowFile(str(path), RowOptions(**options))
    rows.check()
    return [(row.line, row.key[1], row.cells) for row in rows.rows()]


def refusal(path: Path, **options: Any) -> str:
    with pytest.raises(ElvisError) as caught:
        RowFile(str(path), RowOptions(**options)).check()
    message: str = caught.value.message
    return message


def written(rows: list[dict[str, Any]], columns: list[str], **options: Any) -> bytes:
    pieces: list[bytes] = []
    with open_report("/srv/x.xlsx", pieces.append, columns, ReportOptions(form="xlsx", **options)) as report:
        report.add(rows)
        report.end()
    return b"".join(pieces)


# --- Reading


def test_typed_cells_are_what_they_are(path: Path) -> None:
    header = ["id", "text", "int", "float", "whole", "bool", "day", "moment", "clock", "span", "empty"]
    moment = datetime.fromisoformat("2025-07-01T18:30:15")
    row = ["x", "007", 5, 1.5, 3.0, True, date(2025, 12, 24), moment, time(12, 30), timedelta(hours=26), None]
    save(path, ("Rows", [header, row, [7, "", None], [], ["y", "last"]]))
    assert read(path, zone=BERLIN) == [
        (
            2,
            "x",
            {
                "text": "007",
                "int": 5,
                "float": 1.5,
                "whole": 3,
                "bool": True,
                "day": datetime.fromisoformat("2025-12-24"),
                "moment": moment,
                "clock": "12:30:00",
                "span": "26:00:00",
            },
        ),
        (3, "7", {}),
        (5, "y", {"text": "last"}),
    ]
    options = RowOptions(zone=BERLIN, date_fields=frozenset({"day"}))
    assert options.value("day", datetime.fromisoformat("2025-12-24")) == "2025-12-23T23:00:00Z"
    assert options.value("moment", moment, TIME) == "2025-07-01T16:30:15Z"
    message = refusal(path)
    assert f"src {path}, sheet Rows is refused: line 2, column day: 2025-12-24 00:00:00" in message
    assert "say with timezone" in message


def test_a_date_for_a_field_that_may_hold_text_keeps_its_day(path: Path) -> None:
    day = datetime.fromisoformat("2025-12-24")
    options = RowOptions(zone=BERLIN)
    assert options.value("text", day) == "2025-12-24T00:00:00+01:00"
    with pytest.raises(BadCell, match="2025-12-24 00:00:00 is a date in the workbook, and the field holds"):
        options.value("text", day, "Christmas Eve")

    save(path, ("Rows", [["id", "text", "day"], ["x", day, day]]))
    rows = RowFile(str(path), RowOptions(zone=BERLIN, date_fields=frozenset({"day"})))
    assert "has dates in text. A field that holds no time yet gets the date as text" in rows.check().remarks[0]


@pytest.mark.parametrize(
    ("value", "number_format", "cell"),
    [
        (7, "00000", "00007"),
        (123456, "00000", "123456"),
        (7.0, "00", "07"),
        (7.5, "0.00", 7.5),
        (1234.5, "#,##0.00", 1234.5),
        (1234.5, '#,##0.00\\ "€"', 1234.5),
        (1234.5, "#,##0.00\\ [$€-407];[Red]\\-#,##0.00\\ [$€-407]", 1234.5),
        (0.5, "0%", 0.5),
        (5e6, "0.00E+00", 5_000_000),
        (-7, "General", -7),
        (999_999_999_999_999, "0", 999_999_999_999_999),
    ],
)
def test_numbers_as_their_cells_show_them(path: Path, value: float, number_format: str, cell: object) -> None:
    save_number(path, value, number_format)
    assert read(path) == [(2, "x", {"a": cell})]


@pytest.mark.parametrize(
    ("value", "number_format", "said"),
    [
        (123456789012345678, "0", "has a number of more than 15 digits in column 2"),
        (1.23456789012346e17, "General", "has a number of more than 15 digits in column 2"),
        (-(10**15), "General", "has a number of more than 15 digits in column 2"),
        (12345678, "0000\\-0000", r"has the number 12345678 in column 2, which the format 0000\-0000 shows otherwise"),
        (1067, '"D-"00000', "shows otherwise. Format the column as text"),
        (-7, "00000", "shows otherwise"),
        (7.5, "00.00", "shows otherwise"),
    ],
)
def test_numbers_that_are_not_what_their_cells_show(path: Path, value: float, number_format: str, said: str) -> None:
    save_number(path, value, number_format)
    message = refusal(path)
    assert "line 2 has" in message
    assert said in message


def save_number(path: Path, value: float, number_format: str) -> None:
    def change(book: Any) -> None:
        book["Rows"]["B2"].number_format = number_format

    save(path, ("Rows", [["id", "a"], ["x", value]]), change=change)


@pytest.mark.parametrize(("clears", "cells"), [(False, {"a": "x"}), (True, {"a": "x", "b": "", "c": ""})])
def test_an_empty_cell_is_an_empty_cell(path: Path, clears: bool, cells: dict[str, Any]) -> None:
    save(path, ("Rows", [["id", "a", "b", "c"], ["1", "x"]]))
    assert read(path, clears=clears) == [(2, "1", cells)]


@pytest.mark.parametrize(
    ("sheet", "found"),
    [(None, "first"), ("Tabelle1", "first"), ("Zwei & drei", "second"), ("Hidden", "hidden")],
)
def test_sheets(path: Path, sheet: str | None, found: str) -> None:
    def hide(book: Any) -> None:
        book["Hidden"].sheet_state = "hidden"

    sheets = [("Hidden", "hidden"), ("Tabelle1", "first"), ("Zwei & drei", "second")]
    save(path, *((name, [["id", "a"], ["x", value]]) for name, value in sheets), change=hide)
    assert read(path, sheet=sheet) == [(2, "x", {"a": found})]


def test_a_sheet_that_is_not_there(path: Path) -> None:
    save(path, ("Tabelle1", [["id"]]), ("Zwei", [["id"]]))
    assert "has no sheet tabelle1 (is it Tabelle1?); its sheets are: Tabelle1, Zwei" in refusal(path, sheet="tabelle1")


def test_the_name_of_the_file_does_not_count(path: Path) -> None:
    save(path, ("Rows", [["id", "a"], ["x", "y"]]))
    assert read(path.rename(path.with_suffix(".csv"))) == [(2, "x", {"a": "y"})]


def test_what_the_file_says_of_its_size_does_not_count(path: Path) -> None:
    save(path, ("Rows", [["id", "a"], ["x", "y"], ["z", "w"]]))
    change_parts(path, in_sheet('<dimension ref="A1:B3"', '<dimension ref="A1:A1"'))
    assert read(path) == [(2, "x", {"a": "y"}), (3, "z", {"a": "w"})]


def with_formula(path: Path, cell: str) -> None:
    save(path, ("Rows", [["id", "a"], ["x", "=1+1"], ["y", 5]]))
    change_parts(path, in_sheet('<c r="B2"><f>1+1</f><v /></c>', cell))


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ('<c r="B2"><f>1+1</f><v>2</v></c>', {"a": 2}),
        ('<c r="B2" t="str"><f>A2</f><v>007</v></c>', {"a": "007"}),
        ('<c r="B2" t="b"><f>A2</f><v>1</v></c>', {"a": True}),
        ('<c r="B2" t="str"><f>""</f><v></v></c>', {}),
    ],
)
def test_a_formula_counts_by_its_stored_value(path: Path, cell: str, value: dict[str, Any]) -> None:
    with_formula(path, cell)
    assert read(path)[0] == (2, "x", value)


@pytest.mark.parametrize(
    ("cell", "mistake"),
    [
        ('<c r="B2"><f>1+1</f></c>', "line 2 has a formula in column 2 whose value is not stored"),
        ("<c><f>1+1</f></c>", "line 2 has a formula in column 2 whose value is not stored"),
        ('<c r="B2" t="e"><f>1/0</f><v>#DIV/0!</v></c>', "line 2 has the error #DIV/0! in column 2"),
        ('<c r="B2" t="e"><v>#REF!</v></c>', "line 2 has the error #REF! in column 2"),
    ],
)
def test_cells_without_a_value(path: Path, cell: str, mistake: str) -> None:
    with_formula(path, cell)
    assert mistake in refusal(path)


def test_a_text_that_looks_like_an_error_or_an_escape(path: Path) -> None:
    save(path, ("Rows", [["id", "a"], ["x", "#N/A is text"], ["y", "one_x000D_\ntwo"], ["z", "'=1"], ["w", "'tis"]]))
    assert [cells["a"] for _line, _key, cells in read(path)] == ["#N/A is text", "one\r\ntwo", "=1", "'tis"]


def test_what_no_sheet_may_have(path: Path) -> None:
    save(path, ("Rows", [["id", "a"], ["x", "y", "z"]]))
    assert "line 2 has 3 cells, and the header has 2" in refusal(path)
    save(path, ("Rows", []))
    assert "the file is empty" in refusal(path)
    save(path, ("Rows", [["a", "b"], ["x", "y"]]))
    assert "line 1 has no column id or path" in refusal(path)
    assert "line 1 has no column id or path" in refusal(path)


# --- What is no workbook, or made to do harm


def no_content(parts: Parts) -> None:
    del parts["[Content_Types].xml"]


def entities(parts: Parts) -> None:
    name = "xl/worksheets/sheet1.xml"
    parts[name] = b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>' + parts[name].replace(
        b"<t>y</t>", b"<t>&e;</t>"
    )


def laughs(parts: Parts) -> None:
    name = "xl/workbook.xml"
    parts[name] = '<?xml version="1.0" encoding="utf-16"?><!DOCTYPE x [<!ENTITY a "ha">]>'.encode("utf-16") + (
        parts[name].decode().encode("utf-16-le")
    )


def no_xml(parts: Parts) -> None:
    parts["xl/workbook.xml"] = b"not XML"


def no_workbook(parts: Parts) -> None:
    del parts["xl/workbook.xml"]


@pytest.mark.parametrize(
    ("change", "mistake"),
    [
        (no_content, "is not the beginning of a workbook (.xlsx)"),
        (entities, "part 'xl/worksheets/sheet1.xml' declares a document type"),
        (laughs, "part 'xl/workbook.xml' declares a document type"),
        (no_xml, "part 'xl/workbook.xml' is not XML"),
        (no_workbook, "can't be read as a workbook"),
        (
            in_sheet('t="inlineStr"><is><t>y</t></is>', 't="s"><v>99</v>'),
            "can't be read as a workbook: list index out of range",
        ),
        (in_sheet('<row r="2"', '<row r="99999999999"'), "has more than 1,048,576 rows"),
    ],
)
def test_broken_workbooks(path: Path, change: Callable[[Parts], None], mistake: str) -> None:
    save(path, ("Rows", [["id", "a"], ["x", "y"]]))
    change_parts(path, change)
    message = refusal(path)
    assert mistake in message
    assert "root:" not in message


def test_the_unpacked_size_is_bounded(path: Path) -> None:
    save(path, ("Rows", [["id", "a"], ["x", "y"]]))
    zeros = zipfile.ZipInfo("xl/media/image1.bin")
    zeros.compress_type = zipfile.ZIP_DEFLATED
    with zipfile.ZipFile(path, "a") as book, book.open(zeros, "w", force_zip64=True) as part:
        for _chunk in range(workbook_parts.MOST_UNPACKED // 1024**2 + 1):
            part.write(bytes(1024**2))
    assert path.stat().st_size < 1024**2
    assert "is the beginning of a workbook that is too large: unpacked it may have 256 MiB" in refusal(path)


def test_the_number_of_parts_is_bounded(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    save(path, ("Rows", [["id", "a"], ["x", "y"]]))
    monkeypatch.setattr(workbook_parts, "MOST_PARTS", 5)
    assert "is too large" in refusal(path)


@pytest.mark.parametrize(
    ("content", "mistake"),
    [
        (b"PK\x03\x04 and no more", "is the beginning of a broken workbook"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(512), "older workbook (.xls), or of one with a password"),
    ],
)
def test_what_is_no_workbook(path: Path, content: bytes, mistake: str) -> None:
    path.write_bytes(content)
    assert mistake in refusal(path)


def test_a_document_of_another_office(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as document:
        document.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
    assert "is not the beginning of a workbook (.xlsx). Save it as one, or as CSV" in refusal(path)


def test_without_the_library(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    save(path, ("Rows", [["id"], ["x"]]))
    monkeypatch.setitem(sys.modules, "openpyxl", None)
    for attempt in (lambda: RowFile(str(path), RowOptions()).check(), lambda: written([], ["a"])):
        with pytest.raises(ElvisError, match="the Python library openpyxl is not installed in /") as caught:
            attempt()
        assert caught.value.reason == "missing_library"
        assert "pip install 'openpyxl>=" in caught.value.message


def test_a_library_that_is_too_old(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    save(path, ("Rows", [["id"], ["x"]]))
    monkeypatch.setattr(openpyxl, "__version__", "3.1.2")
    with pytest.raises(ElvisError, match=r"there is only version 3\.1\.2 of the Python library openpyxl in /"):
        RowFile(str(path), RowOptions()).check()
    monkeypatch.setattr(openpyxl, "__version__", "4.0")
    assert read(path) == [(2, "x", {})]


# --- Writing


VALUES: list[Any] = [
    "New",
    "-5",
    "=1+1",
    "@home",
    "'tis",
    "'=1",
    "''",
    "007",
    "TRUE",
    "#N/A",
    "one\r\ntwo\nthree\rfour",
    " blanks ",
    "\ttab",
    "ü\u2028\x85\x0b\x01\ufffe",
    "_x000D_ and _x0041_",
    "😀",
    "12345678901234567890",
    "<&>\"'",
    "",
    None,
    5,
    -5,
    1.5,
    1e-7,
    True,
    False,
    12345678901234567,
    ["a"],
    ["a", "b; c", "=x"],
    [1, 2.5, True],
]


def test_the_round_trip(path: Path) -> None:
    path.write_bytes(written([{"id": f"n{n}", "=field": value} for n, value in enumerate(VALUES)], ["id", "=field"]))
    found = read(path, clears=True)
    lists = RowOptions().lists
    expected: list[Any] = [
        "" if value in (None, "") else lists.join(["a", "b; c", "=x"]) if value == ["a", "b; c", "=x"] else value
        for value in VALUES
    ]
    expected[VALUES.index(["a"])] = "a"
    expected[VALUES.index([1, 2.5, True])] = "1; 2.5; true"
    expected[VALUES.index(12345678901234567)] = "12345678901234567"
    assert [cells["=field"] for _line, _key, cells in found] == expected


def test_equal_rows_make_equal_files(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [{"id": "x", "a": TIME}]
    first = written(rows, ["id", "a"], zone=BERLIN)
    now = time_of_day.time()
    monkeypatch.setattr(time_of_day, "time", lambda: now + 86400)
    assert written(rows, ["id", "a"], zone=BERLIN) == first


def test_cells_are_typed_and_nothing_is_a_formula() -> None:
    rows = [{"a": "=1+1", "b": 5, "c": True, "d": TIME, "e": "x"}]
    book = openpyxl.load_workbook(io.BytesIO(written(rows, list("abcde"), zone=BERLIN, sheet="Zwei")))
    assert book.sheetnames == ["Zwei"]
    cells = list(book.active.rows)[1]
    assert [cell.data_type for cell in cells] == ["s", "n", "b", "d", "s"]
    assert cells[3].value == datetime.fromisoformat("2018-03-25T07:42:34")
    assert cells[4].number_format == "@"


@pytest.mark.parametrize(
    ("milliseconds", "zone", "cell", "kept"),
    [
        (1521956554000, None, "2018-03-25T05:42:34Z", True),
        (1521956554000, BERLIN, datetime.fromisoformat("2018-03-25T07:42:34"), True),
        (1521956554007, BERLIN, datetime.fromisoformat("2018-03-25T07:42:34.007"), True),
        # the hour that comes twice
        (1761438600000, BERLIN, datetime.fromisoformat("2025-10-26T02:30:00"), True),
        (1761442200000, BERLIN, "2025-10-26T02:30:00+01:00", True),
        # before the days of Excel
        (-3000000000000, BERLIN, "1874-12-07T18:40:00Z", True),
        (10**17, BERLIN, "100000000000000000", False),
    ],
)
def test_times(path: Path, milliseconds: int, zone: Any, cell: Any, kept: bool) -> None:
    value = {"value": milliseconds, "formatted": "2018-03-25 07:42:34"}
    path.write_bytes(written([{"id": "x", "a": value}], ["id", "a"], zone=zone))
    assert openpyxl.load_workbook(path).active["B2"].value == cell
    if kept:
        options = RowOptions(zone=zone)
        raw = read(path, zone=zone)[0][2]["a"]
        assert options.value("a", raw, value) == RowOptions(zone=ZoneInfo("UTC")).value("a", _utc(milliseconds), value)


def _utc(milliseconds: int) -> datetime:
    return datetime.fromisoformat("1970-01-01") + timedelta(milliseconds=milliseconds)


@pytest.mark.parametrize(
    ("row", "options", "mistake"),
    [
        ({"id": "x", "a": "y" * 32_768}, {}, "a of x has more than 32,767 characters, and no cell"),
        ({"id": "x", "a": {"b": 1}}, {}, "a of x is an object"),
        ({"id": "x"}, {"sheet": "a/b"}, "sheet 'a/b' can't be the name of a sheet"),
        ({"id": "x"}, {"sheet": "x" * 32}, "at most 31 characters"),
        ({"id": "x"}, {"sheet": "'x"}, "can't be the name of a sheet"),
    ],
)
def test_what_can_not_be_written(row: dict[str, Any], options: dict[str, Any], mistake: str) -> None:
    with pytest.raises(ElvisError, match=mistake):
        written([row], ["id", "a"], **options)


def report_ends_early(value: Any) -> None:
    with open_report("x", bytearray().extend, ["a"], ReportOptions(form="xlsx")) as report:
        report.add([{"a": value}])
        raise KeyError


@pytest.mark.parametrize("value", ["x", {"an": "object"}])
def test_nothing_is_left_of_a_report_that_ends_early(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, value: Any
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with pytest.raises((ElvisError, KeyError)):
        report_ends_early(value)
    assert list(tmp_path.iterdir()) == []
    written([{"a": "x"}], ["a"])
    assert list(tmp_path.iterdir()) == []


def test_a_sheet_that_is_full(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(f"{ReportOptions.__module__.rpartition('.')[0]}.workbook_report.MOST_ROWS", 3)
    assert written([{"id": "x"}] * 2, ["id"])
    with pytest.raises(ElvisError, match="a sheet has room for 3 rows"):
        written([{"id": "x"}] * 3, ["id"])
