# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Ends a call when its time is over, whatever the other side does. Private to damops.elvis."""

from __future__ import annotations

import contextlib
import io
import re
import socket
import time
from collections.abc import Iterable, Iterator
from http import HTTPStatus
from http.client import HTTPException, HTTPResponse, IncompleteRead, parse_headers
from typing import Any

SLACK = 0.01
"""Seconds by which a call may last longer. To tell a socket its time-out is a call of the system, which costs a thread
its turn: within the first of a call they need not be told again."""


class Deadline:
    """The moment at which a call must be over.

    A socket's time-out alone starts again with every byte, so a server that sends one byte a second could stretch a
    call for ever: whoever waits for the network asks first what is left.
    """

    def __init__(self) -> None:
        self._seconds = self._end = 0.0
        self._connected: Any = None
        self._applied: float | None = None
        self._is_broken_off = False

    def start(self, seconds: float) -> None:
        """Begin a call that may take ``seconds``."""
        self._seconds = seconds
        self._end = time.monotonic() + seconds

    def break_off(self) -> None:
        """End the present call at once, and any later one: another thread does that when a task is told to stop."""
        self._is_broken_off = True
        self._end = 0.0
        connected = self._connected
        if connected is not None:
            # That of a plain socket: TLS would want to say goodbye first. Who waits for this one wakes up.
            with contextlib.suppress(OSError):
                socket.socket.shutdown(connected, socket.SHUT_RDWR)

    @property
    def is_over(self) -> bool:
        return time.monotonic() >= self._end

    def apply(self, connected: Any) -> None:
        """Let a socket wait no longer than until then.

        :raises socket.timeout: when it is over
        """
        left = self._end - time.monotonic()
        if left <= 0 or self._is_broken_off:
            raise socket.timeout("the call's time is over")
        is_new = left > self._seconds - SLACK
        if is_new and self._applied == self._seconds and self._connected is connected:
            return
        self._connected = connected
        connected.settimeout(left)
        self._applied = self._seconds if is_new else None

    def feed(self, chunks: Iterable[bytes], afterwards: float | None = None) -> Iterator[bytes]:
        """Pass on what comes or goes: the call's time starts again with each chunk that got through.

        :param afterwards: the seconds that may pass after the last one, where they are not as many
        """
        seconds = self._seconds
        for chunk in chunks:
            self.start(seconds)
            yield chunk
            self.start(seconds)
        if afterwards is not None:
            self.start(afterwards)


_HEADER = re.compile(rb"[!-9;-~]+:")
MOST_INTERIM = 100
"""Interim answers, such as 103 Early Hints, that may come before the answer."""


class TimedResponse(HTTPResponse):
    """A response that is there before the deadline or not at all."""

    def __init__(self, deadline: Deadline, sock: Any, *args: Any, **kwargs: Any) -> None:
        super().__init__(sock, *args, **kwargs)
        self._reader = _TimedReader(self.fp.detach(), sock, deadline)
        self.fp = io.BufferedReader(self._reader)
        # The answer of a proxy to CONNECT is read without that.
        self._begins = False

    # http.client takes headers that break off for whole ones, with half a cookie perhaps.
    def begin(self) -> None:
        whole, self._begins = self.fp, True
        try:
            super().begin()
        finally:
            if self.fp is not None:
                self.fp = whole
        if self._reader.has_ended:
            raise IncompleteRead(b"")

    # http.client passes over 100 alone, and takes any other interim answer for the answer.
    def _read_status(self) -> tuple[str, int, str]:
        for _number in range(MOST_INTERIM + 1):
            version, status, reason = super()._read_status()  # type: ignore[misc]
            if not 100 <= status < 200 or status == HTTPStatus.SWITCHING_PROTOCOLS:
                if self._begins:
                    self.fp = _HeaderReader(self.fp)  # type: ignore[assignment] # begin asks it for lines alone
                return version, status, reason
            parse_headers(self.fp)
        raise HTTPException(f"got more than {MOST_INTERIM} interim answers")


class _HeaderReader:
    """Reads the lines of headers, without those that are none.

    The parser of http.client takes the first line without a name and a colon for the end of all headers. A cookie that
    comes after it would be lost, and with it a session that the server has opened.
    """

    def __init__(self, stream: Any) -> None:
        self._stream = stream
        self.close = stream.close
        self._is_left_out = False

    def readline(self, limit: int) -> bytes:
        """Return the next line that belongs to a header, or the one that ends them."""
        while True:
            line: bytes = self._stream.readline(limit)
            if not line.strip(b"\r\n"):
                return line
            is_continued = line.startswith((b" ", b"\t"))
            self._is_left_out = self._is_left_out if is_continued else not _HEADER.match(line)
            if not self._is_left_out:
                return line


class _TimedReader(io.RawIOBase):
    def __init__(self, raw: io.RawIOBase, connected: Any, deadline: Deadline) -> None:
        self._raw = raw
        self._connected = connected
        self._deadline = deadline
        self.has_ended = False

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        self._deadline.apply(self._connected)
        count = self._raw.readinto(buffer)
        self.has_ended = count == 0
        return count

    def close(self) -> None:
        self._raw.close()
        super().close()
