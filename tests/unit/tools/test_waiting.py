# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Somebody who watches sees what takes long, and nothing of what doesn't."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path

from tests.support.emulator import ROOT
from tools.waiting import Heartbeat

TESTS = """
import threading

def test_slow():
    threading.Event().wait(0.5)

def test_fast():
    pass
"""
CONFTEST = """
import pytest
from tests.support.still_running import StillRunning

@pytest.hookimpl(trylast=True)
def pytest_configure(config):
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(StillRunning(config.pluginmanager.getplugin("terminalreporter"), 0.2))
"""


def test_a_line_after_a_silence_and_then_less_often() -> None:
    lines: list[str] = []
    two = threading.Event()

    def show(line: str) -> None:
        lines.append(line)
        if len(lines) == 2:
            two.set()

    heartbeat = Heartbeat(lambda: "the work", show, silence=0.01)
    heartbeat.start()
    assert two.wait(10)
    heartbeat.stop()
    assert lines[:2] == ["… 0 s: the work", "… 0 s: the work"]


def test_no_line_where_something_happens() -> None:
    lines: list[str] = []
    heartbeat = Heartbeat(lambda: "the work", lines.append, silence=30)
    heartbeat.start()
    for _number in range(100):
        heartbeat.note()
    heartbeat.stop()
    assert lines == []


def test_tests_that_still_run_are_named_with_workers(tmp_path: Path) -> None:
    (tmp_path / "test_it.py").write_text(TESTS, encoding="utf-8")
    (tmp_path / "conftest.py").write_text(CONFTEST, encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-q", "-n", "1", "-c", os.devnull, "--rootdir", tmp_path, tmp_path]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, cwd=tmp_path, env=environment, check=False, capture_output=True, text=True)

    assert done.returncode == 0, done.stdout
    assert " s: test_it.py::test_slow\n" in done.stdout
    assert "test_fast" not in done.stdout
