# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a target can't do, and what it says that runs a module or can't be reached. Private to damops.elvis."""

from __future__ import annotations

import contextlib
import re
import shlex
from collections.abc import Iterator

from ansible.errors import AnsibleAuthenticationFailure, AnsibleConnectionFailure
from ansible.plugins.action import ActionBase

from ..module_utils._errors import ElvisError
from ._ansible import CENSORED, has_windows_shell, run_command, silent_connection, used_interpreter

OLDEST_PYTHON = (3, 9)
"""What the modules run on."""
ON_THIS_MACHINE = "run the task on this machine, with delegate_to: localhost."
WINDOWS_TRANSPORTS = frozenset({"winrm", "psrp"})
BROKE_OFF = (
    "The connection to the host broke, and the host answers again. Whether the task was done there is not known."
    " Look on the server before you run it once more."
)


@contextlib.contextmanager
def unseen_output(action: ActionBase) -> Iterator[None]:
    """Run a block that runs a module on the target: nobody sees what it prints, and all see why there is no way there.

    The ssh plugin shows a module's output, which holds the token, at -vvv and above. It looks at its own context, by
    which it withholds the words of ssh, too.

    :raises AnsibleConnectionFailure: with the words that any other module would fail with
    """
    was_silent = False
    try:
        with silent_connection(action) as was_silent:
            yield
    except AnsibleConnectionFailure as error:
        if was_silent or CENSORED not in str(error):
            raise
        failure = error
    else:
        return
    if isinstance(failure, AnsibleAuthenticationFailure):
        # To try a wrong password again could lock the account.
        raise AnsibleConnectionFailure(str(failure).replace(CENSORED, "").rstrip(": "))
    # Nothing secret is in this, so what comes of it may be seen.
    is_there = run_command(action, "exit 0", sudoable=False) is not None
    raise AnsibleConnectionFailure(BROKE_OFF) if is_there else failure


def refuse_windows(action: ActionBase, host: str) -> None:
    """Stop a task before anything is sent to a host that runs no Python.

    :raises ElvisError: when the host is one of Windows
    """
    if action._connection.transport in WINDOWS_TRANSPORTS or has_windows_shell(action):
        raise ElvisError(
            f"{host} is a Windows host, and the modules of this collection are written in Python, which Ansible does"
            f" not run there: {ON_THIS_MACHINE}",
            "bad_request",
        )


def refuse_old_python(action: ActionBase, host: str) -> None:
    """Say of a module that did not come to its end whether that is because the target's Python is too old for it.

    :raises ElvisError: when it is
    """
    interpreter = shlex.split(used_interpreter(action))
    if not interpreter:
        return
    command = shlex.join([*interpreter, "-c", "import sys; print(sys.version)"])
    found = re.match(r"((\d+)\.(\d+)\S*)", run_command(action, command) or "")
    if found and (int(found[2]), int(found[3])) < OLDEST_PYTHON:
        oldest = ".".join(map(str, OLDEST_PYTHON))
        raise ElvisError(
            f"The Python of {host} is too old: {shlex.join(interpreter)} is {found[1]}, and the modules of this"
            f" collection need {oldest} or newer. Name a newer one with ansible_python_interpreter, or"
            f" {ON_THIS_MACHINE}",
            "missing_library",
        )
