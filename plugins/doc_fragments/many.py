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
      - The absolute path of a file on the machine that runs the task, for what became of each asset. It has a JSON
        object a line, also for what is unchanged, while the lists of the result have at most 1,000 entries each and
        500 kB in all. Those of a failed result have 3 entries each, and its RV(failures) 20. RV(truncated) names the
        lists that lack some. Nothing is written in check mode. When it can't be written, the task goes on without it,
        removes nothing, and fails at its end.
    type: path
"""
