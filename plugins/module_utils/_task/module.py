# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Execution on the target, as an ordinary module. Private to damops.elvis."""

from __future__ import annotations

import os
import sys
from typing import Any, NoReturn

from .._errors import ElvisError
from . import handover
from ._ansible import OpenModule
from .call import Call
from .environment import resolve
from .operation import Operation, Result
from .refused_options import refused_options
from .typed_texts import read_typed


class _Module(OpenModule):
    is_handed_over = False
    shown: dict[str, Any] | None = None
    unread: str | None = None
    unusable = ""

    def take_params(self) -> None:
        self.is_handed_over = bool(self.params.pop(handover.REQUEST, False))
        self.shown = self.params.pop(handover.SHOWN, None)
        self.unread = self.params.pop(handover.UNREAD, None)
        if self.unread is None:
            given = read_typed(self.params, self.argument_spec)
            self.params, self.unread, self.unusable = resolve(given, self.argument_spec, os.environ)

    def exit_json(self, **result: Any) -> NoReturn:
        try:
            super().exit_json(**self._for_whom_it_is(result))
        finally:
            # Or nobody would notice when the other end of the output is gone.
            sys.stdout.flush()

    def fail_json(self, msg: str, **result: Any) -> NoReturn:
        # Without a reason it is Ansible's own validation that refuses the options.
        failure = result if "reason" in result else self._refused_options().as_result()
        failure = {"msg": msg, "failed": True, "changed": False, **failure}
        super().fail_json(**{"msg": failure["msg"], **self._for_whom_it_is(failure)})

    def _refused_options(self) -> ElvisError:
        return refused_options(self.validation_result.errors.errors, self.own_name, self.argument_spec)

    def warned(self, result: Result) -> Result:
        """Return a result without its warnings, which Ansible is given to show."""
        for warning in result.get("warnings", ()):
            self.warn(warning)
        return {key: value for key, value in result.items() if key != "warnings"}

    def _for_whom_it_is(self, result: Result) -> Result:
        if self.is_handed_over:
            return {handover.RESULT: handover.wrap(result)}
        # Ansible would show the arguments without the values of secret options, but not what is in a text for a dict.
        return result if self.shown is None else {**result, "invocation": {"module_args": self.shown}}


def run_module(operation: Operation) -> None:
    """Run an operation as a module: options from Ansible, result or failure back to it."""
    module = _Module(operation.argument_spec, supports_check_mode=True, **operation.constraints)
    call = Call(module.params, module.check_mode, unread=module.unread or "", diff=module.shows_diff)
    failure: Result = {}
    try:
        if module.unusable:
            raise ElvisError(module.unusable, "bad_request")
        with operation.done(call) as result:
            module.exit_json(**module.warned(result))
    except ElvisError as error:
        failure = error.as_result()
    module.fail_json(**module.warned(failure))
