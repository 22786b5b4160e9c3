# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a target says that runs a module, or that can't be reached. Private to damops.elvis."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from ansible.errors import AnsibleAuthenticationFailure, AnsibleConnectionFailure
from ansible.plugins.action import ActionBase

CENSORED = "<error censored due to no log>"
"""What Ansible writes where ssh said why a host can't be reached."""
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
    context = action._connection._play_context
    before, context.no_log = context.no_log, True
    try:
        yield
    except AnsibleConnectionFailure as error:
        if before or CENSORED not in str(error):
            raise
        failure = error
    else:
        return
    finally:
        context.no_log = before
    if isinstance(failure, AnsibleAuthenticationFailure):
        # To try a wrong password again could lock the account.
        raise AnsibleAuthenticationFailure(str(failure).replace(CENSORED, "").rstrip(": "))
    # Nothing secret is in this, so what comes of it may be seen.
    action._low_level_execute_command("exit 0", sudoable=False)
    raise AnsibleConnectionFailure(BROKE_OFF)
