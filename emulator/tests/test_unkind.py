# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What makes the server unkind: each option of its own, and all of them by a seed."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import requests

from elvis_emulator.options import read_options
from elvis_emulator.store.asset import Asset
from elvis_emulator.store.index import Indexes
from elvis_emulator.store.query import parse_query
from elvis_emulator.unkind.fates import Fates
from emulator.tests.client import Client, Start

CALLS = 60


def create(client: Client, session: dict[str, str], path: str, text: str = "text", **fields: Any) -> requests.Response:
    form = {"assetPath": path} | ({"metadata": json.dumps(fields)} if fields else {})
    return client.post("/services/create", headers=session, data=form, files={"Filedata": (path, text)})


def search(client: Client, session: dict[str, str], query: str) -> list[dict[str, Any]]:
    hits: list[dict[str, Any]] = client.post("/services/search", headers=session, data={"q": query}).json()["hits"]
    return hits


def test_hits_name_the_public_address(start: Start) -> None:
    client = start("--prefix", "/app", "--public-url", "https://dam.example.com:8443/other/")
    hit = create(client, client.bearer(), "/Demo/a.jpg").json()
    assert hit["originalUrl"] == f"https://dam.example.com:8443/other/file/{hit['id']}/*/a.jpg"
    assert client.get(f"/file/{hit['id']}/*/a.jpg", headers=client.bearer()).text == "text"


@pytest.mark.parametrize(
    ("form", "keys"),
    [
        ("complete", {"id", "metadata", "permissions", "originalUrl", "previewUrl", "thumbnailUrl"}),
        ("id", {"id"}),
        ("object", set()),
        ("empty", None),
    ],
)
def test_replies_to_writes_are_lean(start: Start, form: str, keys: set[str] | None) -> None:
    client = start("--write-replies", form)
    session = client.bearer()
    created = create(client, session, "/Demo/a.txt", title="one")
    [asset] = search(client, session, "*")
    updated = client.post("/services/update", headers=session, data={"id": asset["id"], "title": "two"})
    rows = [{"id": asset["id"], "metadata": {"title": "three"}}]
    in_bulk = client.post("/services/updatebulk", headers=session, json=rows)
    for reply in (created, updated, in_bulk):
        assert reply.status_code == 200
        if keys is None:
            assert reply.content == b""
            continue
        answer = reply.json()
        assert set(answer[0] if reply is in_bulk else answer) == keys
    assert search(client, session, "*")[0]["metadata"]["title"] == "three"


def test_lists_are_sorted(start: Start) -> None:
    client = start("--sorted-lists")
    assert create(client, client.bearer(), "/Demo/a.txt", tags=["villa", "sunny"]).json()["metadata"]["tags"] == [
        "sunny",
        "villa",
    ]


@pytest.mark.parametrize(("embed", "grows"), [("none", []), ("texts", ["b"]), ("all", ["a", "b"])])
def test_texts_are_embedded(start: Start, embed: str, grows: list[str]) -> None:
    client = start("--embed", embed)
    session = client.bearer()
    create(client, session, "/Demo/a.txt")
    create(client, session, "/Demo/b.txt", title="Villa")
    sizes = {hit["metadata"]["baseName"]: hit["metadata"]["fileSize"]["value"] for hit in search(client, session, "*")}
    assert sorted(name for name, size in sizes.items() if size > len("text")) == grows


def test_the_checksum_follows_a_new_file_for_some_assets(start: Start) -> None:
    client = start("--checksum", "mixed")
    session = client.bearer()
    for number in range(CALLS):
        asset = create(client, session, f"/Demo/{number}.bin", "one").json()
        client.post("/services/update", headers=session, data={"id": asset["id"]}, files={"Filedata": ("a", "two")})
    hits = client.post("/services/search", headers=session, data={"q": "*", "num": CALLS}).json()["hits"]
    found = Counter(hit["metadata"]["firstExtractedChecksum"] for hit in hits)
    known = {hashlib.md5(text, usedforsecurity=False).hexdigest() for text in (b"one", b"two")}
    assert set(found) == known
    assert min(found.values()) > CALLS / 6


def test_a_busy_server_refuses_before_it_does_anything(start: Start) -> None:
    client = start("--busy", "50")
    session = client.bearer()
    replies = [create(client, session, f"/Demo/{number}.txt") for number in range(CALLS)]
    refused = [reply for reply in replies if refusal(reply)]
    assert {refusal(reply) for reply in refused} == {429, 503, "errorcode 429 in a 200"}
    assert all(reply.headers["Retry-After"] == "1" for reply in refused if reply.status_code != 200)
    hits = None
    while hits is None:
        hits = client.post("/services/search", headers=session, data={"q": "*", "num": 1}).json().get("totalHits")
    assert hits == CALLS - len(refused)


def test_a_busy_server_takes_logins_and_webhooks(start: Start) -> None:
    client = start("--busy", "100")
    for turn in range(3):
        session = client.bearer("admin:changemenow")
        assert client.get("/services/admin/webhook", headers=session).json() == []
        assert refusal(client.get(f"/services/search?q=name:{turn}", headers=session))


def test_a_refused_call_is_taken_the_next_time(start: Start) -> None:
    client = start("--busy", "100")
    session = client.bearer()
    refused = [refusal(client.get("/services/search?q=*", headers=session)) is not None for _turn in range(4)]
    assert refused == [True, False, True, False]


def test_a_proxy_takes_the_size_away(start: Start) -> None:
    client = start("--chunked", "100")
    session = client.bearer()
    large = "x" * 300_000
    for name, text in (("small.txt", "text"), ("large.txt", large)):
        hit = create(client, session, f"/Demo/{name}", text).json()
        address = f"/file/{hit['id']}/*/{name}"
        whole = client.get(address, headers=session)
        assert "Content-Length" not in whole.headers
        assert (whole.text, whole.headers["Content-Type"]) == (text, "text/plain")
        part = client.get(address, headers=session | {"Range": "bytes=1-2"})
        assert (part.status_code, part.headers["Content-Length"]) == (206, "2")


def test_each_node_sees_a_write_at_a_time_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    now = stopped_clock(monkeypatch)
    indexes = Indexes(2, (1, 3), Fates("1"))
    for number in range(20):
        indexes.put(Asset(str(number), f"/Demo/{number}.txt", "alice", 0, "alice", 0))
    counts: list[list[int]] = []
    for _turn in range(31):
        counts.append([len(indexes.of(node).search(parse_query("*"), "")) for node in range(2)])
        now[0] += 0.1
    assert counts[9] == [0, 0]
    assert [0, 20] in counts or [20, 0] in counts
    assert counts[-1] == [20, 20]


def test_what_is_given_wins_over_chaos() -> None:
    options = read_options(["--chaos", "7", "--nodes", "3", "--busy", "0", "--no-sorted-lists", "--embed", "none"])
    unkindness = options.unkindness
    assert (options.nodes, unkindness.busy, unkindness.sorted_lists) == (3, 0, False)
    assert options.store_rules.embeds == "none"
    assert (unkindness.seed, unkindness.write_replies, options.store_rules.index_delay) == ("7", "mixed", (0.2, 3.0))


@pytest.mark.parametrize(
    "arguments",
    [
        ("--index-delay", "300-200"),
        ("--index-delay", "-1"),
        ("--index-delay", "1-inf"),
        ("--busy", "101"),
        ("--public-url", "dam.example.com"),
        ("--public-url", "https://dam.example.com?x=1"),
    ],
)
def test_what_makes_no_sense_is_refused(arguments: tuple[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        read_options(list(arguments))
    assert arguments[0] in capsys.readouterr().err


def test_the_same_seed_means_the_same_whatever_threads_do(start: Start) -> None:
    def fates(seed: str, run: Callable[[Client, dict[str, str]], dict[str, list[Any]]]) -> dict[str, list[Any]]:
        client = start("--chaos", seed, "--index-delay", "0", "--busy", "30")
        return run(client, client.bearer())

    in_turn, at_once = fates("1", one_by_one), fates("1", in_threads)
    assert in_turn == at_once
    assert fates("2", one_by_one) != in_turn
    # All that can happen has happened.
    happened = [fate for fates in in_turn.values() for fate in fates]
    assert {fate[0] for fate in happened} == {200, 429, 503}
    assert {len(fate[1]) for fate in happened if fate[0] == 200} >= {0, 1, 6}
    assert {fate[2] for fate in happened} == {True, False}


def test_a_fate_depends_on_how_often_it_was_asked() -> None:
    first, second = Fates("a seed"), Fates("a seed")
    drawn = [first.chance("busy", "a") for _turn in range(3)]
    assert len(set(drawn)) == 3
    second.chance("busy", "b")
    assert [second.chance("busy", "a") for _turn in range(3)] == drawn
    assert second.chance("reply", "a") not in drawn
    assert {first.choose("reply", "a", "xyz") for _turn in range(50)} == set("xyz")


def test_ids_are_random_without_a_seed_and_repeated_with_one() -> None:
    assert Fates(None).new_id("/a") != Fates(None).new_id("/a")
    one, other = Fates("s"), Fates("s")
    ids = [one.new_id("/a"), one.new_id("/a"), one.new_id("/b")]
    assert len(set(ids)) == 3
    assert [other.new_id("/b"), other.new_id("/a"), other.new_id("/a")] == [ids[2], *ids[:2]]
    assert {len(made) for made in ids} == {22}


def stopped_clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Stop the index's clock; return its time, to be set."""
    now = [1000.0]
    monkeypatch.setattr("elvis_emulator.store.index.time.monotonic", lambda: now[0])
    return now


def refusal(reply: requests.Response) -> object:
    """Return how a reply refuses the call; None when it does not."""
    if reply.status_code != 200:
        return reply.status_code
    return "errorcode 429 in a 200" if reply.content and reply.json().get("errorcode") == 429 else None


def one_by_one(client: Client, session: dict[str, str]) -> dict[str, list[Any]]:
    return {str(number): asset_with_fate(client, session, number) for number in range(CALLS)}


def in_threads(client: Client, session: dict[str, str]) -> dict[str, list[Any]]:
    numbers = list(range(CALLS))[::-1]
    with ThreadPoolExecutor(8) as pool:
        fates = pool.map(lambda number: asset_with_fate(client, session, number), numbers)
        return dict(sorted(zip(map(str, numbers), fates, strict=True), key=lambda pair: int(pair[0])))


def asset_with_fate(client: Client, session: dict[str, str], number: int) -> list[Any]:
    """Create an asset, until it is taken; return what became of each call."""
    fates: list[Any] = []
    while not fates or fates[-1][0] != 200 or 429 in fates[-1][1]:
        reply = create(client, session, f"/Demo/{number}.txt")
        answer = reply.json() if reply.headers.get("Content-Type", "").startswith("application/json") else {}
        shown = sorted(answer) if "errorcode" not in answer else [answer["errorcode"]]
        fates.append((reply.status_code, shown, "Content-Length" in reply.headers, answer.get("id")))
    return fates
