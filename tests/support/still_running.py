# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Names the tests that still run when none has ended for a while, which is how a run looks near its end."""

from __future__ import annotations

import pytest

from tools.waiting import SILENCE, Heartbeat

MOST_NAMED = 3


class StillRunning:
    """A plugin of the process that shows the outcome of tests, wherever they run."""

    def __init__(self, reporter: pytest.TerminalReporter, silence: float = SILENCE) -> None:
        self._reporter = reporter
        self._running: dict[str, None] = {}
        self._heartbeat = Heartbeat(self._describe, self._show, silence)

    def pytest_sessionstart(self) -> None:
        self._heartbeat.start()

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        self._running[nodeid] = None

    def pytest_runtest_logfinish(self, nodeid: str) -> None:
        self._running.pop(nodeid, None)
        self._heartbeat.note()

    def pytest_sessionfinish(self) -> None:
        self._heartbeat.stop()

    def _describe(self) -> str:
        running = list(self._running)
        more = f" and {len(running) - MOST_NAMED} more" if len(running) > MOST_NAMED else ""
        return f"{', '.join(running[:MOST_NAMED])}{more}" if running else ""

    def _show(self, line: str) -> None:
        self._reporter.ensure_newline()
        self._reporter.write_line(line)
