# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options that say how a CSV file is written, the same for reading and writing."""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  encoding:
    description:
      - The encoding of a CSV file, for example V(utf-8), V(windows-1252) or V(utf-16).
      - When a file is read, a byte order mark at its beginning wins over this option. JSON Lines are always in UTF-8.
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
"""
