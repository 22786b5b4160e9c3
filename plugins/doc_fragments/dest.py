# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options of the modules that return what they read, or write it to a file."""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  dest:
    description:
      - The absolute path of a file for the list, on the machine that runs the task. The list in the result is empty
        then, and the memory that the task takes does not grow with the number of assets.
      - The file is put in its place when it is whole. When anything fails, what was there stays.
    type: path
  format:
    description:
      - What O(dest) becomes. If not set, its suffix tells (C(.csv), C(.jsonl), C(.ndjson), C(.json),
        C(.xlsx)).
      - V(csv) has a header, CRLF at the ends of lines, and quotes where they are needed.
      - V(jsonl) is a JSON object a line, V(json) is one list of them. Both are in UTF-8.
      - V(xlsx) is an Excel workbook with one sheet.
    type: str
    choices: [csv, jsonl, json, xlsx]
  bom:
    description:
      - Whether a CSV file in UTF-8 begins with a byte order mark, by which spreadsheets know the encoding.
    type: bool
    default: false
notes:
  - In a CSV file, an apostrophe stands before a text that a spreadsheet would take for a formula (it begins with C(=),
    C(+), C(-) or C(@), a tab or a line break), for another number, a date or a boolean (C(007), C(5 %), C(May 2026),
    C(true)), and before one that begins with an apostrophe. So it does before a number with a decimal point, which is a
    date for a German spreadsheet, and inside a text between a delimiter and the beginning of a formula.
    M(damops.elvis.elvis_metadata) removes these apostrophes. Whole numbers, times and booleans have none.
  - A cell that has any usual delimiter in it (comma, semicolon, tab, C(|)) is quoted.
"""
