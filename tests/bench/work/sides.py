# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who does the jobs: playbooks of the collection, a script in PowerShell, a bare client of ``requests``."""

from __future__ import annotations

import csv
import json
import os
import statistics
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from pathlib import Path
from threading import local
from typing import Any, TypeVar

import requests

from tests.bench import runs
from tests.bench.scenarios import NOTHING, PASSWORD, USERNAME, Scenario, Task, login_and_logout
from tests.bench.work.files import Files
from tests.integration.support import environment_for

T = TypeVar("T")

ITEMS = 200
STARTS = 3
CONNECTIONS = 4
BOX = "/Boxes/members.collection"
CHANGES = ("give back", "move", "remove")
"""What is done with many assets that are there, in this order."""
SHORTEST = 0.001
"""Seconds; what takes no longer than a start, give or take, can't be told from nothing."""
POWERSHELL = "pwsh"
SCRIPT = Path(__file__).with_name("script.ps1")
EVERYTHING = 'ancestorPaths:"/Bench"'


class Side:
    """Somebody who does jobs on a server of their own."""

    name: str

    def __init__(self, url: str, folder: Path, environment: Mapping[str, str]) -> None:
        self.url = url
        self.folder = folder
        self.environment = {
            **environment,
            "ELVIS_SERVER_URL": url,
            "ELVIS_USERNAME": USERNAME,
            "ELVIS_PASSWORD": PASSWORD,
        }
        self.span = ("", "")
        """When a wrong query ran, from and until, in milliseconds since 1970."""
        folder.mkdir(parents=True)

    @property
    def report(self) -> Path:
        return self.folder / "report.csv"

    @property
    def history(self) -> Path:
        return self.folder / "history.csv"

    @property
    def changes(self) -> Path:
        return self.folder / "changed.csv"

    @property
    def fetched(self) -> Path:
        return self.folder / "fetched"

    def command(self, job: str, files: Files | None, options: Mapping[str, object]) -> Sequence[str | Path]:
        raise NotImplementedError

    def whole(self, job: str) -> float:
        """Return the seconds of a whole program, its start included."""
        taken = [runs.seconds(self.command(job, None, {}), self.environment) for _number in range(STARTS)]
        return statistics.median(taken)

    def time(self, job: str, files: Files | None, **options: object) -> float:
        """Return the seconds of a job, without those of a start."""
        print(f"\r{self.name}: {job:30}", end="", file=sys.stderr, flush=True)
        start = self.start
        return max(SHORTEST, runs.seconds(self.command(job, files, options), self.environment) - start)

    @cached_property
    def start(self) -> float:
        """The seconds of a program that logs in and out, and does nothing in between."""
        return self.whole("start")


class Collection(Side):
    """Playbooks with one task between login and logout."""

    name = "the collection"

    def __init__(self, program: Path, collections: Path, url: str, folder: Path, bundle: Path) -> None:
        super().__init__(url, folder, {})
        self._program = program
        self.environment = {
            **environment_for(folder, collections),
            "SSL_CERT_FILE": str(bundle),
            "ELVIS_SERVER_URL": url,
        }

    def command(self, job: str, files: Files | None, options: Mapping[str, object]) -> Sequence[str | Path]:
        place = self.folder / f"playbook-{len(list(self.folder.glob('playbook-*')))}"
        return [self._program, *Scenario(self._tasks(job, files, options)).write(place)]

    def peak_memory(self, job: str, files: Files | None, **options: object) -> int:
        """Return the bytes that a job's processes had at most, all together."""
        print(f"\r{self.name}: memory of {job:20}", end="", file=sys.stderr, flush=True)
        return runs.watched(self.command(job, files, options), self.environment).peak_memory or 0

    def _tasks(self, job: str, files: Files | None, options: Mapping[str, object]) -> list[Task]:
        if job == "nothing":
            return [NOTHING] * 3
        login, logout = login_and_logout(self.url)
        return [login, *self._work(job, files, options), logout]

    def _work(self, job: str, files: Files | None, options: Mapping[str, object]) -> list[Task]:
        if job == "start":
            return []
        if job == "folder":
            return [self._task("elvis_folder", {"path": "/Bench folder"})]
        if job == "asset":
            assert files
            item = {"path": "/Loop/file {{ item }}.jpg", "file": str(next(files.folder.rglob("*.jpg")))}
            asset = self._task("elvis_asset", {**item, "metadata": {"headline": "{{ item }}"}})
            return [{**asset, "loop": list(range(ITEMS))}]
        module, given = self._of_many(job, files)
        return [self._task(module, {**given, **options})]

    def _of_many(self, job: str, files: Files | None) -> tuple[str, dict[str, object]]:
        if job == "upload":
            described = {"src": str(files.folder), "metadata_src": str(files.table)} if files else {}
            return "elvis_upload", {"path": "/Bench", **described}
        if job == "report":
            query = {"query": 'ancestorPaths:"/Bench"', "fields": ["id", "assetPath", "headline"]}
            return "elvis_asset_info", {**query, "dest": str(self.report), "limit": 1_000_000}
        span = {"users": [USERNAME], "since": self.span[0], "until": self.span[1]}
        of_all: dict[str, tuple[str, dict[str, object]]] = {
            "history": ("elvis_history_info", {"query": EVERYTHING, "dest": str(self.history)}),
            "members": ("elvis_collection", {"path": BOX, "query": EVERYTHING}),
            "metadata": ("elvis_metadata", {"src": str(self.changes)}),
            "restore": ("elvis_metadata_restore", {"query": EVERYTHING, "max_change": 1_000_000, **span}),
        }
        if job in of_all:
            return of_all[job]
        if job in CHANGES:
            aims: dict[str, dict[str, object]] = {
                "give back": {"undo_check_out": True, "checked_out_before": "0s"},
                "move": {"folder": "/Bench/Moved", "layout": "tree", "base": "/Bench"},
                "remove": {"state": "absent"},
            }
            return "elvis_asset_bulk", {"query": 'ancestorPaths:"/Bench"', "max_change": 1_000_000, **aims[job]}
        return "elvis_download", {"path": "/Bench", "dest": str(self.fetched)}

    def _task(self, module: str, options: Mapping[str, object]) -> Task:
        return {f"damops.elvis.{module}": {"session": "{{ elvis.session }}", **options}}


class PowerShell(Side):
    """A script with a loop."""

    name = "PowerShell"

    def __init__(self, url: str, folder: Path, bundle: Path) -> None:
        super().__init__(url, folder, {**os.environ, "SSL_CERT_FILE": str(bundle), "NO_COLOR": "1"})

    def command(self, job: str, files: Files | None, options: Mapping[str, object]) -> Sequence[str | Path]:  # noqa: ARG002
        given: Sequence[str | Path] = ()
        if job == "upload":
            assert files
            given = (files.folder, files.table)
        elif job in ("report", "metadata", "download", "history", *CHANGES):
            folder = self.fetched if job == "download" else self.folder
            tables = {"metadata": self.changes, "history": self.history}
            given = (folder, tables.get(job, self.report))
        elif job == "restore":
            given = self.span
        return [POWERSHELL, "-NoProfile", "-NonInteractive", "-File", SCRIPT, job, *given]


class Bare:
    """A client of ``requests`` with as many connections as a task has, and nothing else done."""

    def __init__(self, url: str, bundle: Path) -> None:
        self._url = url
        self._bundle = bundle
        self._kept = local()
        self._headers: dict[str, str] = {}
        login = self.post("apilogin", username=USERNAME, password=PASSWORD)
        self._headers["Authorization"] = f"Bearer {login['authToken']}"

    def post(self, service: str, files: Mapping[str, Any] | None = None, **form: object) -> Any:
        """Make a call; each thread has a connection of its own."""
        if not hasattr(self._kept, "session"):
            self._kept.session = requests.Session()
            self._kept.session.verify = str(self._bundle)
            self._kept.session.trust_env = False
        reply = self._kept.session.post(
            f"{self._url}/services/{service}", data=form, files=files, headers=self._headers
        ).json()
        assert "errorcode" not in reply, reply
        return reply

    def all(self, work: Callable[[T], object], items: Iterable[T]) -> float:
        """Return the seconds that it takes to do something with each item."""
        with ThreadPoolExecutor(CONNECTIONS) as pool:
            start = time.perf_counter()
            for _done in pool.map(work, items):
                pass
            return time.perf_counter() - start

    def collect(self, count: int) -> float:
        """Return the seconds in which a new collection gets all assets."""
        box = self.post("create", assetPath=BOX)["id"]
        found = self.post("search", q='ancestorPaths:"/Bench"', num=count)["hits"]
        relation = {"relationType": "contains", "target1Id": box}
        return self.all(lambda hit: self.post("createRelation", target2Id=hit["id"], **relation), found)

    def upload(self, files: Files) -> float:
        """Return the seconds of the uploads."""

        def send(row: dict[str, str]) -> None:
            metadata = json.dumps({"headline": row["headline"], "credit": row["credit"]})
            with (files.folder / row["path"]).open("rb") as file:
                answer = self.post("create", {"Filedata": file}, assetPath=f"/Bench/{row['path']}", metadata=metadata)
            assert "id" in answer, answer

        with files.table.open(encoding="utf-8", newline="") as source:
            return self.all(send, csv.DictReader(source))

    def change(self, job: str) -> float:
        """Return the seconds that it takes to find all assets and to change each."""

        def change(hit: dict[str, Any]) -> None:
            path = hit["metadata"]["assetPath"]
            if job == "give back":
                self.post(f"undocheckout/{hit['id']}")
            elif job == "move":
                self.post("move", source=path, target=path.replace("/Bench", "/Bench/Moved", 1))
            else:
                self.post("remove", ids=hit["id"])

        start = time.perf_counter()
        assets = self.assets()
        return time.perf_counter() - start + self.all(change, assets)

    def assets(self) -> list[dict[str, Any]]:
        """Return all assets."""
        found: list[dict[str, Any]] = []
        while page := self.post("search", q='ancestorPaths:"/Bench"', start=len(found), num=500, sort="id")["hits"]:
            found += page
        return found

    def check_out(self) -> None:
        """Check all assets out."""
        self.all(lambda hit: self.post(f"checkout/{hit['id']}"), self.assets())

    def add_events(self, number: int) -> None:
        """Change a field of all assets so many times: each time is one more event in the history of each."""
        for time_of_change in range(number):
            self.post("updatebulk", q='ancestorPaths:"/Bench"', credit=f"Bench {time_of_change}")

    def damage(self) -> tuple[str, str]:
        """Change two fields of all assets, as a wrong query does; return when, from and until."""
        since = time.time_ns() // 1_000_000
        self.post("updatebulk", q='ancestorPaths:"/Bench"', headline="Wrong", status="Wrong")
        return str(since), str(time.time_ns() // 1_000_000 + 1)

    def leave(self) -> None:
        self.post("logout")
