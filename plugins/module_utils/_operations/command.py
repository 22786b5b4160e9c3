# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs a program that reads the session from its standard input. Private to damops.elvis."""

from __future__ import annotations

import json
import os
import signal
import socket
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from .._elvis.client import SHORTEST_IN_DATA
from .._elvis.redaction import LONGEST_QUOTE, Redactor
from .._elvis.session import Session
from .._errors import ElvisError, system_words
from .._http.transport import ConnectionOptions
from .._task.arguments import ArgumentSpec
from .._task.call import Call
from .._task.environment import SECRET_VARIABLES
from .._task.operation import Result, session_operation
from .._text import escaped, one_line
from .._work.program import EndedProgram, NotStartedError, run_program

ARGUMENTS: ArgumentSpec = {
    "argv": {"type": "list", "elements": "str", "required": True},
    "chdir": {"type": "path"},
    "stdin_format": {"type": "str", "choices": ["json", "token"], "default": "json"},
}
OUTLIVED = (
    " A process outside of that group, as setsid starts one, holds the output still, and may go on running. Look for it"
    " on the machine that ran this task."
)
LAST_LINES = 3
"""How much of what a program printed a failure shows: PowerShell wraps what went wrong over some lines."""


def run(call: Call) -> Result:
    """Run the program, and return what it printed, masked; in check mode do not run it."""
    argv: list[str] = call.options["argv"]
    if not argv or not argv[0]:
        raise ElvisError("argv names no program.", "bad_request")
    session, connection = call.opened.session, call.connection
    candidates = (*session.secrets, *connection.secrets)
    secrets = [secret for secret in candidates if len(secret) >= SHORTEST_IN_DATA]
    _refuse_in_arguments(argv, secrets)
    given = _for_stdin(session, connection, call.options["stdin_format"])
    name = escaped(argv[0])
    if call.check_mode:
        return _not_run(call)
    try:
        ended = run_program(argv, given, call.options["chdir"], _environment(os.environ, secrets))
    except NotStartedError as error:
        raise _not_started(name, call.options["chdir"], error.__cause__) from None
    result = _as_result(ended, Redactor(secrets))
    for stream in ("stdout", "stderr"):
        if getattr(ended, stream).left_out:
            call.warn(f"{name} printed so much that the middle of its {stream} is left out.")
    if ended.was_outlived:
        call.warn(
            f"{name} ended, but something that it had started kept its output open, so its process group was ended."
            f"{OUTLIVED if ended.is_outlived else ''} Redirect the output of whatever is to go on running."
        )
    if ended.status:
        failure = ElvisError(_failed(name, ended.status, result), "program")
        failure.done = result
        raise failure
    return {"msg": f"{name} ended with 0.", **result}


def _not_run(call: Call) -> Result:
    # The status is what a condition on it reads, as with ansible.builtin.command.
    return {
        "msg": f"Check mode: {escaped(call.options['argv'][0])} was not run.",
        "changed": True,
        "rc": 0,
        **_streams("", ""),
    }


OPERATION = session_operation(ARGUMENTS, run, _not_run)


def _refuse_in_arguments(argv: Iterable[str], secrets: Sequence[str]) -> None:
    if any(secret in argument for argument in argv for secret in secrets):
        raise ElvisError(
            "argv holds a secret of the session or its connection, and every user of a machine can read the"
            " arguments of a program. Leave it out: the program gets the session on its standard input."
            " Nothing was run.",
            "bad_request",
        )


def _for_stdin(session: Session, connection: ConnectionOptions, stdin_format: str) -> bytes:
    if stdin_format == "json":
        headers = {**connection.headers, **session.headers}
        return f"{json.dumps({**session.as_option(), 'headers': headers})}\n".encode("ascii")
    if not session.auth_token:
        raise ElvisError(
            "stdin_format is token, but the session has no auth_token: its cookies prove it. Use json.", "bad_request"
        )
    return f"{session.auth_token}\n".encode("ascii")


def _environment(variables: Mapping[str, str], secrets: Sequence[str]) -> dict[str, str]:
    """Return the environment of the program: this process's, without what is secret."""
    return {
        name: value
        for name, value in variables.items()
        if name not in SECRET_VARIABLES and not any(secret in value for secret in secrets)
    }


def _as_result(ended: EndedProgram, redactor: Redactor) -> dict[str, Any]:
    texts = (printed.text(redactor).rstrip("\r\n") for printed in (ended.stdout, ended.stderr))
    return {"changed": True, "rc": ended.status, **_streams(*texts)}


def _streams(stdout: str, stderr: str) -> dict[str, Any]:
    # Lines as people count them, and as Ansible does for its own commands.
    lines = {"stdout_lines": stdout.splitlines(), "stderr_lines": stderr.splitlines()}
    return {"stdout": stdout, "stderr": stderr, **lines}


def _failed(name: str, status: int, result: Mapping[str, Any]) -> str:
    lines = result["stderr_lines"] or result["stdout_lines"]
    said = one_line(" ".join(lines[-LAST_LINES:]))
    last = f" The last it printed: {said[:LONGEST_QUOTE]}." if said else ""
    how = f"ended with {status}" if status > 0 else f"was ended by {_signal_name(-status)}"
    return f"{name} failed on {socket.gethostname()}: it {how}.{last} Read stdout and stderr of this result."


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


def _not_started(name: str, folder: str | None, error: BaseException | None) -> ElvisError:
    is_folder = folder is not None and getattr(error, "filename", None) == folder
    what = f"The folder {escaped(str(folder))} of chdir" if is_folder else f"The program {name}"
    words = system_words(error) if isinstance(error, OSError) else "no program can get such an argument"
    return ElvisError(
        f"{what} can't be used on {socket.gethostname()}: {words}. argv is a list: the program, then each of its"
        " arguments; no shell reads it. Nothing was run.",
        "program",
    )
