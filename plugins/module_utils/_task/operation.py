# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a module does, apart from how Ansible reaches it. Private to damops.elvis."""

from __future__ import annotations

import contextlib
import traceback
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .._elvis.client import Client
from .._elvis.logout import given_back_on_failure
from .._elvis.session import Session
from .._errors import ElvisError
from .._http.transport import ConnectionOptions
from .._signals import interrupts_raise, interrupts_wait
from .._text import escaped
from .arguments import CONNECTION_ARGUMENTS, SESSION_ARGUMENTS, SESSION_CONSTRAINTS, ArgumentSpec
from .call import Call, TaskOptions
from .ending import ended

Result = dict[str, Any]

OURS = Path(__file__).parents[2]
"""The folder of the collection's plugins."""
Work = Callable[[Call], Result]


def _no_names(_options: TaskOptions) -> Collection[str]:
    return ()


@dataclass(frozen=True)
class Operation:
    """What one module does.

    :param arguments: its options besides those of the connection, in Ansible's form
    :param work: returns the result of a call, or raises ElvisError
    :param opens: returns the session that a result brings, None when that one is simulated; left out
        where a module never opens one
    :param ends: returns the token (or the cookie) of the session that is over, from the task's options and its result
    :param constraints: Ansible's rules about several options (``mutually_exclusive`` and its like)
    :param secret_names: returns the names under which a result holds what must not be shown, from the task's options
    """

    arguments: ArgumentSpec
    work: Work
    opens: Callable[[Result], Session | None] | None = None
    ends: Callable[[TaskOptions, Result], str | None] | None = None
    constraints: Mapping[str, Any] = field(default_factory=dict)
    secret_names: Callable[[TaskOptions], Collection[str]] = _no_names

    @property
    def argument_spec(self) -> ArgumentSpec:
        """All its options."""
        return {**self.arguments, **CONNECTION_ARGUMENTS}

    def run(self, call: Call) -> Result:
        """Do the work of one task; result and error have the ``warnings`` that it gave, if any.

        :raises ElvisError: and no other exception, but for interrupts: the text of others may hold anything
        """
        try:
            result = self.work(call)
        except ElvisError as error:
            mistake = ended(error, call, opens_session=self.opens is not None)
            # A path of the server's, or a name on a disk, may have anything in it.
            mistake.message = escaped(mistake.message)
            mistake.warnings = call.warnings
        except Exception as error:  # noqa: BLE001 - told by its name and place, never by its text
            mistake = _mistake(error)
            mistake.warnings = call.warnings
        else:
            shown = {**result, "msg": escaped(result["msg"])} if "msg" in result else result
            return {**shown, "warnings": call.warnings} if call.warnings else shown
        raise mistake

    @contextlib.contextmanager
    def done(self, call: Call) -> Iterator[Result]:
        """Do the work of one task, for a block that hands the result over.

        An answer that grants a session is waited for, whoever asks this process to end: only then can it be ended.

        :raises ElvisError: and no other exception, but for interrupts
        """
        with interrupts_raise(), contextlib.ExitStack() as stack:
            if self.opens is None:
                yield self.run(call)
                return
            with interrupts_wait():
                result = self.run(call)
                stack.enter_context(self.held(result, call.connection))
            yield result

    @contextlib.contextmanager
    def held(self, result: Result, connection: ConnectionOptions) -> Iterator[None]:
        """Run a block that hands a result over; when it fails, the session in the result is ended.

        :param connection: the way to the session's server
        """
        session = self.opens(result) if self.opens else None
        with given_back_on_failure(Client.of(session, connection)) if session else contextlib.nullcontext():
            yield


def session_operation(
    arguments: ArgumentSpec,
    work: Work,
    simulate: Work,
    without_session: Work | None = None,
    ends: Callable[[TaskOptions, Result], str | None] | None = None,
    constraints: Mapping[str, Any] | None = None,
    secret_names: Callable[[TaskOptions], Collection[str]] = _no_names,
) -> Operation:
    """Return the operation of a module that works with a session; for what the parameters are, see ``in_session``."""
    of_session = SESSION_CONSTRAINTS["mutually_exclusive"]
    rules = dict(constraints or {})
    rules["mutually_exclusive"] = [*of_session, *rules.get("mutually_exclusive", ())]
    return Operation(
        {**SESSION_ARGUMENTS, **arguments},
        in_session(work, simulate, without_session),
        ends=ends,
        constraints=rules,
        secret_names=secret_names,
    )


def in_session(work: Work, simulate: Work, without_session: Work | None = None) -> Work:
    """Return work that is done with a session.

    :param work: gets session and client from ``call.opened``
    :param simulate: makes the result with a session that a login in check mode made up: nothing may be sent
    :param without_session: makes the result with an empty session, which a login that failed leaves behind; without
        it, such a session is an error
    """

    def run(call: Call) -> Result:
        if call.session is None and without_session:
            return without_session(call)
        if call.opened.session.simulated:
            return {**simulate(call), "simulated": True}
        return work(call)

    return run


def uncompared(**keys: Any) -> Work:
    """Return a ``simulate`` for a module that compares with what is on the server: it expects a change.

    :param keys: what its result has besides: lists are empty, and never null
    """

    def simulate(call: Call) -> Result:
        call.warn("The session is simulated, so nothing was compared with the server.")
        message = f"Check mode: nothing was sent to {call.opened.session.server_url}, and nothing was compared."
        return {**keys, "changed": True, "msg": message}

    return simulate


def _mistake(error: Exception) -> ElvisError:
    frames = traceback.extract_tb(error.__traceback__)
    ours = next(frame for frame in reversed(frames) if OURS in Path(frame.filename).parents)
    mistake = ElvisError(
        f"This is a mistake in the collection damops.elvis ({type(error).__name__} in {_place(ours)}). Please report"
        " it, with the text under exception, and the version of the collection and of ansible-core. (ansible-core"
        " 2.19 and newer show the exception with ANSIBLE_DISPLAY_TRACEBACK=error.)",
        "internal",
    )
    # What Ansible shows as a traceback. Without the text of the exception, and without values: these may be anything.
    places = [f"  {_place(frame)}" for frame in frames]
    mistake.done["exception"] = "\n".join(["Traceback (most recent call last):", *places, type(error).__name__])
    return mistake


def _place(frame: traceback.FrameSummary) -> str:
    path = Path(frame.filename)
    name = path.relative_to(OURS.parent) if OURS in path.parents else Path(*path.parts[-2:])
    return f"{name}, line {frame.lineno}, in {frame.name}"
