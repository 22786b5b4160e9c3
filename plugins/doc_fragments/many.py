# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options of the modules that work on many assets."""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  on_failure:
    description:
      - Whether the task goes on with the next asset after one has failed (V(continue)), or begins no further one
        (V(stop)). It fails in any case, and its result has what was done. Run again, it does the rest.
      - When the session ends, the server is gone or the disk is full, it stops in any case.
    type: str
    choices: [continue, stop]
    default: continue
  report:
    description:
      - The absolute path of a file for the outcome of each asset, on the machine that runs the task. It has one JSON
        object a line, also for unchanged assets.
      - The result alone may lack entries. Its lists have at most 1,000 entries each, and 500 kB in all. In a failed
        result, RV(failures) has at most 20 entries, and each other list 3. RV(truncated) names the lists that lack
        entries.
      - The task writes no report in check mode. If it can't write the report, it goes on without it, removes nothing,
        and fails at its end.
    type: path
"""
