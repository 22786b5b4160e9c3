# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a server answers to a download that the emulated one does not: foreign addresses, other lengths, other dates."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.damops.elvis.plugins.module_utils._operations.download import OPERATION
from ansible_collections.damops.elvis.plugins.module_utils._operations.request import OPERATION as REQUEST
from tests.support.assets import Dam
from tests.support.gateway import Edit, gateway_to
from tests.support.operations import at, result_of
from tests.support.scripted import json_reply, raw_reply, scripted_server

THERE = "/Demo Zone/Print"


def named(other: str) -> Edit:
    """Let the server name its files by the address of another one."""
    return lambda body: re.sub(rb"http://[^/]+/app/(?=file|preview|thumbnail)", f"{other}/".encode(), body)


@pytest.mark.parametrize("rendition", ["original", "preview", "thumbnail"])
@pytest.mark.parametrize(
    "prefix", ["", "/app", "/dam/of/others"], ids=["without a prefix", "with a prefix", "with another prefix"]
)
def test_files_are_fetched_from_the_own_server_only(dam: Dam, tmp_path: Path, prefix: str, rendition: str) -> None:
    dam.create(f"{THERE}/a.txt", b"text")
    with scripted_server(raw_reply(200, b"of another server")) as other:
        foreign = named(other.url + prefix)
        with gateway_to(
            dam.session["server_url"], lambda _number, service: foreign if service == "search" else "pass"
        ) as gateway:
            session = {**dam.session, "server_url": gateway.url}
            result = result_of(OPERATION, session=session, path=THERE, dest=str(tmp_path / "dest"), rendition=rendition)
            assert (result["changed"], result.get("reason")) == (True, None), result
            (hit,) = result_of(REQUEST, session=session, path="services/search", query={"q": "*:*"})["body"]["hits"]
            assert hit["originalUrl"].startswith(f"{other.url}{prefix}/file/")
            asked = result_of(REQUEST, session=session, path=hit["originalUrl"], dest=str(tmp_path / "again.txt"))
            assert asked["changed"], asked
            assert (tmp_path / "again.txt").read_bytes() == b"text"
            assert "?" not in asked["msg"]
            refused = result_of(REQUEST, session=session, path=f"{other.url}{prefix}/services/remove")
            assert refused["reason"] == "bad_request"
            assert not other.requests


DATE = 1_700_000_000_000


def search(size: int | None, date: int | None = DATE) -> bytes:
    """Return what a search finds: one asset, of so many bytes."""
    metadata = {"assetPath": "/Z/a.txt", "fileSize": size, "assetFileModified": date and {"value": date}}
    shown = {name: value for name, value in metadata.items() if value is not None}
    urls = {f"{kind}Url": f"/{path}/a1" for kind, path in (("original", "file"), ("preview", "preview"))}
    return json_reply(200, {"totalHits": 1, "hits": [{"id": "a1", "metadata": shown, **urls}]})


def with_length(body: bytes) -> bytes:
    return raw_reply(200, body, Content_Type="text/plain")


def in_chunks(body: bytes) -> bytes:
    """Return a reply whose length a proxy has taken away."""
    chunks = b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body) if body else b"0\r\n\r\n"
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
    return head + chunks


def fetch(folder: Path, *replies: bytes, **options: Any) -> tuple[dict[str, Any], bytes | None, int]:
    """Return the result of a download of one asset, what is in its place then, and how many requests were sent."""
    with scripted_server(*replies) as server:
        result = result_of(OPERATION, **at(server.url, ids=["a1"], dest=str(folder), layout="flat", **options))
        asked = len(server.requests)
    files = [path.read_bytes() for path in folder.glob("*")]
    assert len(files) <= 1
    return result, files[0] if files else None, asked


MIB = 1024 * 1024


@pytest.mark.parametrize(
    ("size", "replies", "body"),
    [
        # As long as the DAM shows.
        (5, [with_length(b"12345")], b"12345"),
        (5, [in_chunks(b"12345")], b"12345"),
        # Shorter, and the server says so, or says it twice.
        (5, [with_length(b"1")], b"1"),
        (5, [with_length(b"")], b""),
        (5, [in_chunks(b"1"), in_chunks(b"1")], b"1"),
        (5, [in_chunks(b""), in_chunks(b"")], b""),
        (5, [in_chunks(b"1"), with_length(b"1")], b"1"),
        (2 * MIB, [in_chunks(b"x" * MIB), in_chunks(b"x" * MIB)], b"x" * MIB),
        # Shorter, and another time otherwise.
        (5, [in_chunks(b"1"), in_chunks(b"12")], None),
        (5, [in_chunks(b"12"), in_chunks(b"1")], None),
        (5, [in_chunks(b"12"), in_chunks(b"21")], None),
        (5, [in_chunks(b"12"), in_chunks(b"12345")], None),
        # Longer, as one with texts in it.
        (5, [with_length(b"x" * MIB)], b"x" * MIB),
        (5, [in_chunks(b"x" * (MIB + 5))], b"x" * (MIB + 5)),
        (20 * MIB, [in_chunks(b"x" * (23 * MIB))], b"x" * (23 * MIB)),
        # Longer than that, and the asset is as it was, or is longer by now.
        (5, [with_length(b"x" * 2 * MIB), search(5)], None),
        (5, [in_chunks(b"x" * 2 * MIB), search(4)], None),
        (20 * MIB, [in_chunks(b"x" * 24 * MIB), search(20 * MIB)], None),
        (5, [in_chunks(b"x" * 2 * MIB), json_reply(200, {"totalHits": 0, "hits": []})], None),
        (5, [in_chunks(b"x" * 2 * MIB), search(2 * MIB), in_chunks(b"y" * 2 * MIB)], b"y" * 2 * MIB),
        (5, [in_chunks(b"x" * 2 * MIB), search(6), in_chunks(b"y" * 2 * MIB)], None),
        # Nobody knows how long.
        (None, [in_chunks(b"x" * 2 * MIB)], b"x" * 2 * MIB),
        (None, [in_chunks(b"")], b""),
    ],
)
@pytest.mark.parametrize("was_there", [False, True], ids=["new", "replaced"])
def test_a_file_is_as_long_as_the_dam_shows_or_is_told(
    tmp_path: Path, was_there: bool, size: int | None, replies: list[bytes], body: bytes | None
) -> None:
    if was_there:
        (tmp_path / "a.txt").write_bytes(b"of yesterday")
        os.utime(tmp_path / "a.txt", (1000, 1000))
    result, found, asked = fetch(tmp_path, search(size), *replies)
    assert asked == 1 + len(replies)
    if body is None:
        assert (result["reason"], result["changed"]) == ("bad_response", False)
        assert found == (b"of yesterday" if was_there else None)
        return
    assert (result["changed"], found == body) == (True, True), result
    (entry,) = result["updated" if was_there else "created"]
    shown = size if replies[-1:] == replies or len(replies) < 3 else 2 * MIB
    is_odd = shown is not None and shown != len(body)
    assert (entry["bytes"], entry.get("file_size")) == (len(body), shown if is_odd else None)
    warnings = " ".join(result.get("warnings", []))
    assert (f"/Z/a.txt ({len(body)} instead of {shown} bytes)" in warnings) == is_odd


def test_a_rendition_has_a_length_of_its_own(tmp_path: Path) -> None:
    for number, body in enumerate((b"x" * 3 * MIB, b"1", b"")):
        result, found, asked = fetch(
            tmp_path / str(number), search(5), in_chunks(body), rendition="preview", existing="update"
        )
        (entry,) = result["created"]
        assert (found, asked, entry["bytes"], entry.get("file_size")) == (body, 2, len(body), None)
        assert "warnings" not in result


@pytest.mark.parametrize(("size", "is_due"), [(5, False), (4, True), (None, True)])
def test_an_asset_without_a_date_is_compared_by_size(tmp_path: Path, size: int | None, is_due: bool) -> None:
    (tmp_path / "a.txt").write_bytes(b"12345")
    result, found, asked = fetch(tmp_path, search(size, None), in_chunks(b"abcd"))
    assert (result["changed"], found, asked) == (is_due, b"abcd" if is_due else b"12345", 1 + is_due)
    assert [entry["compared_by"] for entry in result["updated"]] == ["size"] * is_due
    assert [warning for warning in result["warnings"] if "/Z/a.txt" in warning] == result["warnings"]
    assert sum("compared by size alone" in warning for warning in result["warnings"]) == 1


@pytest.mark.parametrize(
    ("date", "is_told"),
    [(DATE, False), (0, False), (4_294_967_295_000, False), (4_300_000_000_000, True), (-(10**13), True)],
)
def test_a_date_that_the_disk_can_not_keep_is_told(tmp_path: Path, date: int, is_told: bool) -> None:
    result, _found, _asked = fetch(tmp_path, search(5, date), with_length(b"12345"))
    assert result["changed"]
    assert ["can't keep the dates" in warning for warning in result.get("warnings", [])] == [True] * is_told
    assert not fetch(tmp_path, search(5, date))[0]["changed"]
