# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files that are sent and fetched: as long as they move on, whole or not at all, and never held in memory."""

from __future__ import annotations

import select
import socket
import threading
import tracemalloc
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.damops.elvis.plugins.module_utils._elvis.client import Client, Request
from ansible_collections.damops.elvis.plugins.module_utils._errors import ElvisError
from ansible_collections.damops.elvis.plugins.module_utils._http import multipart
from ansible_collections.damops.elvis.plugins.module_utils._http.request import Upload
from ansible_collections.damops.elvis.plugins.module_utils._http.transport import CHUNK, ConnectionOptions, HttpResponse
from ansible_collections.damops.elvis.plugins.module_utils._operations.login import OPERATION as LOGIN
from ansible_collections.damops.elvis.plugins.module_utils._operations.request import OPERATION as REQUEST
from ansible_collections.damops.elvis.plugins.module_utils._task.files import multipart_upload
from tests.support.emulator import Emulator, shared_emulator
from tests.support.operations import run
from tests.support.scripted import HttpResponse as Answer, hang_up, html_reply, json_reply, raw_reply, scripted_server

MIB = 1024 * 1024
SHORT = 0.3
PAUSE = 0.05
PIECES = 10
"""So many pauses take longer than SHORT."""
FILE = raw_reply(200, b"the whole file", Content_Type="image/jpeg")
CUT = raw_reply(200, b"the wh", Content_Type="image/jpeg", Content_Length="14")


class Sink:
    """Collects what is saved, as a draft does: anew in each try."""

    def __init__(self) -> None:
        self.content = b""

    def save(self, chunks: Iterable[bytes]) -> bytes:
        self.content = b""
        for chunk in chunks:
            self.content += chunk
        return self.content[:100]


def fetch(url: str, sink: Sink, timeout: float = 5, retries: int = 2) -> HttpResponse:
    request = Request("fetch it", "GET", "/file", save=sink.save, repeatable=True)
    return Client(url, ConnectionOptions(timeout=timeout, retries=retries)).call(request, lambda reply: reply)


def len_of(reply: HttpResponse) -> int:
    return len(reply.body)


def send(url: str, upload: Upload, timeout: float = 5) -> HttpResponse:
    request = Request("send it", "POST", "/services/create", upload=upload)
    return Client(url, ConnectionOptions(timeout=timeout)).call(request, lambda reply: reply)


def upload_of(*chunks: bytes, length: int | None = None) -> Upload:
    return Upload("text/plain", sum(map(len, chunks)) if length is None else length, lambda: iter(chunks))


# --- Fetching


def test_a_file_is_saved_and_its_beginning_returned() -> None:
    sink = Sink()
    with scripted_server(FILE) as server:
        reply = fetch(server.url, sink)
    assert (reply.saved, reply.status, reply.body, sink.content) == (True, 200, b"the whole file", b"the whole file")
    assert server.requests[0].headers["Accept-Encoding"] == "identity"


@pytest.mark.parametrize("answer", [html_reply(503), json_reply(401, {}), raw_reply(206, b"part"), raw_reply(302)])
def test_only_what_comes_with_200_is_saved(answer: bytes) -> None:
    sink = Sink()
    with scripted_server(answer) as server:
        reply = fetch(server.url, sink, retries=0)
    assert (reply.saved, sink.content) == (False, b"")


@pytest.mark.parametrize("first", [CUT, hang_up, html_reply(503), json_reply(200, {"errorcode": 503})])
def test_what_breaks_is_fetched_again_from_the_start(first: Answer) -> None:
    sink = Sink()
    with scripted_server(first, FILE) as server:
        fetch(server.url, sink)
    assert sink.content == b"the whole file"
    assert len(server.requests) == 2


def test_what_stays_broken_is_told() -> None:
    with scripted_server(CUT) as server, pytest.raises(ElvisError, match="a reply that breaks off") as caught:
        fetch(server.url, Sink())
    assert caught.value.reason == "bad_response"
    assert len(server.requests) == 3


def slowly(pieces: int) -> Callable[[socket.socket], None]:
    """Return an answer that announces PIECES of CHUNK bytes and sends some of them, with pauses."""

    def answer(connection: socket.socket) -> None:
        connection.sendall(raw_reply(200, Content_Length=str(PIECES * CHUNK)))
        for _number in range(pieces):
            connection.sendall(b"x" * CHUNK)
            # Readable means that the client left.
            if select.select([connection], [], [], PAUSE)[0]:
                return
        connection.shutdown(socket.SHUT_RDWR)

    return answer


def test_a_slow_file_may_take_longer_than_the_timeout() -> None:
    sink = Sink()
    with scripted_server(slowly(PIECES)) as server:
        fetch(server.url, sink, timeout=SHORT, retries=0)
        assert len(sink.content) == PIECES * CHUNK
        with pytest.raises(ElvisError, check=lambda error: error.reason == "timeout"):
            Client(server.url, ConnectionOptions(timeout=SHORT, retries=0)).call(
                Request("read it", "GET", "/file"), len_of
            )


def test_a_slow_file_that_breaks_is_fetched_again_as_well() -> None:
    sink = Sink()
    with scripted_server(slowly(PIECES - 1), FILE) as server:
        fetch(server.url, sink, timeout=SHORT)
    assert sink.content == b"the whole file"


def test_a_file_that_does_not_move_on_is_given_up() -> None:
    def stop_half_way(connection: socket.socket) -> None:
        connection.sendall(CUT)
        connection.recv(1)

    with (
        scripted_server(stop_half_way) as server,
        pytest.raises(ElvisError, match=r"no progress for 0\.3 s|no answer within") as caught,
    ):
        fetch(server.url, Sink(), timeout=SHORT, retries=0)
    assert caught.value.reason == "timeout"


# --- Sending


def test_a_body_is_sent_with_its_length() -> None:
    with scripted_server(json_reply(200, {})) as server:
        send(server.url, upload_of(b"one ", b"two"))
    (request,) = server.requests
    assert request.body == b"one two"
    assert (request.headers["Content-Length"], request.headers["Content-Type"]) == ("7", "text/plain")
    assert "Transfer-Encoding" not in request.headers


def test_a_file_that_is_sent_slowly_may_take_longer_than_the_timeout() -> None:
    def slowly() -> Iterator[bytes]:
        for _number in range(PIECES):
            threading.Event().wait(PAUSE)
            yield b"x"

    with scripted_server(json_reply(200, {})) as server:
        send(server.url, Upload("text/plain", PIECES, slowly), timeout=SHORT)
    assert server.requests[0].body == b"x" * PIECES


def test_a_server_that_stops_reading_is_given_up() -> None:
    # Far more than fits into what the system keeps on the way.
    chunks = [b"x" * MIB] * 64
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        with pytest.raises(ElvisError, check=lambda error: error.reason == "timeout"):
            send(url, upload_of(*chunks), timeout=SHORT)


def test_a_slow_connection_takes_no_time_from_the_file(resolve_slowly: Callable[[float], None]) -> None:
    def read_late() -> None:
        connection, _address = listener.accept()
        with connection:
            threading.Event().wait(0.5)
            while not connection.recv(MIB).endswith(b"end"):
                pass
            connection.sendall(json_reply(200, {}))

    resolve_slowly(0.75)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = threading.Thread(target=read_late)
        server.start()
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        assert send(url, upload_of(*[b"x" * MIB] * 16, b"end"), timeout=1).status == 200
        server.join()


def test_what_may_have_arrived_is_not_sent_again() -> None:
    with (
        scripted_server(hang_up) as server,
        pytest.raises(ElvisError, check=lambda error: error.reason == "unreachable"),
    ):
        send(server.url, upload_of(b"one"))
    assert len(server.requests) == 1


def test_a_file_that_changes_breaks_the_request_off(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(multipart, "CHUNK", 4)
    monkeypatch.setattr(multipart, "SMALLEST_SENT", 1)
    path = tmp_path / "a.jpg"
    path.write_bytes(b"as long as this")
    form = multipart_upload({"Filedata": str(path)}, [])

    def change_on_the_way() -> Iterator[bytes]:
        for number, chunk in enumerate(form.chunks()):
            if number == 2:
                path.write_bytes(b"short")
            yield chunk

    with scripted_server(json_reply(200, {})) as server, pytest.raises(ElvisError, match="changed while") as caught:
        send(server.url, Upload(form.content_type, form.length, change_on_the_way))
    assert caught.value.reason == "conflict"


# --- Memory


@contextmanager
def bounded_memory(most: int) -> Iterator[None]:
    tracemalloc.start()
    try:
        yield
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < most


@pytest.fixture(scope="module")
def server() -> Iterator[Emulator]:
    with shared_emulator() as emulator:
        yield emulator


def test_a_file_is_never_in_memory(server: Emulator, tmp_path: Path) -> None:
    sent, fetched = tmp_path / "sent.bin", tmp_path / "fetched.bin"
    with sent.open("wb") as file:
        file.truncate(64 * MIB)
    session = run(LOGIN, server_url=server.url, username="alice", password="wonderland")["session"]
    with bounded_memory(8 * MIB):
        files = {"Filedata": str(sent)}
        created = run(REQUEST, session=session, path="services/create", method="POST", files=files)
        result = run(REQUEST, session=session, path=created["body"]["originalUrl"], dest=str(fetched))
    assert (result["size"], fetched.stat().st_size) == (64 * MIB, 64 * MIB)


def test_a_search_that_goes_to_a_file_is_never_in_memory(tmp_path: Path) -> None:
    pages, hits = 40, 100
    text = "x" * 10_000
    replies = [
        json_reply(
            200,
            {
                "totalHits": pages * hits,
                "hits": [{"id": f"{page}-{hit}", "metadata": {"textContent": text}} for hit in range(hits)],
            },
        )
        for page in range(pages)
    ]
    dest = tmp_path / "hits.jsonl"
    with scripted_server(*replies) as elvis, bounded_memory(12 * MIB):
        run(
            REQUEST,
            server_url=elvis.url,
            auth_token="a-token",
            path="services/search",
            query={"q": "", "num": hits},
            paginate=True,
            dest=str(dest),
        )
    assert dest.stat().st_size > pages * hits * len(text)


@pytest.mark.parametrize(
    ("sent", "pieces"),
    [
        ({"method": "GET"}, 1),
        ({"form": [("a", "1")]}, 1),
        ({"upload": Upload("text/plain", 3, lambda: iter([b"abc"]))}, 1),
        ({"upload": Upload("text/plain", 6, lambda: iter([b"abc", b"def"]))}, 2),
    ],
    ids=["no body", "a form", "a small file", "two chunks"],
)
def test_headers_go_out_with_what_follows(monkeypatch: pytest.MonkeyPatch, sent: dict[str, Any], pieces: int) -> None:
    seen: list[bytes] = []
    plain = socket.socket.sendall

    def sendall(self: socket.socket, data: bytes) -> None:
        # The server is in this process, too.
        if b"200 OK" not in data:
            seen.append(bytes(data))
        plain(self, data)

    monkeypatch.setattr(socket.socket, "sendall", sendall, raising=False)
    request = Request("send it", path="/file", **{"method": "POST", **sent})
    with scripted_server(json_reply(200, {})) as server:
        Client(server.url, ConnectionOptions()).call(request, len_of)
    assert len([data for data in seen if data]) == pieces
    assert seen[0].startswith(request.method.encode())
