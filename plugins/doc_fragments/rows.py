# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options that say how rows of metadata are read from a file."""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  empty_cells:
    description:
      - Whether an empty cell leaves its field as it is (V(keep)), or empties it (V(clear)).
    type: str
    choices: [keep, clear]
    default: keep
  key:
    description:
      - The column that names the asset of a row. If not set, it is V(id) or V(path). Where a row has both, the id
        counts.
    type: str
  mapping:
    description:
      - The names of fields for columns that have other names, for example V({"Caption (de\)":"captionDe"}).
      - The file is refused if it lacks one of these columns.
    type: dict
    default: {}
  list_fields:
    description:
      - Fields with several values. A cell of such a field is split by O(list_separator).
      - A field whose present value is a list counts as one without being named here.
      - The file is refused if it has no column for one of these fields, V(tags) excepted.
    type: list
    elements: str
    default: [tags]
  date_fields:
    description:
      - Fields that hold a time. A cell of such a field is ISO 8601 or in one of O(date_formats), or its row is refused.
      - A field whose present value is a time counts as one without being named here.
      - The file is refused if it has no column for one of these fields.
    type: list
    elements: str
    default: []
  date_formats:
    description:
      - How the cells of a field that holds times are written, besides ISO 8601. Each entry is V(ms) or V(s) (since
        1970), or a format of Python's C(strptime), such as V(%d.%m.%Y) or V(%Y%m%d).
      - Digits alone are a time only if an entry says how. A cell that two entries read as two times is refused.
    type: list
    elements: str
    default: []
notes:
  - A file in CSV, JSON Lines, a JSON array or an Excel workbook (C(.xlsx)) is read. What ends in C(.jsonl), C(.ndjson)
    or C(.json) is read as JSON. A workbook is recognized by its content. Any other file is read as CSV.
  - The first row of a CSV file or of a sheet has the names of the columns. A CSV file may be in any encoding with
    O(encoding), with a byte order mark or without, and its lines may end in any way. C(sep=;) and C(#TYPE) before the
    header, empty lines and quoted line breaks are read.
  - The whole file is checked before anything is written. A row with too many cells, a quote that is never closed, two
    columns of one name, a NUL, a byte that is not text, and rows that contradict each other are refused with their
    lines. So are a JSON object with a name twice, C(NaN), a formula without a stored value, an error in a cell, and
    C(System.Object[]), which PowerShell writes for a list. So is a number of more than 15 digits in a workbook, which
    keeps no more of it, and what a spreadsheet writes for one into a CSV file, such as C(1.23457E+17).
  - A number in a workbook that its cell shows with leading zeros, such as C(00007), is read with them. A number that
    its format shows otherwise, such as C(0001-2345), is refused.
  - A date in a workbook is a time in O(timezone). It is refused where the field holds another value than a time. Where
    the field is empty and not in O(date_fields), it is written as the text of the time in that zone, so that its day
    stays.
  - A row whose last cells are missing leaves their fields as they are, and the task warns of it. The file is refused if
    the row below it names nothing that is there, since a line break without quotes looks the same.
  - A text for a field whose present value is a boolean may be V(true), V(yes), V(1), V(WAHR), V(VRAI) and the like, or
    the opposite. A number may have a decimal comma for a field whose present value is a number.
  - The fields that the server itself keeps (C(name), C(fileSize), dates, check-outs and the like) are not written, in
    whatever letter case their columns are. The task warns of columns that no asset has had a value for.
  - In a CSV file and a workbook, the apostrophe is removed that M(damops.elvis.elvis_asset_info) puts before a text
    that a spreadsheet would take for a formula, a number or a date, and after a delimiter before the beginning of a
    formula. An apostrophe that guards nothing is a part of the text.
"""
