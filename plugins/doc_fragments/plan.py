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
      - In check mode, the absolute path of the file to write a plan to, on the machine that runs the task. Without
        check mode, the task fails before it sends anything.
      - The file is JSON Lines. Its first line names the server, the user, the module and the options. Each other line
        is one step, with the values before and after.
      - A new file gets the mode 0600. A plan that is there already is replaced, and keeps its mode.
      - If the task fails, it writes no plan. A simulated session is refused, so the login needs C(check_mode=false).
    type: path
  plan:
    description:
      - The absolute path of an approved plan on the machine that runs the task. The task does no step that is not in
        the plan.
      - The task compares each step with the plan again just before it does the step. If the asset has changed since the
        plan was made, its step is not in the plan.
      - The task refuses a plan that was made for another server, user or module, or with other options. Only
        O(concurrency), O(process_timeout), O(on_failure), O(report), O(index_wait), O(plan_mismatch) and the options of
        the connection may differ.
      - After an interruption, run the task again with the same plan. It does the remaining steps.
    type: path
  plan_digest:
    description:
      - The SHA-256 of O(plan), which the result of the task that made the plan has in RV(plan). Required with O(plan).
      - If the file has another SHA-256, the task fails before it sends anything.
      - Whoever can set this option approves the plan. Keep it out of reach of those who only make plans.
    type: str
  plan_mismatch:
    description:
      - What the task does when a step is not in O(plan).
      - With V(fail), the task compares all steps first. If one is not in the plan or can't be done, the task changes
        nothing and fails with RV(reason=conflict). A failure after this comparison does not undo the steps before it.
      - With V(skip), the task does the steps that are in the plan, and lists the others in RV(left_out). If there are
        others, the task removes no asset, puts no file away, and ends no check-out.
    type: str
    choices: [fail, skip]
    default: fail
"""
