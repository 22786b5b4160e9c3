# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs playbooks with the installed collection, and tells what came of them."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from tests.support.assets import Dam
from tests.support.emulator import Emulator
from tests.support.private import shared_cache
from tools import collection

BIN = Path(sys.executable).parent
SECONDS_TO_RUN = 300

EXECUTIONS = ("controller", "target")
"""The values of damops_elvis_execution that tests run with, once with each. What auto chooses is a test of its own."""

SESSIONS = ("/services/apilogin", "/services/logout")
"""The calls that begin and end a session."""

Result = dict[str, Any]

LOGIN: Mapping[str, Any] = {
    "damops.elvis.elvis_login": {"server_url": "{{ url }}", "username": "alice", "password": "wonderland"},
    "register": "elvis",
}
"""A task that logs in to the emulated server at ``url``."""

_OF_THIS_MACHINE = re.compile(
    r"(ANSIBLE|ELVIS)_.*|PYTHONDONTWRITEBYTECODE|.*_PROXY|(REQUESTS|CURL)_CA_BUNDLE|SSL_CERT_.*|NETRC", re.IGNORECASE
)


@dataclass(frozen=True)
class Run:
    """What came of a playbook. `results` are the registered variables, as a playbook sees them."""

    returncode: int
    stdout: str
    stderr: str
    results: dict[str, Result] = field(default_factory=dict)

    @property
    def output(self) -> str:
        """All that a person who watches the run can see."""
        return self.stdout + self.stderr


class ThreeRuns(NamedTuple):
    """What came of a check, of the real run after it, and of a second one.

    :param writes: what each called to change something, but for its session
    :param dam: a user of the server
    """

    check: Run
    real: Run
    again: Run
    writes: list[list[str]]
    dam: Dam


@dataclass(frozen=True)
class Ansible:
    """Runs playbooks with the collections in one folder, whatever this machine has set up for Ansible.

    :param program: ansible-playbook, of the ansible-core to test with
    :param new_folder: makes an empty folder for a run
    :param execution: what the extra variable damops_elvis_execution says; it is not set for auto
    :param target_python: the interpreter of the modules that run on the target, where it is not Ansible's own
    """

    program: Path
    collections: Path
    new_folder: Callable[[], Path]
    execution: str
    target_python: Path | None = None

    @cached_property
    def core(self) -> tuple[int, ...]:
        """The version of ansible-core, such as (2, 19)."""
        shown = subprocess.run([self.program, "--version"], check=True, capture_output=True, text=True).stdout
        found = re.search(r"\[core (\d+)\.(\d+)", shown)
        assert found, shown
        return int(found[1]), int(found[2])

    def playbook(
        self,
        path: Path,
        *arguments: str,
        env: Mapping[str, str] | None = None,
        may_warn: bool = False,
        seconds: float = SECONDS_TO_RUN,
    ) -> Run:
        """Run a playbook as it stands; nothing that it registers is kept. A warning is a failure.

        :param env: variables of the process that runs the playbook
        :param seconds: how long it may take
        """
        return self._run(self.new_folder(), path, *arguments, env=env, may_warn=may_warn, seconds=seconds)

    def play(
        self,
        tasks: str | Sequence[Mapping[str, Any]],
        *arguments: str,
        env: Mapping[str, str] | None = None,
        may_warn: bool = False,
        keep: Iterable[str] = (),
        **keywords: Any,
    ) -> Run:
        """Run tasks, given as YAML or as data, and keep all that they register, failures included.

        :param keep: variables that a role or a file of tasks registers
        :param keywords: further keywords of the play, such as ``vars`` and ``module_defaults``
        """
        block = yaml.safe_load(tasks) if isinstance(tasks, str) else tasks
        folder = self.new_folder()
        kept = folder / "results.json"
        play = {
            "hosts": "localhost",
            "gather_facts": False,
            "tasks": [{"block": block, "always": [_keep({*_registered(block), *keep}, kept)]}],
            **keywords,
        }
        path = folder / "playbook.yml"
        path.write_text(yaml.safe_dump([play], sort_keys=False), encoding="utf-8")
        run = self._run(folder, path, *arguments, env=env, may_warn=may_warn)
        assert kept.exists(), run.output
        results = json.loads(kept.read_text(encoding="utf-8"))
        run.results.update({name: result for name, result in results.items() if result is not None})
        return run

    def play_at(
        self,
        server: Emulator,
        tasks: str,
        *arguments: str,
        vars: Mapping[str, str] | None = None,  # noqa: A002
    ) -> Run:
        """Run tasks that name no server at one, which forgets first what it was asked before; none of them may fail."""
        server.forget_requests()
        defaults = {"group/damops.elvis.elvis": {"server_url": server.url}}
        run = self.play(tasks, *arguments, vars=dict(vars or {}), module_defaults=defaults)
        assert run.returncode == 0, run.output
        return run

    def check_run_and_repeat(self, dam: Dam, tasks: str, **variables: str) -> ThreeRuns:
        """Run tasks at a user's server in check mode, for real, and once more; none of them may fail."""
        writes: list[list[str]] = []

        def play(*arguments: str) -> Run:
            run = self.play_at(dam._elvis, tasks, *arguments, vars=variables)
            writes.append([path for path in dam.writes() if not path.endswith(SESSIONS)])
            return run

        return ThreeRuns(play("--check", "--diff"), play("--diff"), play(), writes, dam)

    def table(
        self,
        module: str,
        rows: Mapping[str, Mapping[str, Any]],
        *arguments: str,
        env: Mapping[str, str] | None = None,
        may_warn: bool = False,
        **keywords: Any,
    ) -> Run:
        """Run a module of the collection once for each row of options, in one play; the results bear the rows' names.

        A row that fails stops nothing. `keywords` are further keywords of each task.
        """
        tasks = [
            {
                "name": name,
                f"damops.elvis.{module}": {option: f"{{{{ rows.{name}.{option} }}}}" for option in options},
                "register": name,
                "ignore_errors": True,
                **keywords,
            }
            for name, options in rows.items()
        ]
        # Ansible shows the lines around a task that fails: the values, which may be secret, stand elsewhere.
        values = {"rows": {name: dict(options) for name, options in rows.items()}}
        return self.play(tasks, *arguments, env=env, may_warn=may_warn, vars=values)

    def task(self, module: str, options: Mapping[str, Any], *arguments: str, **more: Any) -> Result:
        """Run one module of the collection and return its result, a failure as well; see `table`."""
        return self.table(module, {"outcome": options}, *arguments, **more).results["outcome"]

    def _extra_variables(self) -> dict[str, str]:
        if self.execution == "auto":
            return {}
        is_elsewhere = self.execution == "target" and self.target_python
        interpreter = {"ansible_python_interpreter": str(self.target_python)} if is_elsewhere else {}
        return {"damops_elvis_execution": self.execution, **interpreter}

    def _run(
        self,
        folder: Path,
        path: Path,
        *arguments: str,
        env: Mapping[str, str] | None,
        may_warn: bool,
        seconds: float = SECONDS_TO_RUN,
    ) -> Run:
        extra_variables = self._extra_variables()
        forced = ("-e", json.dumps(extra_variables)) if extra_variables else ()
        done = subprocess.run(
            [self.program, path, *forced, *arguments],
            cwd=folder,
            env={**environment_for(folder, self.collections), **(env or {})},
            check=False,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=seconds,
        )
        run = Run(done.returncode, done.stdout, done.stderr)
        assert may_warn or not re.search(r"\[(DEPRECATION )?WARNING\]", run.output), run.output
        return run


def environment_for(folder: Path, collections: Path) -> dict[str, str]:
    """Return the environment for Ansible's programs: nothing of this machine's or this user's own settings."""
    config = folder / "ansible.cfg"
    config.touch()
    return {
        **{name: value for name, value in os.environ.items() if not _OF_THIS_MACHINE.fullmatch(name)},
        # Here is no .netrc and no .ansible either.
        "HOME": str(folder),
        "XDG_CACHE_HOME": str(shared_cache()),
        "LC_ALL": "C.UTF-8",
        "ANSIBLE_CONFIG": str(config),
        "ANSIBLE_HOME": str(folder / "ansible"),
        "ANSIBLE_REMOTE_TMP": str(folder / "ansible/remote"),
        "ANSIBLE_ASYNC_DIR": str(folder / "ansible/async"),
        "ANSIBLE_COLLECTIONS_PATH": str(collections),
        "ANSIBLE_ACTION_PLUGINS": str(Path(__file__).with_name("action_plugins")),
        # It would warn that there is no inventory: localhost is all that is needed.
        "ANSIBLE_LOCALHOST_WARNING": "false",
        "ANSIBLE_INVENTORY_UNPARSED_WARNING": "false",
    }


def install_collection(folder: Path) -> Path:
    """Install the collection as a user would, from the artifact that goes to Galaxy, and return where it is."""
    installed = folder / "collections"
    subprocess.run(
        [
            BIN / "ansible-galaxy",
            "collection",
            "install",
            "--offline",
            "-p",
            installed,
            collection.build(folder / "artifact"),
        ],
        env=environment_for(folder, installed),
        check=True,
        stdout=subprocess.DEVNULL,
    )
    return installed


def foreknown(result: Result) -> Result:
    """Return what of a result a check says as well as the real run after it."""
    return {name: value for name, value in result.items() if name not in ("seconds", "msg", "exception")}


def comparable(result: Any) -> Any:
    """Return a result without what differs from one time to the next: secrets, dates and times."""
    if isinstance(result, dict):
        return {
            name: "(differs)" if name in _DIFFERS and value else comparable(value) for name, value in result.items()
        }
    if isinstance(result, list):
        return [comparable(item) for item in result]
    return _TIME.sub("(time)", result) if isinstance(result, str) else result


_DIFFERS = {"auth_token", "csrf_token", "cookie", "Authorization", "Cookie", "X-CSRF-TOKEN", "expires_in", "date"}
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")


def _registered(tasks: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    for task in tasks:
        if "register" in task:
            yield task["register"]
        for section in ("block", "rescue", "always"):
            yield from _registered(task.get(section, ()))


def _keep(names: set[str], path: Path) -> Mapping[str, Any]:
    """Return the task that writes registered variables to a file."""
    variables = ", ".join(f"'{name}': {name} | default(none)" for name in sorted(names))
    return {
        "name": "Keep what was registered",
        "keep": {"content": f"{{{{ {{{variables}}} | to_json }}}}", "dest": str(path)},
        "no_log": True,
    }
