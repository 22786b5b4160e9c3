# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files as spreadsheets of other countries save them, with words and signs of their own: CSV in windows-1252, and xlsx.

The workbooks are what LibreOffice 7.4, whose locale was German or French, made of the CSV files. Their booleans have a
number format of their own (``"WAHR";"WAHR";"FALSCH"``), and their dates are numbers.
"""

from __future__ import annotations

from pathlib import Path

_RECORDED = Path(__file__).parent / "recorded"

GERMAN = (
    b"assetPath;headline;tags;live;rating;licenseEndDate;credit\r\n"
    b'/Z/0.jpg;Stra\xdfe \xe0 c\xf4t\xe9 \x96 \x80 0;"a; b";WAHR;0,5;25.03.2018 07:42;\r\n'
    b'/Z/1.jpg;Stra\xdfe \xe0 c\xf4t\xe9 \x96 \x80 1;"a; b";FALSCH;1,5;25.03.2018 07:42;\r\n'
    b'/Z/2.jpg;Stra\xdfe \xe0 c\xf4t\xe9 \x96 \x80 2;"a; b";WAHR;2,5;25.03.2018 07:42\r\n'
)
"""With WAHR and FALSCH, decimal commas and dates such as 25.03.2018."""

FRENCH = (
    b"assetPath;headline;tags;live;rating;licenseEndDate;credit\r\n"
    b'/Z/0.jpg;Stra\xdfe \xe0 c\xf4t\xe9 \x96 \x80 0;"a; b";VRAI;0,5;25/03/2018 07:42;\r\n'
    b'/Z/1.jpg;Stra\xdfe \xe0 c\xf4t\xe9 \x96 \x80 1;"a; b";FAUX;1,5;25/03/2018 07:42;\r\n'
    b'/Z/2.jpg;Stra\xdfe \xe0 c\xf4t\xe9 \x96 \x80 2;"a; b";VRAI;2,5;25/03/2018 07:42\r\n'
)
"""With VRAI and FAUX, decimal commas and dates such as 25/03/2018."""

WORKBOOKS = {language: _RECORDED / f"{language}.xlsx" for language in ("german", "french")}
