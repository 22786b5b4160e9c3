# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options that say how a table is written, the same for reading and writing."""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  encoding:
    description:
      - The encoding of a CSV file, for example V(utf-8), V(windows-1252) or V(utf-16).
      - When a file is read, a byte order mark at its beginning wins over this option. JSON is always in UTF-8.
    type: str
    default: utf-8
  delimiter:
    description:
      - The character between two cells, for example V(;). V(\\t) is a tab.
      - If not set, it is V(,) when a file is written. When a file is read, it is found from its header, or from a first
        line C(sep=;).
    type: str
  list_separator:
    description:
      - What is between the elements of a list that is in one cell. When a file is read, blanks around it do not count.
      - Where an element has the separator in it, a backslash is written before it.
    type: str
    default: "; "
  sheet:
    description:
      - The name of the sheet in an Excel workbook.
      - If not set, the first sheet that is not hidden is read, and a sheet V(Assets) is written.
    type: str
  timezone:
    description:
      - A time zone, for example V(Europe/Berlin) or V(+01:00).
      - Times that are written or returned are in this zone. If not set, they are in UTC.
      - When a file is read, a time without a zone is in this zone. If not set, such a time is refused. A cell of a
        workbook that holds a date never has a zone.
    type: str
notes:
  - Excel workbooks (C(.xlsx)) are read and written with the Python library C(openpyxl) (3.1.3 or newer), which must be
    installed on the machine that runs the task. All other formats need no library.
  - A workbook is written with texts, numbers and booleans as such, and with times as dates if O(timezone) is set.
    Without it, times are texts in ISO 8601.
"""
