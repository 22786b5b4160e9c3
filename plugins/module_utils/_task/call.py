# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One task for an operation: what Ansible says of it, and the session and the server that follow from it.

Private to damops.elvis.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from functools import cached_property
from typing import Any, NamedTuple

from .._elvis.client import Client
from .._elvis.server_url import parse_server_url
from .._elvis.session import Session
from .._errors import ElvisError
from .._http.transport import ConnectionOptions
from .._text import escaped
from .connection import check_tls, read_connection, warnings_of
from .extra_headers import refuse_authorization

TaskOptions = Mapping[str, Any]


class Opened(NamedTuple):
    """A session, and the client that works with it."""

    session: Session
    client: Client


def _tell_nobody(_sentence: str) -> None:
    pass


class Call:
    """One task for an operation.

    :param options: the options, validated
    :param check_mode: whether nothing may be changed
    :param tell: takes a sentence on the progress, for a person who asked for more output
    :param diff: whether a person wants to see what changes
    :param unread: says which variables of the environment stand in for no option, and why
    """

    def __init__(
        self,
        options: TaskOptions,
        check_mode: bool = False,
        tell: Callable[[str], None] = _tell_nobody,
        unread: str = "",
        diff: bool = False,
    ) -> None:
        self.options = options
        self.check_mode = check_mode
        self.tell = tell
        self.diff = diff
        self.warnings: list[str] = []
        self.has_asked = False
        """Whether a request of this task reached the server, or may have."""
        self.writes = 0
        """How many of these requests may have changed something."""
        self._lock = threading.Lock()
        self._unread = unread

    def note_sent(self, *, may_write: bool) -> None:
        """Take note that a request reached the server, or may have; several threads may tell."""
        self.has_asked = True
        if may_write:
            with self._lock:
                self.writes += 1

    def warn(self, sentence: str) -> None:
        """Take a sentence that a person should read, whatever becomes of the task."""
        shown = escaped(sentence)
        if shown not in self.warnings:
            self.warnings.append(shown)

    @cached_property
    def connection(self) -> ConnectionOptions:
        """The way to the server.

        :raises ElvisError: when an option can't work, or the ``requests`` library is missing
        """
        return read_connection(self.options)

    @cached_property
    def session(self) -> Session | None:
        """The session that the task works with, None when it is given an empty one.

        :raises ElvisError: when there is none, or it can't be used
        """
        with self.naming_unread():
            return _read_session(self.options, self.check_mode)

    @cached_property
    def opened(self) -> Opened:
        """The session and its client.

        :raises ElvisError: when there is none, or the options don't lead to a server
        """
        if self.session is None:
            raise ElvisError(
                "The session is empty: the login returned none. Make this call only after a login.", "bad_request"
            )
        self._check_way(self.session.server_url)
        if self.session.auth_method == "bearer":
            refuse_authorization(self.connection)
        return Opened(self.session, Client.of(self.session, self.connection, self))

    def reach(self, server_url: str, user: Hashable = None, secrets: Iterable[str] = ()) -> Client:
        """Return the client of a server that is reached without a session; see :class:`Client`.

        :raises ElvisError: when the options don't lead to a server
        """
        address = parse_server_url(server_url)
        self._check_way(address)
        return Client(address, self.connection, user=user, secrets=secrets, listener=self)

    @contextlib.contextmanager
    def naming_unread(self) -> Iterator[None]:
        """Add to an error what the environment would have said, had it been read."""
        try:
            yield
        except ElvisError as error:
            if not self._unread:
                raise
            noted = error.with_note(self._unread)
        else:
            return
        raise noted

    def _check_way(self, server_url: str) -> None:
        check_tls(self.connection, server_url)
        for warning in warnings_of(self.connection, server_url):
            self.warn(warning)


def _read_session(options: TaskOptions, check_mode: bool) -> Session | None:
    option, token, server_url = options["session"], options["auth_token"], options["server_url"]
    if option is not None:
        if not any(option.values()):
            return None
        session = Session.from_option(option)
        if server_url and parse_server_url(server_url) != session.server_url:
            raise ElvisError(
                f"The session was made for {session.server_url}, but server_url is {parse_server_url(server_url)}."
                " Leave server_url out, or pass on the session of that server.",
                "bad_request",
            )
    elif token is not None:
        if not server_url:
            raise ElvisError(
                "auth_token needs the server that issued it: give server_url, or set the environment variable"
                " ELVIS_SERVER_URL.",
                "bad_request",
            )
        session = Session(parse_server_url(server_url), "bearer", token)
    else:
        raise ElvisError(
            "Neither session nor auth_token is given."
            " Pass on what elvis_login returned as session, or server_url with auth_token.",
            "bad_request",
        )
    if session.simulated and not check_mode:
        raise ElvisError(
            "The session was simulated by a login in check mode, and this task runs for real."
            " Run the login without check mode as well.",
            "bad_request",
        )
    return session
