# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Webhooks: the calls that manage them, and the events that they get."""

from __future__ import annotations

import hashlib
import hmac
import socket
from collections.abc import Iterator
from typing import Any

import pytest

from elvis_emulator.events.webhooks import EVENT_TYPES
from emulator.tests.client import Client, Start
from emulator.tests.conftest import using
from emulator.tests.receiver import Receiver, receiving, wait_until
from emulator.tests.running import start_emulator

ADMIN = "admin:changemenow"
PATH = "/services/admin/webhook"


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as receiver:
        yield receiver


@pytest.fixture(scope="module")
def emulator() -> Iterator[Client]:
    """A server of this module's own: one that others write to would send their events, too."""
    with using(start_emulator("--webhook-attempts", "2", "--webhook-pause", "10")) as client:
        yield client


@pytest.fixture
def admin(emulator: Client) -> Iterator[dict[str, str]]:
    """The superuser's header; at the end no webhook is left."""
    header = emulator.bearer(ADMIN)
    yield header
    for webhook in emulator.get(PATH, headers=header).json():
        emulator.request("DELETE", f"{PATH}/{webhook['id']}", headers=header)


def register(client: Client, header: dict[str, str], url: str, *events: str, **more: Any) -> dict[str, Any]:
    body = {"name": "test", "url": url, "eventTypes": list(events), **more}
    reply = client.post(PATH + "/", json=body, headers=header)
    assert reply.status_code == 201, reply.text
    created: dict[str, Any] = reply.json()
    return created


def create(client: Client, header: dict[str, str], path: str, **fields: str) -> str:
    asset_id: str = client.post("/services/create", data={"assetPath": path, **fields}, headers=header).json()["id"]
    return asset_id


def test_life_of_a_webhook(emulator: Client, admin: dict[str, str]) -> None:
    made = register(emulator, admin, "http://127.0.0.1:9/x", "asset_create", metadataToReturn=["name"])
    assert (made["enabled"], made["eventTypes"], made["metadataToReturn"]) == (True, ["asset_create"], ["name"])
    assert made["secretToken"]
    one = f"{PATH}/{made['id']}"
    assert emulator.get(one, headers=admin).json() == made
    assert emulator.get(PATH, headers=admin).json() == [made]
    changed = emulator.request(
        "PUT", one, json={"name": "new", "url": "https://a.example/", "eventTypes": []}, headers=admin
    ).json()
    assert changed == made | {"name": "new", "url": "https://a.example/", "eventTypes": [], "metadataToReturn": []}
    assert emulator.request("PUT", f"{one}/disable", headers=admin).json()["enabled"] is False
    assert emulator.request("PUT", f"{one}/enable", headers=admin).json()["enabled"] is True
    assert emulator.request("PUT", f"{one}/secretToken", headers=admin).json()["secretToken"] != made["secretToken"]
    assert emulator.request("DELETE", one, headers=admin).status_code == 200
    assert emulator.get(one, headers=admin).json()["errorcode"] == 404


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"name": "x", "url": "http://a/", "eventTypes": None},
        {"name": "x", "url": "ftp://a/", "eventTypes": []},
        {"name": "x", "url": "http://", "eventTypes": []},
        {"name": "x", "url": "http://[", "eventTypes": []},
        {"name": "", "url": "http://a/", "eventTypes": []},
        {"name": "x", "url": "http://a/", "eventTypes": ["asset_nothing"]},
        {"name": "x", "url": "http://a/", "eventTypes": [1]},
        {"name": "x", "url": "http://a/", "eventTypes": [], "foldersAndQuery": ["a"]},
        {"name": "x", "url": "http://a/", "eventTypes": [], "foldersAndQuery": {"query": "name:("}},
    ],
)
def test_what_makes_no_webhook(emulator: Client, admin: dict[str, str], body: dict[str, Any]) -> None:
    assert emulator.post(PATH, json=body, headers=admin).json()["errorcode"] == 400
    assert emulator.get(PATH, headers=admin).json() == []


def test_only_a_superuser_may(shared: Client, strict: Client) -> None:
    assert shared.get(PATH, headers=shared.bearer()).json()["errorcode"] == 403
    assert strict.get(PATH, headers=strict.bearer()).status_code == 403
    assert strict.post(PATH).status_code == 401


def test_an_event_is_signed_with_the_text_of_the_secret(
    emulator: Client, admin: dict[str, str], receiver: Receiver
) -> None:
    webhook = register(
        emulator, admin, receiver.url, "asset_create", metadataToReturn=["name", "caption", "assetCreated", "nothing"]
    )
    asset_id = create(emulator, admin, "/Demo/Übung.txt", caption="Grüße")
    (event,) = receiver.events(1)
    headers, body = receiver.got[0]
    assert headers["x-hook-signature"] == hmac.new(webhook["secretToken"].encode(), body, hashlib.sha256).hexdigest()
    assert (event["type"], event["assetId"]) == ("asset_create", asset_id)
    assert isinstance(event["timestamp"], int)
    assert event["metadata"].pop("assetCreated")["value"] <= event["timestamp"]
    assert event["metadata"] == {"name": "Übung.txt", "caption": "Grüße"}


def test_every_writing_service_sends_its_event(emulator: Client, admin: dict[str, str], receiver: Receiver) -> None:
    register(emulator, admin, receiver.url, *sorted(EVENT_TYPES), metadataToReturn=["assetPath"])

    def post(service: str, **data: str) -> Any:
        return emulator.post(f"/services/{service}", data=data, headers=admin)

    asset_id = create(emulator, admin, "/Every/a.txt")
    post("update", id=asset_id, caption="x")
    post("updatebulk", q=f"id:{asset_id}", metadata='{"caption": "y"}')
    post(f"checkout/{asset_id}")
    post(f"undocheckout/{asset_id}")
    emulator.post("/services/update", data={"id": asset_id}, files={"Filedata": ("a.txt", b"v2")}, headers=admin)
    post("copy", source="/Every/a.txt", target="/Every/b.txt")
    post("move", source="/Every/b.txt", target="/Every/c.txt")
    post("move", source="/Every/c.txt", target="/Every/deeper/c.txt")
    post("createFolder", path="/Every/folder")
    post("remove", folderPath="/Every")
    types = [event["type"] for event in receiver.events(17)]
    assert types[:12] == [
        *("folder_create", "asset_create", "asset_update_metadata", "asset_update_metadata", "asset_checkout"),
        *("asset_undo_checkout", "asset_checkin", "asset_create_by_copy", "asset_rename", "folder_create"),
        *("asset_move", "folder_create"),
    ]
    assert sorted(types[12:]) == ["asset_remove"] * 2 + ["folder_remove"] * 3
    changed = receiver.events(3)[2]["changedMetadata"]
    assert changed == {"caption": {"oldValue": None, "newValue": "x"}}
    copied = receiver.events(8)[7]
    assert copied["metadata"] == {"assetPath": "/Every/b.txt"}


def test_conditions(emulator: Client, admin: dict[str, str], receiver: Receiver) -> None:
    register(
        emulator,
        admin,
        receiver.url,
        "asset_update_metadata",
        triggerMetadataFields=["status"],
        foldersAndQuery={"folders": ["nature"], "query": "name:flower*"},
        changedMetadataToReturn=["status"],
    )
    flower = create(emulator, admin, "/nature/flower.jpg")
    for asset_id in (flower, create(emulator, admin, "/nature/tree.jpg"), create(emulator, admin, "/flower.jpg")):
        for field in ("caption", "status"):
            data = {"id": asset_id, "rating": "1", field: "new"}
            emulator.post("/services/update", data=data, headers=admin)
    (event,) = receiver.events(1)
    assert event["assetId"] == flower
    assert event["changedMetadata"] == {"status": {"oldValue": None, "newValue": "new"}}


def test_a_webhook_that_fails_is_tried_again_and_then_left(
    emulator: Client, admin: dict[str, str], receiver: Receiver
) -> None:
    webhook = register(emulator, admin, receiver.url, "asset_create")
    one = f"{PATH}/{webhook['id']}"
    receiver.statuses = [500]
    create(emulator, admin, "/Retry/a.txt")
    first, second = receiver.events(2)
    assert first == second
    receiver.statuses = [503, 302]
    create(emulator, admin, "/Retry/b.txt")
    wait_until(lambda: not emulator.get(one, headers=admin).json()["enabled"])
    create(emulator, admin, "/Retry/c.txt")
    emulator.request("PUT", f"{one}/enable", headers=admin)
    create(emulator, admin, "/Retry/d.txt")
    assert len(receiver.events(5)) == 5
    shown = emulator.get("/_emulator/deliveries").json()[:3]
    assert [(entry["path"], entry["state"], entry["attempts"], entry["problem"]) for entry in reversed(shown)] == [
        ("/Retry/a.txt", "delivered", 2, None),
        ("/Retry/b.txt", "failed", 2, "HTTP 302"),
        ("/Retry/d.txt", "delivered", 1, None),
    ]


def test_a_server_that_nobody_answers_does_not_hold_up_the_call(start: Start) -> None:
    client = start("--webhook-attempts", "1")
    header = client.bearer(ADMIN)
    # The discard port, where nothing listens.
    webhook = register(client, header, "http://key:hidden@127.0.0.1:9/?token=hidden", "asset_create")
    create(client, header, "/a.txt")
    wait_until(lambda: not client.get(f"{PATH}/{webhook['id']}", headers=header).json()["enabled"])
    assert client.get("/_emulator/deliveries").json()[0]["problem"] == "ClientConnectorError"
    shown = client.get("/_emulator/webhooks").text + client.get("/_emulator/deliveries").text
    assert webhook["secretToken"] not in shown
    assert "hidden" not in shown


def test_events_of_folders_and_auth_keys(emulator: Client, admin: dict[str, str], receiver: Receiver) -> None:
    register(emulator, admin, receiver.url, "folder_create", "authkey_create", "authkey_remove")
    folder = emulator.post("/api/folder", json={"path": "/Hooked"}, headers=admin).json()
    data = {"subject": "x", "validUntil": "2099-01-01", "requestUpload": "true", "importFolderPath": "/Hooked"}
    key = emulator.post("/services/createAuthKey", data=data, headers=admin).json()["authKey"]
    emulator.post("/services/revokeAuthKeys", data={"keys": key}, headers=admin)
    made, shared_, revoked = receiver.events(3)
    assert (made["type"], made["folderId"], made["folderPath"]) == ("folder_create", folder["id"], "/Hooked")
    # Documented: events of auth keys have no metadata.
    assert set(shared_) == set(revoked) == {"timestamp", "type", "authKey"}
    assert (shared_["type"], revoked["type"], revoked["authKey"]) == ("authkey_create", "authkey_remove", key)


def test_a_picture_is_told_of_again_when_its_preview_is_there(
    emulator: Client, admin: dict[str, str], receiver: Receiver
) -> None:
    register(emulator, admin, receiver.url, "asset_create", "asset_update_metadata")
    for name, content in (("a.txt", b"text"), ("a.gif", b"GIF89a")):
        files = {"Filedata": (name, content)}
        emulator.post("/services/create", data={"folderPath": "/Told"}, files=files, headers=admin)
    events = receiver.events(3)
    assert [event["type"] for event in events] == ["asset_create", "asset_create", "asset_update_metadata"]
    assert events[2]["changedMetadata"]["previewState"]["newValue"] == "yes"


def test_a_receiver_that_never_answers_does_not_keep_the_server_from_stopping(start: Start) -> None:
    client = start()
    header = client.bearer(ADMIN)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        register(client, header, f"http://127.0.0.1:{silent.getsockname()[1]}/", "asset_create")
        create(client, header, "/a.txt")
        wait_until(lambda: client.get("/_emulator/deliveries").json()[0]["attempts"] == 1)
        assert client.server.stop() == (0, "")
