# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""CSV files as spreadsheets of other countries save them: windows-1252, with words and signs of their own."""

from __future__ import annotations

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
