# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs jobs as AWX does: ansible-runner sends one to a worker, on a machine of its own, and reads what comes back.

Only the container around the worker is missing. Its files are gone at the end of a job, as a container's are.
"""

from __future__ import annotations

import io
import json
import os
import shlex
import shutil
import signal
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

import ansible_runner
import yaml

from tests.awx.credentials import Injected, inject
from tests.awx.launching import extra_variables, shown_output
from tests.integration.support import BIN, Ansible, environment_for
from tests.support.emulator import ROOT

GUARDED = {"ANSIBLE_CALLBACKS_ENABLED": "damops.elvis.session_guard"}
"""What the execution environment has."""
HERE = {"ansible_connection": "local", "ansible_python_interpreter": "{{ ansible_playbook_python }}"}
"""What configure.yml says of localhost."""
WORKER = str(BIN / "ansible-runner"), "worker"
ACTION_PLUGINS = ROOT / "tests/integration/action_plugins"
IDENT = "42"
# What ansible-runner writes of its own accord, with the environment that it was given: docs/awx.md says so.
GIVEN = frozenset({f"artifacts/{IDENT}/command"})
SECONDS_TO_END = 200


@dataclass(frozen=True)
class Order:
    """A job that is to be run.

    :param playbook: a file of the project, which is this repository, or a play
    :param inputs: those of a credential of the type Elvis DAM
    :param answers: to the survey
    :param hosts: what AWX puts into the inventory, of the slice when there are several
    :param variables: the template's own variables
    :param environment: what an execution environment sets
    :param job_type: run or check
    :param template: the name of the job template
    :param limit: that of the template, empty for none
    """

    playbook: str | Mapping[str, Any]
    inputs: Mapping[str, Any] = field(default_factory=dict)
    answers: Mapping[str, Any] = field(default_factory=dict)
    hosts: Mapping[str, Mapping[str, Any]] = field(default_factory=lambda: {"localhost": HERE})
    variables: Mapping[str, Any] = field(default_factory=dict)
    environment: Mapping[str, str] = field(default_factory=lambda: GUARDED)
    verbosity: int = 0
    forks: int = 5
    job_type: str = "run"
    template: str = "Elvis: test"
    limit: str = ""

    @property
    def all_variables(self) -> dict[str, Any]:
        """All extra variables, with those that AWX adds (`Job.awx_meta_vars`)."""
        own = {"job_id": int(IDENT), "job_launch_type": "manual", "job_template_name": self.template}
        added = {f"{prefix}_{name}": value for prefix in ("awx", "tower") for name, value in own.items()}
        return {**self.variables, **self.answers, **added}


@dataclass
class Job:
    """A job, while it runs and afterwards.

    :param folder: AWX's own, with what came back
    :param worker_folder: that of the worker; a container would have it as /runner
    :param events: all job events, as AWX keeps them
    :param environment: what AWX keeps and shows of the environment
    """

    folder: Path
    worker_folder: Path
    process: subprocess.Popen[bytes]
    injected: Injected
    status: str = ""
    events: list[dict[str, Any]] = field(default_factory=list)
    environment: dict[str, str] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)

    @property
    def output(self) -> str:
        """The whole output of the job, as one downloads it."""
        return "\n".join(event["stdout"] for event in self.events if event.get("stdout"))

    @property
    def last_lines(self) -> str:
        """The last 20 lines that AWX shows of the job's output."""
        shown = "\n".join(filter(None, map(shown_output, self.events)))
        return "\n".join([line for line in shown.splitlines() if line.strip()][-20:])

    @property
    def artifacts(self) -> dict[str, Any]:
        """What set_stats left for the next node of a workflow (`RunnerCallback.event_handler`)."""
        return dict(self.events[-1]["event_data"].get("artifact_data") or {})

    def result_of(self, task: str) -> dict[str, Any]:
        """Return the result of a task that went well, as its event has it."""
        (found,) = (
            event["event_data"]["res"]
            for event in self.events
            if event["event"] == "runner_on_ok" and event["event_data"]["task"] == task
        )
        return dict(found)

    def cancel(self) -> None:
        """Cancel the job, as AWX does through its worker."""
        self.process.send_signal(signal.SIGTERM)

    def end(self) -> None:
        """Wait until the worker is done, and take in all that it sends."""
        stream, _nothing = self.process.communicate(timeout=SECONDS_TO_END)
        ansible_runner.interface.run(
            streamer="process",
            _input=io.BytesIO(stream),
            private_data_dir=str(self.folder),
            ident=IDENT,
            quiet=True,
            event_handler=self._on_event,
            status_handler=self._on_status,
            cancel_callback=_never,
        )
        self.files = {
            f"{folder.name}/{path.relative_to(folder)}": path.read_text(encoding="utf-8", errors="replace")
            for folder in (self.folder, self.worker_folder)
            for path in sorted(folder.rglob("*"))
            if path.is_file()
        }

    def seen(self) -> dict[str, str]:
        """Return all that the job left somewhere, by where, but for what ansible-runner was given."""
        return {
            "what AWX shows of the environment": json.dumps(self.environment),
            **{name: text for name, text in self.files.items() if not _is_given(Path(name.partition("/")[2]))},
        }

    def _on_event(self, event: dict[str, Any]) -> bool:
        self.events.append(event)
        return True

    def _on_status(self, status: dict[str, Any], runner_config: Any) -> None:
        self.status = status["status"]
        if self.status == "starting":
            # As AWX does: what it hides replaces what there is.
            self.environment = {**runner_config.env, **self.injected.shown}


def run(ansible: Ansible, order: Order) -> Job:
    """Run a job to its end."""
    with started(ansible, order) as job:
        job.end()
    return job


@contextmanager
def started(ansible: Ansible, order: Order) -> Iterator[Job]:
    """Start a job; at the end nothing of it is left."""
    folder, worker_folder, own = (ansible.new_folder() for dummy in range(3))
    injected = inject(order.inputs, folder)
    environment = {**injected.mounted(worker_folder), **_on_this_machine(ansible)}
    process = subprocess.Popen(
        [*WORKER, "--private-data-dir", str(worker_folder)],
        env={
            **environment_for(own, ansible.collections),
            "ANSIBLE_ACTION_PLUGINS": str(ACTION_PLUGINS),
            **order.environment,
        },
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    with process:
        try:
            assert process.stdin
            with process.stdin as worker:
                _transmit(folder, order, environment, worker)
            process.stdin = None
            yield Job(folder, worker_folder, process, injected)
        finally:
            process.kill()
            shutil.rmtree(worker_folder, ignore_errors=True)


def slices(hosts: Sequence[str], count: int) -> list[list[str]]:
    """Return the hosts of each slice (`Inventory.get_sliced_hosts`)."""
    return [sorted(hosts)[number::count] for number in range(count)]


def _transmit(folder: Path, order: Order, environment: Mapping[str, str], worker: IO[bytes]) -> None:
    """Fill AWX's folder of a job, and send it to a worker."""
    _write(folder / "inventory/hosts.yml", {"all": {"hosts": {name: dict(of) for name, of in order.hosts.items()}}})
    (folder / "env/extravars").write_text(extra_variables(order.all_variables, order.variables), encoding="utf-8")
    # As `RunJob.build_args` does, with no credential of the type Machine.
    check = ["--check"] if order.job_type == "check" else []
    limit = ["-l", order.limit] if order.limit else []
    (folder / "env/cmdline").write_text(shlex.join([*check, "-u", "root", *limit]), encoding="utf-8")
    _write(folder / "env/settings", {"pexpect_timeout": 0.1})
    project = folder / "project"
    if isinstance(order.playbook, str):
        for part in ("playbooks", "examples"):
            shutil.copytree(ROOT / part, project / part)
        playbook = order.playbook
    else:
        _write(project / "playbook.yml", [dict(order.playbook)])
        playbook = "playbook.yml"
    ansible_runner.interface.run(
        streamer="transmit",
        _output=worker,
        private_data_dir=str(folder),
        ident=IDENT,
        playbook=playbook,
        inventory=str(folder / "inventory"),
        envvars=dict(environment),
        suppress_env_files=True,
        verbosity=order.verbosity or None,
        forks=order.forks,
        fact_cache_type="jsonfile",
        cancel_callback=_never,
    )


def _on_this_machine(ansible: Ansible) -> dict[str, str]:
    """Return what is found in a container without being told."""
    return {"PATH": f"{ansible.program.parent}{os.pathsep}{os.environ['PATH']}"}


def _is_given(path: Path) -> bool:
    return path.parts[0] == "env" or path.as_posix() in GIVEN


def _write(path: Path, content: object) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(yaml.safe_dump(content, sort_keys=False), encoding="utf-8")


def _never() -> bool:
    """Say that nobody cancels. Without that, ansible-runner would take over the signals of the tests."""
    return False
