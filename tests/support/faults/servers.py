# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Servers that fail on purpose, byte by byte, and what they send."""

from __future__ import annotations

import select
import socket
import struct
import zlib
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import partial

from tests.support.scripted import HttpResponse, ScriptedServer, raw_reply, scripted_server

Serve = Callable[[bytes], AbstractContextManager[ScriptedServer]]
"""Starts a server, which is told the body that it should answer."""


def sends(*replies: HttpResponse) -> Serve:
    """Return a server that sends the same, whatever it should answer."""
    return lambda _body: scripted_server(*replies)


def turns(*makers: Callable[[bytes], HttpResponse]) -> Serve:
    """Return a server that makes something else of the answer it should give; each try gets the next."""
    return lambda body: scripted_server(*(make(body) for make in makers))


def first(reply: HttpResponse) -> Serve:
    """Return a server that sends something else first, and then the answer."""
    return turns(lambda _body: reply, good)


def with_headers(**headers: str | list[str]) -> Serve:
    """Return a server that sends the answer with other headers."""
    return turns(partial(good, **headers))


def with_member(member: str) -> Serve:
    """Return a server that sends the answer with one more member, which is given as text."""
    return turns(lambda body: good(body.removesuffix(b"}") + f", {member}}}".encode()))


def in_charset(charset: str, text: str, says: str | None = None) -> Serve:
    """Return a server that sends the answer with one more text, in some charset, and that or another in its header."""
    kind = f"application/json; charset={says or charset}"

    def make(body: bytes) -> bytes:
        whole = f'{body.decode().removesuffix("}")}, "x": "{text}"}}'
        return good(whole.encode(charset), Content_Type=kind)

    return turns(make)


def good(body: bytes, /, **headers: str | list[str]) -> bytes:
    """Return the answer as it should be."""
    return raw_reply(200, body, **{"Content_Type": "application/json", **headers})


def chunked(*chunks: bytes) -> bytes:
    """Return the beginning of a reply that comes in chunks, without an end."""
    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
    return head + b"".join(b"%x\r\n%b\r\n" % (len(chunk), chunk) for chunk in chunks)


@contextmanager
def closed_port(_body: bytes) -> Iterator[ScriptedServer]:
    """Give the address of a port where nobody listens, and nobody else will, as the port is taken."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield ScriptedServer(f"http://127.0.0.1:{taken.getsockname()[1]}")


@contextmanager
def unknown_name(_body: bytes) -> Iterator[ScriptedServer]:
    """Give an address whose name nobody has: .invalid is reserved for that."""
    yield ScriptedServer("http://dam.invalid")


@contextmanager
def black_hole(_body: bytes) -> Iterator[ScriptedServer]:
    """Give the address of a machine that does not even refuse: its queue of connections is full."""
    with socket.socket() as listener, socket.socket() as first:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        first.connect(listener.getsockname())
        yield ScriptedServer(f"http://127.0.0.1:{listener.getsockname()[1]}")


def reset(connection: socket.socket) -> None:
    """Break the connection off, as a firewall does."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


def endless(head: bytes, piece: bytes) -> Callable[[socket.socket], None]:
    """Return a reply that goes on until the client leaves."""

    def send(connection: socket.socket) -> None:
        connection.sendall(head)
        rest = piece
        # A client that waits for an answer sends nothing: readable means that it left.
        while not select.select([connection], [connection], [])[0]:
            rest = rest[connection.send(rest, socket.MSG_DONTWAIT) :] or piece

    return send


def then_silent(reply: bytes) -> Callable[[socket.socket], None]:
    """Return a reply after which the connection stays open, until the client leaves."""

    def send(connection: socket.socket) -> None:
        connection.sendall(reply)
        connection.recv(1)

    return send


def bomb(mebibytes: int, window_bits: int = 16 + zlib.MAX_WBITS) -> bytes:
    """Return so many MiB of nothing, packed, as gzip unless told otherwise: a thousandth of it travels."""
    packer = zlib.compressobj(9, zlib.DEFLATED, window_bits)
    zeros = bytes(1024 * 1024)
    return b"".join(packer.compress(zeros) for _number in range(mebibytes)) + packer.flush()
