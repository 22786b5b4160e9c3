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
    type: dict
    default: {}
  list_fields:
    description:
      - Fields with several values. A cell of such a field is split by O(list_separator).
      - A field whose present value is a list counts as one without being named here.
    type: list
    elements: str
    default: [tags]
  date_fields:
    description:
      - Fields that hold a time. A cell of such a field is ISO 8601 or milliseconds since 1970, or its row is refused.
      - A field whose present value is a time counts as one without being named here.
    type: list
    elements: str
    default: []
  timezone:
    description:
      - The zone of a time that has none, for example V(Europe/Berlin) or V(+01:00). If not set, such a time is refused.
    type: str
notes:
  - A CSV file has a header. It may be in any encoding with O(encoding), with a byte order mark or without, and its
    lines may end in any way. C(sep=;) and C(#TYPE) before the header, empty lines and quoted line breaks are read.
  - The whole file is checked before anything is written. A row that is shorter or longer than the header, a quote that
    is never closed, two columns of one name, a NUL, a byte that is not text, and rows that contradict each other are
    refused with their lines. So is a JSON object with a name twice, and C(NaN).
  - What the server itself keeps (C(name), C(fileSize), dates, check-outs and the like) is not written.
  - In a CSV file, the apostrophe is removed that M(damops.elvis.elvis_asset_info) puts before a text that a spreadsheet
    would take for a formula, a number or a date. One that guards nothing is a part of the text.
"""
