# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an operator sets up in the first week: the watch over the nightly import, and the import in cron."""

from __future__ import annotations

import fcntl
import json
import os
import re
import subprocess
import textwrap
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.integration.support import Ansible, Run
from tests.support.emulator import ROOT, Emulator

EXAMPLES = ROOT / "examples"
CRONTAB = (EXAMPLES / "cron/crontab").read_text(encoding="utf-8")
HOUR = 3600


def page(name: str) -> str:
    return (ROOT / f"docs/guides/{name}.md").read_text(encoding="utf-8")


def leave_report(folder: Path, hours: float, *outcomes: str) -> None:
    """Leave a report as a run of so many hours ago did."""
    ended = time.time() - hours * HOUR
    name = time.strftime("elvis-import-%Y-%m-%dT%H%M%S.000000Z-01.jsonl", time.gmtime(ended))
    lines = (json.dumps({"outcome": outcome, "id": None, "path": "/Demo Zone/1.txt"}) for outcome in outcomes)
    (folder / name).write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    os.utime(folder / name, (ended, ended))


def watch(installed: Ansible, folder: Path, *arguments: str, may_warn: bool = False) -> Run:
    return installed.playbook(
        EXAMPLES / "watch_import.yml", "-e", f"elvis_report={folder}", *arguments, may_warn=may_warn
    )


@pytest.mark.parametrize(
    ("reports", "alert"),
    [
        # What failed the night before was done since, and last night no file arrived.
        ([(26, "failed", "created"), (2, "unchanged")], ""),
        ([(30, "created")], "during the last 26h. The job never started, or it ended before it read the folder."),
        ([(26, "created"), (2, "created", "failed")], "The last import failed."),
        ([(60, "created"), (26, "unchanged"), (2,)], "stored no file during the last 50h."),
    ],
)
def test_the_watch_says_what_is_wrong(
    reports: list[tuple[float, *tuple[str, ...]]], alert: str, installed: Ansible, tmp_path: Path
) -> None:
    for hours, *outcomes in reports:
        leave_report(tmp_path, hours, *outcomes)
    # Neither is a report.
    (tmp_path / "elvis-import.log").write_text('{"outcome": "failed"}', encoding="utf-8")
    (tmp_path / "elvis-import-x.jsonl").mkdir()

    run = watch(installed, tmp_path)

    assert run.returncode == (2 if alert else 0), run.output
    assert alert in " ".join(run.stdout.split())


def test_the_watch_over_a_folder_that_is_not_there(
    installed: Ansible, over_ssh: tuple[str, ...], tmp_path: Path
) -> None:
    run = watch(installed, tmp_path / "nowhere", *over_ssh, "-e", "elvis_host=far", may_warn=True)

    assert run.returncode == 2
    assert "26h, and that folder is not there." in " ".join(run.stdout.split())


def test_the_watch_over_a_machine_that_the_inventory_lacks_is_no_silence(installed: Ansible, tmp_path: Path) -> None:
    leave_report(tmp_path, 2, "created")
    nobody = ("-e", "elvis_host=filer.invalid", "-e", "ansible_ssh_common_args='-o BatchMode=yes'")

    assert watch(installed, tmp_path, *nobody, may_warn=True).returncode != 0


@dataclass(frozen=True)
class Cron:
    """The home of a user whose crontab has the jobs of the example."""

    home: Path
    installed: Ansible

    @property
    def path(self) -> str:
        return f"{EXAMPLES / 'cron'}:{self.installed.program.parent}:/usr/bin:/bin"

    def run(self, job: str, crontab: str = CRONTAB) -> subprocess.CompletedProcess[str]:
        """Run a job as cron does: what it prints would be a mail."""
        (command,) = re.findall(rf"^[*\d ]+ ((?:elvis-job|flock) .*\b{job}\b.*)$", crontab, re.MULTILINE)
        folder = self.installed.collections
        for shown, here in {"~/.ansible/collections": str(folder), "/srv": str(self.home)}.items():
            command = command.replace(shown, here)
        environment = {"HOME": str(self.home), "PATH": self.path, "LC_ALL": "C.UTF-8"}
        return subprocess.run(
            ["/bin/sh", "-c", command], env=environment, cwd=self.home, check=False, capture_output=True, text=True
        )


@pytest.fixture
def cron(installed: Ansible, server: Emulator, tmp_path: Path) -> Cron:
    for name in ("inbox", "reports"):
        (tmp_path / name).mkdir()
    (tmp_path / "elvis.env").write_text(
        f"ELVIS_SERVER_URL={server.url}\nELVIS_USERNAME=alice\nELVIS_PASSWORD='wonderland'\n"
        f"ANSIBLE_COLLECTIONS_PATH={installed.collections}\n",
        encoding="utf-8",
    )
    variables = {
        "elvis_src": str(tmp_path / "inbox"),
        "elvis_path": "/Demo Zone/Inbox",
        "elvis_min_age": 0,
        "elvis_report": str(tmp_path / "reports"),
        # The tests may run in a container themselves.
        "elvis_in_container": False,
    }
    (tmp_path / "elvis-import.yml").write_text(json.dumps(variables), encoding="utf-8")
    return Cron(tmp_path, installed)


def test_cron_sends_no_mail_when_all_went_well_and_one_that_says_why_when_not(cron: Cron) -> None:
    empty, watch = cron.run("import"), cron.run("watch_import")
    assert (empty.returncode, empty.stdout, empty.stderr) == (0, "", "")
    assert watch.returncode == 2
    assert "The import runs, and stored no file" in watch.stdout

    (cron.home / "inbox/what?.txt").write_text("a name that a DAM does not take", encoding="utf-8")
    failed = cron.run("import")
    assert (failed.returncode, failed.stderr) == (2, "")
    assert failed.stdout.startswith("import failed with exit code 2:\n")
    assert "what?.txt is not sent to" in failed.stdout
    assert "wonderland" not in failed.stdout

    (cron.home / "inbox/what?.txt").rename(cron.home / "inbox/1.txt")
    for done in (cron.run("import"), cron.run("watch_import")):
        assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_cron_never_runs_a_job_twice_at_the_same_time(cron: Cron, server: Emulator) -> None:
    with (cron.home / "import.lock").open("w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        bare = cron.run("import", page("two_at_once"))
        done = cron.run("import")

    assert (bare.returncode, bare.stdout, bare.stderr) == (1, "", "")
    assert (done.returncode, done.stdout) == (75, "import did not start: the run before it is not over.\n")
    assert server.requests() == []


def test_the_pages_show_what_is_in_the_files() -> None:
    sources = {
        "yaml": [EXAMPLES / "watch_import.yml", EXAMPLES / "awx/alerts.yml"],
        "sh": [EXAMPLES / "cron/elvis-job"],
    }
    for name in ("alerts", "two_at_once"):
        for language, text in re.findall(r"^```(\w+)\n(.*?)^```$", page(name), re.MULTILINE | re.DOTALL):
            files = [path.read_text(encoding="utf-8") for path in sources.get(language, [])]
            is_there = any(textwrap.indent(text, " " * depth) in file for file in files for depth in (0, 4, 8))
            assert is_there or not files, text
    assert textwrap.indent(CRONTAB.partition("\n\n")[2], "   ") in page("alerts")


def test_a_job_of_cron_with_a_vaulted_password(cron: Cron) -> None:
    variables = cron.home / "elvis-import.yml"
    text = page("../runbooks/rotate_password")
    (encrypt,) = re.findall(r"^(ansible-vault encrypt_string .*?)\n```", text, re.MULTILINE | re.DOTALL)
    (run,) = re.findall(r"^(ansible-playbook damops\.elvis\.import .*)$", text, re.MULTILINE)
    (cron.home / ".vault-password").write_text("of the vault", encoding="utf-8")
    env_file = cron.home / "elvis.env"
    env_file.write_text(env_file.read_text(encoding="utf-8").replace("wonderland", "of last month"), encoding="utf-8")
    # A file of variables as people write it.
    lines = (f"{name}: {json.dumps(value)}\n" for name, value in json.loads(variables.read_text("utf-8")).items())
    variables.write_text("".join(lines), encoding="utf-8")

    environment = {"HOME": str(cron.home), "PATH": cron.path, "LC_ALL": "C.UTF-8"}
    subprocess.run(
        ["/bin/sh", "-c", encrypt], input="wonderland", text=True, env=environment, cwd=cron.home, check=True
    )
    assert "wonderland" not in variables.read_text(encoding="utf-8")
    done = cron.run("import", f"* * * * * elvis-job import {run}")

    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
