# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What was written is waited for until a search shows it, and no longer than a task wants."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence
from typing import Any

import pytest

from ansible_collections.damops.elvis.plugins.module_utils._dam import index_lag
from ansible_collections.damops.elvis.plugins.module_utils._dam.hits import Hit
from ansible_collections.damops.elvis.plugins.module_utils._dam.index_lag import longest_lag
from ansible_collections.damops.elvis.plugins.module_utils._elvis.client import Client
from ansible_collections.damops.elvis.plugins.module_utils._elvis.gate import GateShut
from ansible_collections.damops.elvis.plugins.module_utils._elvis.own_writes import Write
from ansible_collections.damops.elvis.plugins.module_utils._http.transport import ConnectionOptions
from tests.support.assets import Dam
from tests.support.emulator import Emulator, start_emulator

NOWHERE = Client("http://127.0.0.1:9", ConnectionOptions())


@pytest.fixture(autouse=True)
def short_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(index_lag, "FIRST_LOOK", 0.01)


@pytest.fixture(scope="module")
def lagging() -> Iterator[Emulator]:
    """A server whose searches see nothing of what these tests write."""
    with start_emulator("--index-delay", "60000") as server:
        yield server


def hit(**fields: Any) -> Hit:
    return Hit("a", "/Z/a", {"assetPath": "/Z/a", **fields})


DATE = {"value": 1000, "formatted": "1970-01-01 00:00:01 +0000"}
LATER = {"value": 2000, "formatted": "1970-01-01 00:00:02 +0000"}


@pytest.mark.parametrize(
    ("write", "found", "is_shown"),
    [
        # It is there, or gone.
        (Write(), None, False),
        (Write(), hit(), True),
        (Write(is_there=False), hit(), False),
        (Write(is_there=False), None, True),
        # The version at least
        (Write(version=2), hit(versionNumber=1), False),
        (Write(version=2), hit(versionNumber=2), True),
        (Write(version=2, fields={"a": "x"}), hit(versionNumber=3, a="y"), True),
        (Write(version=2), hit(), True),
        # The fields as written
        (Write(version=2, fields={"a": "x"}), hit(versionNumber=2, a="y"), False),
        (Write(version=2, fields={"a": "x"}), hit(versionNumber=2, a="x"), True),
        (Write(fields={"a": None}), hit(a="x"), False),
        (Write(fields={"a": None}), hit(), True),
        (Write(fields={"a": ["x", "y"]}), hit(a=["y", "x"]), True),
        (Write(fields={"a": DATE}), hit(a=DATE), True),
        (Write(fields={"a": DATE}), hit(a=LATER), False),
        (Write(fields={"checkedOutBy": None}), hit(checkedOutBy="bob"), False),
        # A change by somebody newer
        (Write(modified=1000, fields={"a": "x"}), hit(assetModified=LATER, a="y"), True),
        (Write(modified=1000, fields={"a": "x"}), hit(assetModified=DATE, a="y"), False),
        (Write(modified=2000, fields={"a": "x"}), hit(assetModified=DATE, a="y"), False),
    ],
)
def test_what_a_search_shows(write: Write, found: Hit | None, is_shown: bool) -> None:
    assert index_lag.is_shown(write, found) is is_shown


def test_a_value_counts_as_the_server_stored_it() -> None:
    client = Client("http://127.0.0.1:9", ConnectionOptions())
    index_lag.note_written(
        client, hit(a="shortened", versionNumber=2), {"a": "shortened by the server", "b": "kept"}, {}
    )
    assert client.own_writes.by_id == {"a": Write(version=2, fields={"a": "shortened", "b": "kept"})}


def test_two_writes_of_one_asset_are_both_waited_for() -> None:
    client = Client("http://127.0.0.1:9", ConnectionOptions())
    index_lag.note_written(client, hit(versionNumber=2, assetModified=DATE), {"a": "x", "b": "x"}, {})
    index_lag.note_given_back(client, hit())
    index_lag.note_written(client, hit(), {"b": "y"}, {})
    fields = {"a": "x", "b": "y", "checkedOutBy": None}
    assert client.own_writes.by_id == {"a": Write(version=2, fields=fields)}
    index_lag.note_removed(client, hit())
    assert client.own_writes.by_id == {"a": Write(is_there=False)}


def test_the_last_write_of_each_connection_is_asked_for_first(dam: Dam, one_elvis: Emulator) -> None:
    client = dam.client
    ids = [dam.create(f"/Z/{number}") for number in range(6)]

    def write(numbers: Sequence[int]) -> None:
        for number in numbers:
            index_lag.note_written(client, Hit(ids[number], "", {}), {}, {})

    for numbers in ((0, 1, 2), (3, 4, 5)):
        thread = threading.Thread(target=write, args=(numbers,))
        thread.start()
        thread.join()
    assert set(client.own_writes.by_id) == set(ids)
    assert set(client.own_writes.asked_first) <= {ids[2], ids[5]}
    one_elvis.forget_requests()
    assert index_lag.wait_for_own_writes(client).number == 0
    assert [request["path"] for request in one_elvis.requests()] == [f"{one_elvis.prefix}/services/search"]


def test_all_are_asked_for_where_the_last_one_is_missing(lagging: Emulator) -> None:
    dam = Dam(lagging)
    client = dam.client
    client.index_wait = 0.05
    for number in range(150):
        index_lag.note_written(client, Hit(f"id{number}", "", {}), {}, {})
    lagging.forget_requests()
    assert index_lag.wait_for_own_writes(client).number == 150
    # One for the last, and two for all of them, each time.
    searches = len(lagging.requests())
    assert searches > 3
    assert searches % 2 == 1
    dam.leave()


def test_what_is_removed_is_waited_for_too(dam: Dam) -> None:
    client = dam.client
    client.index_wait = 0.05
    asset_id = dam.create("/Z/a")
    index_lag.note_removed(client, Hit(asset_id, "/Z/a", {}))
    assert index_lag.wait_for_own_writes(client).number == 1
    dam.post("remove", ids=asset_id)
    assert index_lag.wait_for_own_writes(client).number == 0


@pytest.mark.parametrize(
    ("modified", "number", "otherwise"),
    [(9e12, 1, {}), (None, 0, {"/Z/a": {"headline": "A long"}})],
    ids=["lags", "nothing shows when"],
)
def test_a_search_that_lags_has_shortened_nothing(
    dam: Dam, modified: float | None, number: int, otherwise: dict[str, Any]
) -> None:
    client = dam.client
    client.index_wait = 0.05
    before = {"headline": "A long"}
    asset = Hit(dam.create("/Z/a", **before), "/Z/a", {"assetModified": modified})
    index_lag.note_written(client, asset, {"headline": "A long headline"}, before)
    assert index_lag.wait_for_own_writes(client) == (number, otherwise)


def test_nothing_is_waited_for_once_the_task_stops(lagging: Emulator) -> None:
    dam = Dam(lagging)
    client = dam.client
    client.index_wait = 60
    index_lag.note_written(client, Hit("nothing", "", {}), {}, {})
    threading.Timer(0.2, client.gate.shut).start()
    began = time.monotonic()
    with pytest.raises(GateShut):
        index_lag.wait_for_own_writes(client)
    assert time.monotonic() - began < 30
    dam.leave()


def test_what_the_index_does_not_know_yet_is_looked_for_again() -> None:
    asked: list[list[str]] = []

    def find(paths: Sequence[str]) -> dict[str, Hit]:
        asked.append(list(paths))
        return {path: hit() for path in list(paths)[:1]}

    assert set(index_lag.find_missing(NOWHERE, find, ["/a", "/b"])) == {"/a", "/b"}
    assert asked == [["/a", "/b"], ["/b"]]


def test_it_is_not_looked_for_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(index_lag, "INDEX_LAG", 0.1)
    assert index_lag.find_missing(NOWHERE, lambda _paths: {}, ["/a"]) == {}


@pytest.mark.parametrize(("index_wait", "seconds"), [(0, 10), (3, 10), (60, 60)])
def test_a_look_up_is_never_shorter(index_wait: float, seconds: float) -> None:
    client = Client("http://127.0.0.1:9", ConnectionOptions())
    client.index_wait = index_wait
    assert longest_lag(client) == seconds
