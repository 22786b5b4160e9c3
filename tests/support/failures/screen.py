# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A terminal of 24 lines of 80 columns."""

from __future__ import annotations

import fcntl
import os
import pty
import struct
import subprocess
import termios
from collections.abc import Mapping, Sequence
from pathlib import Path

LINES, COLUMNS = 24, 80


def run_in_terminal(command: Sequence[str | Path], cwd: Path, env: Mapping[str, str]) -> str:
    """Run a program in a terminal, and return all that it showed there."""
    ours, its = pty.openpty()
    fcntl.ioctl(its, termios.TIOCSWINSZ, struct.pack("4H", LINES, COLUMNS, 0, 0))
    with subprocess.Popen(command, cwd=cwd, env=env, stdin=subprocess.DEVNULL, stdout=its, stderr=its):
        os.close(its)
        shown = _read_all(ours)
    os.close(ours)
    return shown.decode().replace("\r\n", "\n")


def as_lines(text: str) -> list[str]:
    """Return the lines that a terminal makes of a text."""
    return [line[start : start + COLUMNS] for line in text.split("\n") for start in range(0, len(line) or 1, COLUMNS)]


def _read_all(terminal: int) -> bytes:
    shown = b""
    while True:
        try:
            shown += os.read(terminal, 65536)
        except OSError:
            # How Linux says that the last program has left the terminal.
            return shown
