# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Execution in the playbook process, and the way to execution on the target.

Private to damops.elvis.
"""

from __future__ import annotations

import contextlib
import functools
import gc
import os
import sys
from collections.abc import Iterator, Mapping
from typing import Any

from ansible import constants
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.plugins.action import ActionBase

from ..module_utils._elvis.logout import not_from_here
from ..module_utils._elvis.server_url import is_loopback
from ..module_utils._errors import ElvisError
from ..module_utils._http import transport
from ..module_utils._http.transport import ConnectionOptions
from ..module_utils._signals import interrupts_raise
from ..module_utils._task import handover
from ..module_utils._task.call import Call, TaskOptions
from ..module_utils._task.environment import PREFIX, Resolved, resolve
from ..module_utils._task.operation import Operation, Result
from ..module_utils._task.refused_options import refused_options
from ..module_utils._task.typed_texts import read_typed
from ._ansible import environment_of
from ._execution import VARIABLE, Circumstances, choose_execution
from ._first_screen import show_reason
from ._guard.client import check_ready, record_ended, record_opened
from ._lint import check_options
from ._no_log import hide, hide_session, refuse_to_show, values_of
from ._omitted import delegated_to, without_omitted
from ._orphan import end_with_playbook, module_at_work, playbook_is_gone
from ._secret_arguments import arguments_of, fit_to_show, hide_elsewhere, split_arguments
from ._target import refuse_old_python, refuse_windows, unseen_output
from ._trust import read_trust
from ._variables import said_by_variables

# The playbook process imports this file, before it forks workers.
read_trust(os.environ)


class ElvisAction(ActionBase):
    """Does the work of one module, in this process where it can, and hides what is secret in the result."""

    OPERATION: Operation
    _unread = ""

    def __init_subclass__(cls) -> None:
        # What ansible-lint looks for in the file of an action, to check a task's options.
        vars(sys.modules[cls.__module__])["main"] = functools.partial(check_options, cls.OPERATION.argument_spec)

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> Result:
        # The result of an async task lies on a disk until it is fetched, and is shown then.
        self._supports_async = self.OPERATION.opens is None
        spec, variables = self.OPERATION.argument_spec, task_vars or {}
        with arguments_of(self._task, spec) as arguments:
            super().run(tmp, task_vars)
            _spare_what_is_inherited()
            end_with_playbook()
            given = without_omitted(arguments, variables)
            said = said_by_variables(given, spec, variables, self._templar.template)
            hide_elsewhere(self._task, said.options, spec)
            self._unread = said.unread
            result = fit_to_show(self._task, self._run({**given, **said.options}, variables))
            show_reason(self._task, result)
            return result

    def _run(self, arguments: Mapping[str, Any], variables: dict[str, Any]) -> Result:
        try:
            if self.OPERATION.opens and not self._task.check_mode:
                refuse_to_show(self._task)
                check_ready(has_requests=transport.IMPORT_ERROR is None)
            if self.OPERATION.secret_names(arguments):
                refuse_to_show(self._task)
            environment = environment_of(self)
            execution = choose_execution(self._circumstances(variables, has_environment=bool(environment)))
            self._display.vvv(f"{self._task.action}: on the {execution.side}, because {execution.why}")
            if execution.side == "controller":
                return self._run_here(arguments)
            with module_at_work():
                return self._run_on_target(arguments, variables, environment)
        except ElvisError as error:
            return {"failed": True, "changed": False, **error.as_result()}

    def _circumstances(self, variables: Mapping[str, Any], has_environment: bool) -> Circumstances:
        delegate = delegated_to(self._task, variables)
        of_host = variables["ansible_delegated_vars"][delegate] if delegate else variables
        interpreter = constants.config.get_config_value("INTERPRETER_PYTHON", variables=of_host)
        return Circumstances(
            forced=self._templar.template(variables.get(VARIABLE, "auto")),
            transport=self._connection.transport,
            interpreter=str(self._templar.template(interpreter) or ""),
            has_async=bool(self._task.async_val),
            has_become=self._connection.become is not None,
            has_environment=has_environment,
        )

    def _run_here(self, arguments: Mapping[str, Any]) -> Result:
        resolved = self._resolve(arguments, os.environ)
        params = self._validate(resolved.options)
        call = Call(params, self._task.check_mode, self._display.v, resolved.unread, bool(self._task.diff))
        with self.OPERATION.done(call) as result:
            return self._hand_over(params, result)

    def _validate(self, arguments: Mapping[str, Any]) -> TaskOptions:
        outcome = ArgumentSpecValidator(self.OPERATION.argument_spec, **self.OPERATION.constraints).validate(arguments)
        if outcome.error_messages:
            raise refused_options(outcome.errors.errors, self._task.action, self.OPERATION.argument_spec)
        params: TaskOptions = outcome.validated_parameters
        return params

    def _run_on_target(
        self, arguments: Mapping[str, Any], variables: dict[str, Any], environment: Mapping[str, str]
    ) -> Result:
        is_async = bool(self._task.async_val)
        resolved, module_args = self._module_args(arguments, environment)
        host = delegated_to(self._task, variables) or variables["inventory_hostname"]
        refuse_windows(self, host)
        with unseen_output(self):
            returned: Result = self._execute_module(
                module_args=module_args,
                task_vars=variables,
                wrap_async=is_async and not self._connection.has_native_async,
            )
        return returned if is_async else self._receive(resolved.options, returned, host)

    def _module_args(
        self, arguments: Mapping[str, Any], environment: Mapping[str, str]
    ) -> tuple[Resolved, dict[str, Any]]:
        """Return a task's options, and what its module is given: these, and what this action wants of it."""
        # What else that environment says is not known here.
        reads_its_own = any(name.startswith(PREFIX) for name in environment)
        resolved = self._resolve(arguments, environment if reads_its_own else os.environ)
        options = arguments if reads_its_own else {**resolved.options, handover.UNREAD: resolved.unread}
        if not self._task.async_val:
            return resolved, {**options, handover.REQUEST: True}
        # The result of an async task is not for this action to read.
        shown, _secrets = split_arguments(
            arguments if reads_its_own else resolved.options, self.OPERATION.argument_spec
        )
        return resolved, {**options, handover.SHOWN: shown}

    def _resolve(self, arguments: Mapping[str, Any], environment: Mapping[str, str]) -> Resolved:
        spec = self.OPERATION.argument_spec
        resolved = resolve(read_typed(arguments, spec), spec, environment)
        if resolved.unusable:
            raise ElvisError(resolved.unusable, "bad_request")
        return resolved._replace(unread=f"{self._unread} {resolved.unread}".strip())

    def _receive(self, arguments: Mapping[str, Any], returned: Result, host: str) -> Result:
        """Return what the module handed over, with what Ansible itself found out on the way."""
        wrapped = returned.get(handover.RESULT)
        if wrapped is None:
            refuse_old_python(self, host)
            # The module did not come to its end; what it printed may hold half of a result.
            return {key: value for key, value in returned.items() if key not in ("module_stdout", "invocation")}
        result = handover.unwrap(wrapped)
        for line in result.get("log", ()):
            # What a person could have watched, had it been done here.
            self._display.v(line)
        of_ansible = ("warnings", "deprecations", "ansible_facts")
        result.update({key: returned[key] for key in of_ansible if key in returned})
        if result.get("failed"):
            return result
        other_machine = "" if self._connection.transport == "local" else host
        with interrupts_raise():
            # The module has accepted the options already: this only gives them their types.
            options = ArgumentSpecValidator(self.OPERATION.argument_spec).validate(arguments)
            params: TaskOptions = options.validated_parameters
            with self._held(params, result, other_machine):
                return self._hand_over(params, result, other_machine)

    @contextlib.contextmanager
    def _held(self, params: TaskOptions, result: Result, host: str) -> Iterator[None]:
        """Run a block that hands a result over; when it fails, the session in the result is ended, if it can be."""
        session = self.OPERATION.opens(result) if self.OPERATION.opens else None
        if not (session and host and is_loopback(session.server_url)):
            with self.OPERATION.held(result, _connection(params)):
                yield
            return
        try:
            yield
        except ElvisError as error:
            raise error.with_note(not_from_here(host)) from None

    def _hand_over(self, params: TaskOptions, result: Result, host: str = "") -> Result:
        """Return a successful result once its secrets are hidden and the guard knows of its session."""
        session = self.OPERATION.opens(result) if self.OPERATION.opens else None
        if session:
            _check_reader()
            hide_session(result, session)
            record_opened(session, _connection(params), host, keep=params["keep"])
        hide(result, list(values_of(self.OPERATION.secret_names(params), result)))
        if self.OPERATION.ends:
            record_ended(self.OPERATION.ends(params, result))
        return result


def _check_reader() -> None:
    """Make sure that the playbook still waits for the result: one that was killed leaves its workers behind.

    :raises ElvisError: when it is gone
    """
    if playbook_is_gone():
        raise ElvisError("The playbook has ended before this task did.", "internal")


@functools.cache
def _spare_what_is_inherited() -> None:
    """Keep the garbage collector, in this process, off everything that is there already."""
    # It touches all that it looks at, and in a forked worker each page that is touched first has to be copied.
    gc.freeze()


def _connection(params: TaskOptions) -> ConnectionOptions:
    """Return the connection that a login used, without a look at files that may be on the target only."""
    return ConnectionOptions.of(params)
