# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Shows why a task failed before Ansible shows its result. Private to damops.elvis.

ansible-core 2.19 and newer do that themselves. Before, a failed result is all that is shown: JSON with sorted keys, in
which the lists of what was created and what failed come before the message.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible.module_utils.compat.version import LooseVersion
from ansible.playbook.task import Task
from ansible.utils.display import Display

from ._no_log import CORE

SHOWS_IT_ITSELF = LooseVersion("2.19") <= CORE


def show_reason(task: Task, result: Mapping[str, Any]) -> None:
    """Show the message of a failed result, unless the task hides it, or does not fail by it."""
    is_final = not (task.failed_when or task.until or task.no_log)
    if "reason" in result and is_final and not SHOWS_IT_ITSELF:
        Display().error(result["msg"])
