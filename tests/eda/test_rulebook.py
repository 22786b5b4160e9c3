# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A real rulebook, a server that signs its events, and playbooks that do what there is to do."""

from __future__ import annotations

from typing import Any
from urllib.error import URLError

import pytest

from tests.eda.listener import Listener
from tests.support.assets import Dam
from tests.support.emulator import Emulator

INBOX = "/Demo Zone/Inbox"


def test_from_the_event_to_the_asset(listener: Listener, server: Emulator, dam: Dam) -> None:
    dam.folder(INBOX)
    dam.create("/Demo Zone/before.txt", status="Final")
    listener.hurry()
    listener.start()
    # What happened before is found at the start.
    assert (listener.dest / "Demo Zone/before.txt").read_bytes() == b"content"

    # Uploaded: two rounds, of which the second has nothing to do, then silence.
    dam.create(f"{INBOX}/after.txt")
    listener.wait_until(lambda: dam.metadata("name:after.txt")[f"{INBOX}/after.txt"].get("status") == "New")
    listener.wait_for_runs(2)

    # Final: fetched.
    dam.post("update", id=dam.ids()[f"{INBOX}/after.txt"], metadata='{"status": "Final"}')
    listener.wait_until((listener.dest / "Demo Zone/Inbox/after.txt").exists)
    listener.wait_for_runs(1)

    # Sent again by somebody who recorded it: looked, and nothing to do.
    event: dict[str, Any] = {"type": "asset_update_metadata", "assetId": "x", "metadata": {"status": "Final"}}
    fetched = sorted(path.stat().st_mtime for path in listener.dest.rglob("*.txt"))
    for _replay in range(3):
        assert listener.send(listener.secret, **event)[0] == 200
    listener.wait_for_runs(1)
    assert sorted(path.stat().st_mtime for path in listener.dest.rglob("*.txt")) == fetched

    # What is not signed, signed with another key, not JSON, or not UTF-8 is refused, and nothing is done.
    assert listener.send("another key", **event)[0] == 401
    assert listener.send(None, **event)[0] == 400
    assert listener.send(listener.secret, b"no JSON")[0] == 400
    assert listener.send(listener.secret, b'{"type": "asset_create", "assetId": "\xff"}')[0] >= 400
    # The source takes 1 MiB at most.
    assert listener.send(listener.secret, type="asset_create", metadata={"textContent": "x" * 2**20})[0] == 413
    # And what nobody asked for leads to nothing.
    assert listener.send(listener.secret, type="folder_create", folderId="x")[0] == 200
    listener.wait_for_runs(0)
    assert [session["user"] for session in server.sessions()] == ["api"]
    assert listener.secret not in listener.said


def test_a_key_that_is_empty_starts_nothing(listener: Listener) -> None:
    """Anybody can sign with it."""
    with pytest.raises(AssertionError, match="'ELVIS_WEBHOOK_SECRET_is_empty' is undefined"):
        listener.start(key="")
    with pytest.raises(URLError, match="refused"):
        listener.send("", type="asset_create", assetId="x")
