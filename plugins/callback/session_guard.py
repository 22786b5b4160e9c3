# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Logs out what a run leaves open, however the run ends."""

from __future__ import annotations

DOCUMENTATION = r"""
name: session_guard
type: aggregate
short_description: Log out every session that a playbook leaves open
version_added: 0.1.0
author:
  - damops contributors (@damops)
description:
  - Each session that M(damops.elvis.elvis_login) opened and no M(damops.elvis.elvis_logout) ended is logged out when
    the run is over, however it ended. That is after its last task, after a failure without an C(always) section, an
    unreachable host, an error in a file that is included late, Ctrl-C, SIGTERM, and SIGKILL of the playbook.
  - At the end it says on standard error what it closed. When a session could not be closed, it warns and gives the
    reason.
  - A run without M(damops.elvis.elvis_login) costs nothing. Before the first login a small process is started, which
    is told of open sessions through a pipe. No token is ever in a file, an argument list or an environment.
  - When that process can't do its work, as without the Python library requests, the login is refused before it is sent.
    When it can't be told of a session, the login ends that at once and fails.
notes:
  - It works for C(ansible) ad hoc and C(ansible-console) only with C(bin_ansible_callbacks) in the configuration, which
    loads such callbacks.
  - When a whole container or control group is killed, the small process dies with it. Then sessions stay until the
    server's idle time-out. SIGTERM does not end it, so a service that systemd stops has time to log out.
  - A session of a server that only the target reaches can't be closed from the controller, and the guard warns of it.
    Where the target logged in at its own loopback address, nothing is sent to that address here, and the warning names
    the host.
  - A session whose login had O(damops.elvis.elvis_login#module:keep=true) stays open. It is named at the end.
  - With C(async), M(damops.elvis.elvis_login) is refused, so there is no session that it doesn't know of.
requirements:
  - enabled in configuration, with C(callbacks_enabled = damops.elvis.session_guard)
  - requests 2.25.1 or newer, on the controller
"""

import atexit
import re

from ansible.playbook.task import Task
from ansible.plugins.callback import CallbackBase

from ..plugin_utils._imports import quick_imports

with quick_imports():
    from ..plugin_utils._guard import client

MAY_LOG_IN = re.compile(r"elvis_login|{[{%#]")
"""An action that is a template may turn out to be a login."""


def _may_log_in(task: Task) -> bool:
    # ansible-core warns of a plugin that asks what a template is resolved to.
    return bool(MAY_LOG_IN.search(task.action) or MAY_LOG_IN.search(task.resolved_action or ""))


class CallbackModule(CallbackBase):
    """Starts the guard before the first login, and lets it finish when this process ends."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "aggregate"
    CALLBACK_NAME = "damops.elvis.session_guard"
    CALLBACK_NEEDS_ENABLED = True

    def v2_playbook_on_task_start(self, task: Task, is_conditional: bool) -> None:  # noqa: ARG002 - Ansible's
        # Workers are forked after this, and inherit what they need to tell the guard.
        if client.active is None and _may_log_in(task):
            client.active = client.start()
            # Not at the end of a playbook: another one of the same run may go on with its sessions.
            atexit.register(self._finish, client.active)

    def v2_playbook_on_handler_task_start(self, task: Task) -> None:
        self.v2_playbook_on_task_start(task, is_conditional=False)

    def _finish(self, guard: client.Guard | client.NoGuard) -> None:
        try:
            for notice in guard.finish():
                if notice.is_warning:
                    self._display.warning(notice.text)
                else:
                    # Standard output may be read by a program, which a line after its end would break.
                    self._display.display(notice.text, stderr=True)
        except KeyboardInterrupt:
            self._display.warning("session_guard goes on closing sessions after this process has ended.")
