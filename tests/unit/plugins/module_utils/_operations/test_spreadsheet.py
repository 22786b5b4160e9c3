# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A report that a spreadsheet saved changes nothing: LibreOffice opens what elvis_asset_info wrote, and saves it."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.damops.elvis.plugins.module_utils._operations.asset_info import OPERATION as INFO
from ansible_collections.damops.elvis.plugins.module_utils._operations.metadata import OPERATION as METADATA
from tests.support.assets import Dam
from tests.support.operations import run

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


@pytest.fixture(scope="module")
def soffice() -> str:
    found = shutil.which("soffice")
    if not found:
        pytest.skip("there is no LibreOffice (soffice) on the path")
    return found


def save(soffice: str, path: Path, delimiter: str) -> Path:
    """Open a CSV file in UTF-8 as a spreadsheet, save it, and return what was saved."""
    # The character between cells, that around texts, and UTF-8.
    form = f"{ord(delimiter)},34,76"
    command = [soffice, f"-env:UserInstallation=file://{path.parent}/profile", "--headless", f"--infilter=CSV:{form}"]
    folder = path.parent / "saved"
    subprocess.run(
        [*command, "--convert-to", f"csv:Text - txt - csv (StarCalc):{form}", "--outdir", str(folder), str(path)],
        check=True,
        capture_output=True,
        timeout=SECONDS_TO_CONVERT,
    )
    saved = folder / path.name
    assert saved.read_bytes() != path.read_bytes()
    return saved


@pytest.mark.parametrize("options", [{}, {"delimiter": ";", "bom": True}], ids=["comma", "semicolon"])
def test_a_report_that_was_saved(soffice: str, dam: Dam, tmp_path: Path, options: dict[str, Any]) -> None:
    for number, text in enumerate(TEXTS):
        tags = [text, "b;c", "d"] if text.strip() else []
        dam.create(f"/Z/{number}.jpg", headline=text, tags=tags, rating=number - 5, licenseEndDate="2018-03-25T07:42Z")
    dest = tmp_path / "report.csv"
    fields = ["id", "assetPath", "headline", "tags", "rating", "licenseEndDate", "assetCreated", "fileSize"]
    run(INFO, session=dam.session, query="*:*", fields=fields, dest=str(dest), **options)

    saved = save(soffice, dest, options.get("delimiter", ","))
    result = run(METADATA, session=dam.session, src=str(saved), diff=True)
    assert (result["diff"], result["counts"]["unchanged"]) == ([], len(TEXTS))
    # And an edited cell is one change.
    edited = saved.read_text(encoding="utf-8").replace("€ 5", "€ 6")
    saved.write_text(edited, encoding="utf-8", newline="")
    assert run(METADATA, session=dam.session, src=str(saved))["counts"]["updated"] == 1
