# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A report that a spreadsheet saved changes nothing: LibreOffice opens what elvis_asset_info wrote, and saves it."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from ansible_collections.damops.elvis.plugins.module_utils._operations.asset_info import OPERATION as INFO
from ansible_collections.damops.elvis.plugins.module_utils._operations.metadata import OPERATION as METADATA
from tests.support.assets import Dam
from tests.support.operations import fail, run
from tests.support.spreadsheets import FRENCH, GERMAN, WORKBOOKS

SECONDS_TO_CONVERT = 120
TEXTS = [
    "-5",
    "+49 30 1234",
    "=1+1",
    "@home",
    "'tis",
    "'007",
    "007",
    "1E5",
    "3.0",
    "12345678901234567890",
    "1,500",
    "5%",
    "€ 5",
    "1/2",
    "2018-03-25",
    "12:30",
    "12:30 pm",
    "May 2026",
    "Mai 2026",
    "March 5, 2026",
    "$5",
    "(5)",
    "1.",
    "true",
    "TRUE",
    "one\r\ntwo\n\nthree",
    'say "hi"; you, all',
    "\ttab",
    " blanks ",
    "",
    "ü 😀 \u2028",
    "http://example.com/?a=b&c",
    "#N/A",
]


LOCALES = ["en-US", "de-DE", "fr-FR"]
FIELDS = ["id", "assetPath", "headline", "tags", "rating", "live", "licenseEndDate", "assetCreated", "fileSize"]
PROFILE = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry">
<item oor:path="/org.openoffice.Setup/L10N">
<prop oor:name="ooSetupSystemLocale" oor:op="fuse"><value>{}</value></prop></item>
</oor:items>
"""
"""What makes a spreadsheet one of a country, which has its own words and signs for booleans, numbers and dates."""

Save = Callable[..., Path]


@pytest.fixture(params=LOCALES)
def save(request: pytest.FixtureRequest, tmp_path: Path) -> Save:
    """Open a file as a spreadsheet of some country, save it, and return what was saved."""
    soffice = shutil.which("soffice")
    if not soffice:
        pytest.skip("there is no LibreOffice (soffice) on the path")
    profile = tmp_path / "profile/user"
    profile.mkdir(parents=True)
    (profile / "registrymodifications.xcu").write_text(PROFILE.format(request.param))

    def save(path: Path, form: str, delimiter: str = ";") -> Path:
        # The character between cells, that around texts, UTF-8; numbers and dates are recognized, and saved as shown.
        csv = f"Text - txt - csv (StarCalc):{ord(delimiter)},34,76,1,,0,false,true"
        folder = path.parent / "saved"
        reads = [f"--infilter={csv}"] if path.suffix == ".csv" else []
        writes = ["--convert-to", f"csv:{csv}" if form == "csv" else form, "--outdir", str(folder)]
        subprocess.run(
            [soffice, f"-env:UserInstallation=file://{profile.parent}", "--headless", *reads, *writes, str(path)],
            check=True,
            capture_output=True,
            timeout=SECONDS_TO_CONVERT,
        )
        saved = folder / f"{path.stem}.{form}"
        assert saved.read_bytes() != path.read_bytes()
        return saved

    return save


@pytest.fixture
def many(dam: Dam) -> int:
    """Make assets with all kinds of values, and return how many."""
    for number, text in enumerate(TEXTS):
        tags = [text, "b;c", "d"] if text.strip() else []
        values: dict[str, Any] = {"rating": number / 2 - 5, "live": number % 2 == 0}
        dam.create(f"/Z/{number}.jpg", headline=text, tags=tags, licenseEndDate="2018-03-25T07:42:34.5Z", **values)
    return len(TEXTS)


def changes_nothing(dam: Dam, many: int, src: Path, **options: Any) -> None:
    """Make sure that a file has what the assets have."""
    result = run(METADATA, session=dam.session, src=str(src), diff=True, **options)
    assert (result["diff"], result["counts"]["unchanged"]) == ([], many)


@pytest.mark.parametrize(
    ("delimiter", "options"), [(",", {}), (";", {"delimiter": ";", "bom": True})], ids=["comma", "semicolon"]
)
def test_a_csv_file_that_was_saved(
    save: Save, dam: Dam, many: int, tmp_path: Path, delimiter: str, options: dict[str, Any]
) -> None:
    dest = tmp_path / "report.csv"
    run(INFO, session=dam.session, query="*:*", fields=FIELDS, dest=str(dest), **options)
    saved = save(dest, "csv", delimiter)
    changes_nothing(dam, many, saved)
    # And an edited cell is one change.
    edited = saved.read_text(encoding="utf-8").replace("€ 5", "€ 6")
    saved.write_text(edited, encoding="utf-8", newline="")
    assert run(METADATA, session=dam.session, src=str(saved))["counts"]["updated"] == 1


@pytest.mark.parametrize("form", ["xlsx", "csv"])
@pytest.mark.parametrize("timezone", [None, "Europe/Berlin"])
def test_a_workbook_that_was_saved(
    save: Save, dam: Dam, many: int, tmp_path: Path, form: str, timezone: str | None
) -> None:
    dest = tmp_path / "report.xlsx"
    zone = {"timezone": timezone} if timezone else {}
    run(INFO, session=dam.session, query="*:*", fields=FIELDS, dest=str(dest), **zone)
    changes_nothing(dam, many, dest, **zone)
    changes_nothing(dam, many, save(dest, form), **zone)


@pytest.fixture
def recorded_assets(dam: Dam) -> None:
    """Make the assets that the recorded files are about."""
    for number, live in enumerate((True, False, True)):
        values: dict[str, Any] = {"live": live, "rating": number + 0.5, "licenseEndDate": "2018-03-25T05:42:00Z"}
        dam.create(f"/Z/{number}.jpg", headline=f"Straße à côté – € {number}", tags=["a", "b"], **values)


@pytest.mark.usefixtures("recorded_assets")
@pytest.mark.parametrize("language", WORKBOOKS)
def test_a_recorded_workbook(dam: Dam, language: str) -> None:
    src, zone = WORKBOOKS[language], {"timezone": "Europe/Berlin"}
    changes_nothing(dam, 3, src, **zone)
    # An hour later in another zone, and nothing but the dates.
    elsewhere = run(METADATA, session=dam.session, src=str(src), timezone="Europe/London", check_mode=True)
    assert [entry["fields"] for entry in elsewhere["updated"]] == [["licenseEndDate"]] * 3


def test_a_date_cell_for_an_empty_field_is_the_day_that_it_shows(dam: Dam, tmp_path: Path) -> None:
    dam.create("/Z/0.jpg")
    book, src = openpyxl.Workbook(), tmp_path / "rows.xlsx"
    day = datetime.fromisoformat("2025-12-24")
    for row in (["assetPath", "headline", "licenseEndDate"], ["/Z/0.jpg", day, day]):
        book.active.append(row)
    book.save(src)
    options: dict[str, Any] = {"session": dam.session, "src": str(src), "timezone": "Europe/Berlin"}

    assert "has dates in headline, licenseEndDate" in run(METADATA, **options)["msg"]
    stored = dam.metadata('assetPath:"/Z/0.jpg"')["/Z/0.jpg"]
    assert stored["headline"].startswith("2025-12-24T00:00:00")
    assert stored["licenseEndDate"]["value"] == 1766530800000
    assert run(METADATA, **options)["counts"]["unchanged"] == 1
    # A date does not take the place of another text.
    dam.post("update", id=dam.ids()["/Z/0.jpg"], metadata=json.dumps({"headline": "Christmas Eve"}))
    assert "column headline: 2025-12-24 00:00:00 is a date in the workbook" in fail(METADATA, **options).message


@pytest.mark.usefixtures("recorded_assets")
@pytest.mark.parametrize(
    ("recorded", "date_format"),
    [(GERMAN, "%d.%m.%Y %H:%M"), (FRENCH, "%d/%m/%Y %H:%M")],
    ids=["German", "French"],
)
def test_a_recorded_file(dam: Dam, tmp_path: Path, recorded: bytes, date_format: str) -> None:
    src = tmp_path / "saved.csv"
    src.write_bytes(recorded)
    options: dict[str, Any] = {
        "encoding": "windows-1252",
        "timezone": "Europe/Berlin",
        "date_formats": [date_format],
    }
    changes_nothing(dam, 3, src, **options)
    src.write_bytes(src.read_bytes().replace(b";1,5;", b";1,25;"))
    assert run(METADATA, session=dam.session, src=str(src), **options)["updated"][0]["fields"] == ["rating"]
    assert dam.metadata('assetPath:"/Z/1.jpg"')["/Z/1.jpg"]["rating"] == 1.25
