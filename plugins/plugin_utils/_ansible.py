# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the actions need of Ansible that is not public, and may be gone in any release. Private to damops.elvis."""

from __future__ import annotations

from ansible.playbook.task import Task


def whole_loop(task: Task) -> Task | None:
    """Return the task that a worker does in a loop, from the copy that it makes for one item; None without a loop.

    Where it isn't found, a ``rescue`` that prints a failed loop renders the loop's arguments again.
    """
    if task.loop is None and not task.loop_with:
        return None
    block = getattr(task, "_parent", None)
    siblings = [one for section in ("block", "rescue", "always") for one in getattr(block, section, ())]
    return next((one for one in siblings if getattr(one, "_uuid", None) == task._uuid and one is not task), None)
