# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a module does, apart from how Ansible reaches it; and the door that is an ordinary module.

Private to damops.elvis.
"""

from __future__ import annotations

import contextlib
import signal
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from types import FrameType
from typing import Any, NoReturn

from ansible.module_utils.basic import AnsibleModule

from ._arguments import ArgumentSpec
from ._errors import ElvisError

Params = Mapping[str, Any]
Result = dict[str, Any]


def nothing_to_undo(_params: Params, _result: Result) -> None:
    """Undo an operation that leaves nothing behind."""


@dataclass(frozen=True)
class Operation:
    """What one module does.

    :param argument_spec: its options, in Ansible's form
    :param run: takes the validated options and whether this is check mode, returns the result, raises ElvisError;
        the result may have ``warnings``, sentences that a person should read
    :param undo: takes the options and the result when the result could not be handed over
    :param constraints: Ansible's rules about several options (``mutually_exclusive`` and its like)
    """

    argument_spec: ArgumentSpec
    run: Callable[[Params, bool], Result]
    undo: Callable[[Params, Result], None] = nothing_to_undo
    constraints: Mapping[str, Any] = field(default_factory=dict)


class _Module(AnsibleModule):
    def fail_json(self, msg: str, **kwargs: Any) -> NoReturn:
        # What Ansible's own validation refuses can be told apart by a playbook like any other failure.
        kwargs.setdefault("reason", "bad_request")
        super().fail_json(msg, **kwargs)


def run_module(operation: Operation) -> None:
    """Run an operation as a module: options from Ansible, result or failure back to it."""
    module = _Module(  # type: ignore[no-untyped-call]
        operation.argument_spec, supports_check_mode=True, **operation.constraints
    )
    for name in ("SIGTERM", "SIGHUP"):
        signal.signal(getattr(signal, name), _interrupt)
    failure, result = None, {}
    try:
        result = operation.run(module.params, module.check_mode)
    except ElvisError as error:
        failure = error
    # Outside of the except clause, or Ansible would show the traceback at -vvv.
    if failure:
        module.fail_json(**failure.as_result())
    for warning in result.pop("warnings", ()):
        module.warn(warning)
    with _undone_unless_handed_over(operation, module.params, result):
        module.exit_json(**result)


@contextlib.contextmanager
def _undone_unless_handed_over(operation: Operation, params: Params, result: Result) -> Iterator[None]:
    try:
        yield
    except SystemExit:
        raise  # how exit_json ends once everything is written
    except BaseException:
        operation.undo(params, result)
        raise


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt
