# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options for a plan that somebody approves before it is applied."""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  plan_dest:
    description:
      - The absolute path of a file on the machine that runs the task, for a plan. It is for check mode only.
      - The file is JSON Lines. Its first line names the server, the user, the module and the options. Each other line
        is one step, with the values before and after. A new file gets the mode 0600.
      - When the task fails, no plan is written. A simulated session is refused, so the login needs
        C(check_mode=false).
    type: path
  plan:
    description:
      - The absolute path of a plan that somebody approved. The task does no step that is not in it.
      - Each step is compared with the plan again just before it is done. A step whose asset has changed since is
        another step.
      - A plan of another server, user, module or task is refused. Options that only say how a task works may differ,
        such as O(concurrency), O(report) and O(index_wait).
      - When the task was interrupted, the same plan does the rest.
    type: path
  plan_digest:
    description:
      - The SHA-256 of O(plan), as RV(plan) of the task that made it has it. O(plan) needs it.
      - Another file is refused before anything is sent.
    type: str
  plan_mismatch:
    description:
      - What becomes of a step that is not in O(plan).
      - With V(fail), the task looks at all steps first. When one is not in the plan or can't be done, it changes
        nothing and fails with RV(reason=conflict).
      - With V(skip), the task does the steps that are in the plan, and lists the others in RV(left_out). As long as
        there is one, nothing is removed, put away or given back.
    type: str
    choices: [fail, skip]
    default: fail
"""
