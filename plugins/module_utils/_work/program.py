# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs a program that is given something to read and is heard while it reads. Private to damops.elvis."""

from __future__ import annotations

import contextlib
import os
import selectors
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import IO, cast

from .._elvis.redaction import SHORTEST_PIECE, Redactor

MOST_AT_EACH_END = 512 * 1024
"""Bytes that are kept of the beginning and of the end of what a program prints."""
SECONDS_TO_FALL_SILENT = 2.0
"""For so long a program's children may keep its output open once it has ended."""
SECONDS_TO_END = 2.0
"""For so long processes may take to end that were asked to."""
SECONDS_BETWEEN_LOOKS = 0.1
LARGEST_READ = 64 * 1024


class Printed:
    """What a program prints, the middle of it left out when it is too much."""

    def __init__(self) -> None:
        self.left_out = 0
        self._begin = bytearray()
        self._end = bytearray()

    def add(self, block: bytes) -> None:
        """Take what comes next."""
        room = MOST_AT_EACH_END - len(self._begin)
        self._begin += block[:room]
        self._end += block[room:]
        surplus = len(self._end) - MOST_AT_EACH_END
        # Not at each block: to forget the beginning is to move all the rest.
        if surplus >= MOST_AT_EACH_END or (self.left_out and surplus > LARGEST_READ):
            self._forget(surplus)

    def text(self, redactor: Redactor) -> str:
        """Return it as text, masked; what is no UTF-8 is replaced."""
        surplus = len(self._end) - MOST_AT_EACH_END
        if surplus > 0:
            self._forget(surplus)
        if not self.left_out:
            return redactor.mask_pieces((self._begin + self._end).decode(errors="replace"))
        begin, end = (redactor.mask_pieces(part.decode(errors="replace")) for part in (self._begin, self._end))
        # A secret may have begun, or ended, in what is left out: longer pieces are masked.
        return f"{begin[:-SHORTEST_PIECE]}\n... {self.left_out} bytes are left out ...\n{end[SHORTEST_PIECE:]}"

    def _forget(self, surplus: int) -> None:
        del self._end[:surplus]
        self.left_out += surplus


@dataclass(frozen=True)
class EndedProgram:
    """What became of a program.

    :param status: its exit status, or the negative number of the signal that ended it
    :param was_outlived: whether something kept its output open, so that its process group was ended
    :param is_outlived: whether something outside of that group still does
    """

    status: int
    stdout: Printed
    stderr: Printed
    was_outlived: bool
    is_outlived: bool


class NotStartedError(Exception):
    """A program can't be started: its cause is an OSError, or a ValueError for an argument that no program can get."""


def run_program(
    argv: Sequence[str], given: bytes, folder: str | None = None, environment: Mapping[str, str] | None = None
) -> EndedProgram:
    """Run a program until it ends; it has no terminal, and what it started ends with this call if that is broken off.

    :param given: what it can read from its standard input
    :raises NotStartedError: when it can't be started
    """
    try:
        # Not run_command, which a module has: this may run in the playbook process.
        process = subprocess.Popen(  # pylint: disable=ansible-bad-function
            argv,
            cwd=folder,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            # Without a terminal, which a program could ask, and in a group of its own, which can be ended.
            start_new_session=True,
        )
    except (OSError, ValueError) as error:
        raise NotStartedError from error
    with _ended_on_failure(process):
        talk = _Talk(process, given)
        was_outlived = talk.go_on()
        status = process.wait()
        if was_outlived:
            _end_group(process)
        return EndedProgram(status, talk.stdout, talk.stderr, was_outlived, was_outlived and not talk.falls_silent())


class _Talk:
    """The exchange with a running program: it is read and written at once, whatever it does first."""

    def __init__(self, process: subprocess.Popen[bytes], given: bytes) -> None:
        self.stdout, self.stderr = Printed(), Printed()
        self._process = process
        self._stdin, stdout, stderr = cast("tuple[IO[bytes], ...]", (process.stdin, process.stdout, process.stderr))
        self._rest = memoryview(given)
        self._steps: dict[IO[bytes], Callable[[], bool]] = {
            self._stdin: self._write,
            stdout: partial(_read, stdout, self.stdout),
            stderr: partial(_read, stderr, self.stderr),
        }
        """What to do when a stream is ready; each tells whether that was the last of it."""

    def go_on(self) -> bool:
        """Go on until the program has ended; tell whether something still holds its output then."""
        silent_by = None
        with selectors.DefaultSelector() as selector:
            for stream, step in self._steps.items():
                os.set_blocking(stream.fileno(), False)
                ready = selectors.EVENT_WRITE if stream is self._stdin else selectors.EVENT_READ
                selector.register(stream, ready, (stream, step))
            while selector.get_map():
                if silent_by is None and self._process.poll() is not None:
                    silent_by = time.monotonic() + SECONDS_TO_FALL_SILENT
                    if not self._stdin.closed:
                        _close(selector, self._stdin)
                if silent_by is not None and time.monotonic() > silent_by:
                    return True
                for key, _ready in selector.select(SECONDS_BETWEEN_LOOKS):
                    stream, step = key.data
                    if step():
                        _close(selector, stream)
        return False

    def falls_silent(self) -> bool:
        """Drop what else comes, and tell whether nothing holds the output any more soon after the group has ended."""
        end = time.monotonic() + SECONDS_TO_FALL_SILENT
        outputs = [stream for stream in self._steps if stream is not self._stdin and not stream.closed]
        while outputs and time.monotonic() < end:
            outputs = [stream for stream in outputs if not _read(stream, Printed())]
            time.sleep(SECONDS_BETWEEN_LOOKS / 4)
        return not outputs

    def _write(self) -> bool:
        try:
            written = os.write(self._stdin.fileno(), self._rest)
        except BlockingIOError:
            return False
        except BrokenPipeError:
            # It need not read what it is given.
            return True
        self._rest = self._rest[written:]
        return not self._rest


def _read(stream: IO[bytes], printed: Printed) -> bool:
    try:
        block = os.read(stream.fileno(), LARGEST_READ)
    except BlockingIOError:
        return False
    printed.add(block)
    return not block


def _close(selector: selectors.BaseSelector, stream: IO[bytes]) -> None:
    selector.unregister(stream)
    stream.close()


@contextlib.contextmanager
def _ended_on_failure(process: subprocess.Popen[bytes]) -> Iterator[None]:
    """Run a block, and end the program and what it started when it is broken off, as by Ansible's time-out."""
    try:
        yield
    except BaseException:
        _end_group(process)
        raise
    finally:
        for stream in (process.stdin, process.stdout, process.stderr):
            # What is left to write has no reader any more.
            with contextlib.suppress(OSError):
                if stream:
                    stream.close()


def _end_group(process: subprocess.Popen[bytes]) -> None:
    """End a program and all in its group: asked at first, and by force if need be."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGTERM)
        deadline = time.monotonic() + SECONDS_TO_END
        while time.monotonic() < deadline:
            process.poll()
            # Fails once nobody is left.
            os.killpg(process.pid, 0)
            time.sleep(SECONDS_BETWEEN_LOOKS / 4)
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
