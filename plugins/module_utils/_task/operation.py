# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a module does, apart from how Ansible reaches it. Private to damops.elvis."""

from __future__ import annotations

import contextlib
import traceback
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from .._elvis.client import Client
from .._elvis.logout import given_back_on_failure
from .._elvis.session import Session
from .._errors import ElvisError
from .._http.transport import ConnectionOptions
from .._signals import interrupts_raise, interrupts_wait
from .arguments import ArgumentSpec
from .connection import read_connection

TaskOptions = Mapping[str, Any]
Result = dict[str, Any]


def _tell_nobody(_sentence: str) -> None:
    pass


class Call(NamedTuple):
    """One task for an operation.

    :param params: the options, validated
    :param check_mode: whether nothing may be changed
    :param tell: takes a sentence on the progress, for a person who asked for more output
    :param warn: takes a sentence that a person should read, whatever becomes of the task
    """

    params: TaskOptions
    check_mode: bool = False
    tell: Callable[[str], None] = _tell_nobody
    warn: Callable[[str], None] = _tell_nobody


@dataclass(frozen=True)
class Operation:
    """What one module does.

    :param argument_spec: its options, in Ansible's form
    :param work: returns the result of a call, or raises ElvisError
    :param opens: returns the session that a result brings, None when that one is simulated; left out
        where a module never opens one
    :param ends: returns the token (or the cookie) of the session that is over, from the task's options and its result
    :param constraints: Ansible's rules about several options (``mutually_exclusive`` and its like)
    """

    argument_spec: ArgumentSpec
    work: Callable[[Call], Result]
    opens: Callable[[Result], Session | None] | None = None
    ends: Callable[[TaskOptions, Result], str | None] | None = None
    constraints: Mapping[str, Any] = field(default_factory=dict)

    def run(self, call: Call) -> Result:
        """Do the work of one task; result and error have the ``warnings`` that it gave, if any.

        :raises ElvisError: and no other exception, but for interrupts: the text of others may hold anything
        """
        warnings: list[str] = []
        try:
            result = self.work(call._replace(warn=warnings.append))
        except ElvisError as error:
            error.warnings = warnings
            raise
        except Exception as error:  # noqa: BLE001 - told by its name and place, never by its text
            mistake = _mistake(error)
            mistake.warnings = warnings
        else:
            return {**result, "warnings": warnings} if warnings else result
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
                stack.enter_context(self.held(result, read_connection(call.params)))
            yield result

    @contextlib.contextmanager
    def held(self, result: Result, connection: ConnectionOptions) -> Iterator[None]:
        """Run a block that hands a result over; when it fails, the session in the result is ended.

        :param connection: the way to the session's server
        """
        session = self.opens(result) if self.opens else None
        with given_back_on_failure(Client.of(session, connection)) if session else contextlib.nullcontext():
            yield


def _mistake(error: Exception) -> ElvisError:
    place = traceback.extract_tb(error.__traceback__)[-1]
    return ElvisError(
        f"This is a mistake in the collection damops.elvis ({type(error).__name__} in {Path(place.filename).name},"
        f" line {place.lineno}). Please report it, with the version of the collection and of ansible-core.",
        "internal",
    )
