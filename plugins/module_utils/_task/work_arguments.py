# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options that modules for many assets share. Private to damops.elvis.

A module for one call has no use for them, nor for what they need.
"""

from __future__ import annotations

from .._tables.cell_values import DEFAULT_LIST_FIELDS, RowOptions
from .arguments import ArgumentSpec

CSV_ARGUMENTS: ArgumentSpec = {
    "encoding": {"type": "str", "default": RowOptions.encoding},
    "delimiter": {"type": "str"},
    "list_separator": {"type": "str", "default": "; "},
    "sheet": {"type": "str"},
    "timezone": {"type": "str"},
}
"""Every module that reads or writes a table has these."""

DEST_ARGUMENTS: ArgumentSpec = {
    "dest": {"type": "path"},
    "format": {"type": "str", "choices": ["csv", "jsonl", "json", "xlsx"]},
    **CSV_ARGUMENTS,
    "bom": {"type": "bool", "default": False},
}
"""Every module that returns what it reads, or writes it to a file, has these."""

ROW_ARGUMENTS: ArgumentSpec = {
    **CSV_ARGUMENTS,
    "empty_cells": {"type": "str", "choices": ["keep", "clear"], "default": "keep"},
    "key": {"type": "str", "no_log": False},
    "mapping": {"type": "dict", "default": {}},
    "list_fields": {"type": "list", "elements": "str", "default": sorted(DEFAULT_LIST_FIELDS)},
    "date_fields": {"type": "list", "elements": "str", "default": []},
    "date_formats": {"type": "list", "elements": "str", "default": []},
}
"""Every module that reads rows of metadata has these."""

NAME_ARGUMENTS: ArgumentSpec = {
    "patterns": {"type": "list", "elements": "str", "default": []},
    "excludes": {"type": "list", "elements": "str", "default": []},
    "default_excludes": {"type": "bool", "default": True},
}
"""Every module that transfers files has these."""

PARALLEL_ARGUMENTS: ArgumentSpec = {
    "concurrency": {"type": "int", "default": 4},
    "process_timeout": {"type": "float", "default": 300},
}
"""Every module that sends several requests at a time has these."""

MANY_ARGUMENTS: ArgumentSpec = {
    **PARALLEL_ARGUMENTS,
    "on_failure": {"type": "str", "choices": ["continue", "stop"], "default": "continue"},
    "report": {"type": "path"},
}
"""Every module that works on many assets has these."""
