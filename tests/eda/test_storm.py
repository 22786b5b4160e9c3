# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a rulebook bears, and what its engine does not: minutes, so only `make eda` runs it."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from tests.eda.listener import Listener
from tests.support.assets import Dam

FINAL: dict[str, Any] = {"type": "asset_update_metadata", "metadata": {"status": "Final"}}
STORM = 1000


def test_a_thousand_events_in_a_second(listener: Listener, dam: Dam) -> None:
    """Every asset is done, with a login for a batch."""
    for number in range(STORM):
        dam.create(f"/Demo Zone/Storm/{number}.txt", status="Draft")
    listener.start()
    dam.post("updatebulk", q='ancestorPaths:"/Demo Zone/Storm"', metadata='{"status": "Final"}')
    times = [event["time"] for event in listener.events("METADATA_UPDATE")]
    assert len(times) == STORM
    assert max(times) - min(times) <= 1000
    listener.wait_until(lambda: len(listener.fetched()) == STORM, 240)
    assert listener.fetched() == {f"{number}.txt" for number in range(STORM)}
    assert 1 <= listener.wait_for_silence(30) <= 3
    states = {delivery["state"] for delivery in listener.server._observe("deliveries")[:STORM]}
    assert states == {"delivered"}


@pytest.mark.parametrize("server", [("--index-delay", "40000")], indirect=True, ids=["lag"])
def test_an_event_before_a_search_finds_its_asset(listener: Listener, dam: Dam) -> None:
    listener.hurry()
    listener.start()
    dam.create("/Demo Zone/late.txt", status="Draft")
    asset_id = listener.events("CREATE")[0]["id"]
    dam.post("update", id=asset_id, metadata='{"status": "Final"}')
    listener.wait_until(lambda: listener.fetched() == {"late.txt"}, 240)


def test_events_are_answered_while_a_playbook_runs(listener: Listener, dam: Dam) -> None:
    listener.hurry()
    listener.start()
    # A playbook is read when it starts.
    listener.change("final.yml", "index_lag: 1", "index_lag: 60")
    dam.create("/Demo Zone/first.txt", status="Draft")
    dam.post("update", id=dam.ids()["/Demo Zone/first.txt"], metadata='{"status": "Final"}')
    listener.wait_until(lambda: "first.txt" in listener.fetched())
    assert not listener.is_idle()
    dam.create("/Demo Zone/second.txt", status="Final")
    answers = [listener.send(listener.secret, assetId=str(number), **FINAL) for number in range(300)]
    assert not listener.is_idle()
    assert {status for status, _seconds in answers} == {200}
    assert max(seconds for _status, seconds in answers) < 1
    # The playbook looks again at its end, or the next one does.
    listener.wait_until(lambda: "second.txt" in listener.fetched(), 150)


def test_an_engine_compares_no_events_in_not_all(listener: Listener) -> None:
    """Why *overnight* is a question to the server. When this fails, it could be a rule."""
    path = listener.folder / "rulebook.yml"
    (rulebook,) = yaml.safe_load(path.read_text(encoding="utf-8"))
    rule = rulebook["rules"][-1]
    del rule["throttle"]
    rule["condition"] = {
        "not_all": [
            'events.out << event.payload.type == "asset_checkout"',
            "events.in << event.payload.assetId == events.out.payload.assetId",
        ],
        "timeout": "5 seconds",
    }
    path.write_text(yaml.safe_dump([rulebook]), encoding="utf-8")
    with pytest.raises(AssertionError, match="NullPointerException"):
        listener.start()
