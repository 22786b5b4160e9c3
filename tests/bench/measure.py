# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs all scenarios in turn, round by round, so that what else the machine does hits all of them alike."""

from __future__ import annotations

import dataclasses
import shutil
import statistics
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.bench import imports, limits, profile, runs
from tests.bench.limits import Limits
from tests.bench.runs import Watched
from tests.bench.scenarios import ACTION_PLUGINS, Scenario, scenarios, script
from tests.bench.transfers import transfers
from tests.integration.support import environment_for
from tests.support.emulator import Emulator

CURL = "curl"
MEMORY_OF = ("https hosts", "https uri hosts")
IMPORTS_OF = ("on target", "uri")
PROFILED_TASKS = 30


@dataclass(frozen=True)
class Spread:
    """What came of several rounds."""

    low: float
    median: float
    high: float

    @classmethod
    def of(cls, values: Iterable[float]) -> Spread:
        ordered = sorted(values)
        return cls(ordered[0], statistics.median(ordered), ordered[-1])


@dataclass(frozen=True)
class Run:
    """One run of a scenario, and what the server counted of it."""

    seconds: float
    connections: int
    requests: int
    sessions_left: int


@dataclass(frozen=True)
class Figures:
    """All that was measured.

    :param runs: of each scenario, all of them
    :param limits: of each round
    :param memory: the peak, in bytes
    :param transfers: of files, by their direction and size
    :param shares: where the time of a login goes, as parts of 1
    :param imports: what a task that starts a process imports, in seconds
    """

    scenarios: Mapping[str, Scenario]
    runs: Mapping[str, list[Run]]
    limits: list[Limits]
    memory: Mapping[str, int | None]
    transfers: Mapping[tuple[str, int], Watched]
    shares: Mapping[str, float]
    imports: Mapping[str, Mapping[str, float]]

    def whole(self, name: str) -> list[float]:
        """Return the seconds of the whole program, for each round."""
        return [run.seconds for run in self.runs[name]]

    def each(self, name: str) -> list[float]:
        """Return the seconds that one task or item adds to an empty playbook, for each round."""
        pairs = zip(self.whole(name), self.whole("empty"), strict=True)
        return [(seconds - empty) / self.scenarios[name].count for seconds, empty in pairs]

    def counted(self, name: str, what: str) -> int:
        """Return what the server counted, the worst of all rounds."""
        return max(int(getattr(run, what)) for run in self.runs[name])


class Bench:
    """Runs scenarios with one ansible-playbook, against two servers, one of which speaks TLS."""

    def __init__(
        self, program: Path, collections: Path, server: Emulator, secure: Emulator, bundle: Path, folder: Path
    ) -> None:
        self._servers = {False: server, True: secure}
        self._bundle = bundle
        self._folder = folder
        self._scenarios = scenarios(server.url, secure.url, bundle)
        self._transfers = transfers(server.url, folder)
        self._environment = environment_for(folder, collections)
        self._commands: dict[str, list[str | Path]] = {
            name: [program, *scenario.write(folder / name.replace(" ", "-"))]
            for name, scenario in self._scenarios.items()
        }
        if shutil.which(CURL):
            self._commands[CURL] = ["sh", script(server.url, folder)]

    def measure(self, rounds: int) -> Figures:
        """Measure everything; say on stderr how far it is."""
        # They come first, as they warm up what the system keeps in memory.
        memory = {name: self._memory(name) for name in MEMORY_OF}
        transfers = {key: self._transfer(key, scenario) for key, scenario in self._transfers.items()}
        shares = self._profile()
        imported = {name: self._imports(name) for name in IMPORTS_OF}
        measured: dict[str, list[Run]] = {name: [] for name in self._commands}
        limited: list[Limits] = []
        for number in range(1, rounds + 1):
            for name, each in measured.items():
                print(f"\rround {number} of {rounds}: {name:20}", end="", file=sys.stderr, flush=True)
                each.append(self._run(name))
            limited.append(limits.measure(self._servers[True].url, self._bundle))
            self._servers[True].end_sessions()
        print(file=sys.stderr)
        return Figures(self._scenarios, measured, limited, memory, transfers, shares, imported)

    def _run(self, name: str) -> Run:
        # A server with many sessions or a long log would answer later ones more slowly.
        scenario = self._scenarios.get(name)
        server = self._servers[scenario is not None and scenario.is_secure]
        server.end_sessions()
        server.forget_requests()
        connections = server.connections()
        seconds = runs.seconds(self._commands[name], self._environment_of(name))
        return Run(
            seconds,
            server.connections() - connections,
            len(server.requests()),
            len(server.sessions()),
        )

    def _memory(self, name: str) -> int | None:
        print(f"\rmemory: {name:20}", end="", file=sys.stderr, flush=True)
        return runs.watched(self._commands[name], self._environment_of(name)).peak_memory

    def _transfer(self, key: tuple[str, int], scenario: Scenario) -> Watched:
        direction, size = key
        print(f"\r{direction}: {size} bytes{'':20}", end="", file=sys.stderr, flush=True)
        command = [self._commands["empty"][0], *scenario.write(self._folder / f"{direction}-{size}")]
        return runs.watched(command, self._environment)

    def _profile(self) -> dict[str, float]:
        profiles = self._folder / "profiles"
        profiles.mkdir()
        options = self._scenarios["login"].tasks[0]["damops.elvis.elvis_login"]
        login = {"profiled_login": options}
        scenario = Scenario([login] * PROFILED_TASKS, variables={"profile_folder": str(profiles)})
        command = [self._commands["login"][0], *scenario.write(self._folder / "profiled")]
        runs.seconds(command, {**self._environment, "ANSIBLE_ACTION_PLUGINS": str(ACTION_PLUGINS)})
        return profile.shares(profiles)

    def _imports(self, name: str) -> dict[str, float]:
        print(f"\rimports: {name:20}", end="", file=sys.stderr, flush=True)
        folder = self._folder / f"imports-{name.replace(' ', '-')}"
        folder.mkdir()
        scenario = self._scenarios[name]
        variables = {**scenario.variables, "ansible_python_interpreter": str(imports.write_interpreter(folder))}
        watched = dataclasses.replace(scenario, variables=variables)
        runs.seconds([self._commands[name][0], *watched.write(folder / "playbook")], self._environment)
        return {place: seconds / scenario.count for place, seconds in imports.seconds_of_imports(folder).items()}

    def _environment_of(self, name: str) -> dict[str, str]:
        scenario = self._scenarios.get(name)
        return {**self._environment, **(scenario.environment if scenario else {})}
