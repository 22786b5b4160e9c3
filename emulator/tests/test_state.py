# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The state in one file, and in a folder that outlives the process."""

from __future__ import annotations

import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from emulator.tests.client import Client, Start
from emulator.tests.running import FOLDER
from emulator.tests.shelf import Shelf

ADMIN = "admin:changemenow"
LARGE = bytes(range(256)) * 1024


def command(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Run the command."""
    started = [sys.executable, "-m", "elvis_emulator", *arguments]
    return subprocess.run(started, cwd=FOLDER, capture_output=True, text=True, timeout=60, check=False)


def take_snapshot(client: Client, path: Path) -> list[tuple[str, str, str]]:
    """Write a snapshot, and return its records."""
    done = command("snapshot", client.server.url, path)
    assert (done.returncode, done.stderr) == (0, "")
    with closing(sqlite3.connect(path)) as database:
        return list(database.execute("SELECT kind, key, value FROM records ORDER BY number"))


def fill(client: Client) -> Shelf:
    """Have one of everything that a server holds."""
    shelf = Shelf.filled(client)
    admin = client.bearer(ADMIN)
    shelf.add("large.bin", LARGE)
    shelf.send("POST", "/services/update", data={"id": "{a.jpg}"}, files={"Filedata": ("a.jpg", b"second")})
    shelf.send("POST", "/services/update", data={"id": "{large.bin}"}, files={"Filedata": ("large.bin", LARGE[1:])})
    shelf.send("POST", "/services/copy", data={"source": "{folder}/large.bin", "target": "{folder}/copy.bin"})
    shelf.send("POST", "/services/checkout/{b.txt}")
    shelf.send("POST", "/api/folder", json={"path": "{folder}/empty", "metadata": {"tags": "x"}})
    relation = {"relationType": "contains", "target1Id": "{c.collection}", "target2Id": "{a.jpg}"}
    shelf.send("POST", "/services/createRelation", data=relation)
    shelf.send("POST", "/services/logUsage", data={"assetId": "{a.jpg}", "action": "placed", "page__s": "7"})
    key = {"subject": "x", "validUntil": "2099-01-01", "assetIds": "{a.jpg}"}
    shelf.send("POST", "/services/createAuthKey", data=key)
    shelf.send("POST", "/services/renditionpreset/save", json={"name": "Small"})
    webhook = {
        "name": "x",
        "url": "http://192.0.2.1/",
        "eventTypes": ["asset_remove"],
        "enabled": False,
        "foldersAndQuery": {"folders": ["/Test"], "query": "tags:sea"},
    }
    client.post("/services/admin/webhook", json=webhook, headers=admin)
    client.post("/services/admin/externalProcessing", json={"name": "x", "url": "http://192.0.2.1/"}, headers=admin)
    client.post("/api/admin/permission/rule", json={"subject": "x"}, headers=admin)
    client.post("/services/apilogin", data={"username": "api", "password": "wrong"})
    shelf.add("gone.txt", b"x")
    shelf.send("POST", "/services/remove", data={"ids": "{gone.txt}"})
    return shelf


def seen(client: Client, shelf: Shelf) -> dict[str, Any]:
    """Return what a client sees of all that `fill` made."""
    there = Shelf(client, client.bearer(), shelf.folder, shelf.ids)
    admin = client.bearer(ADMIN)
    search = {"q": 'ancestorPaths:"{folder}"', "sort": "assetPath", "metadataToReturn": "all"}
    hits = there.send("GET", "/services/search", params=search).json()["hits"]
    return {
        "hits": [{"id": hit["id"], "metadata": hit["metadata"]} for hit in hits],
        "files": [there.send("GET", f"/file/{hit['id']}/*/x").content for hit in hits],
        "versions": there.send("POST", "/services/version/list", data={"assetId": "{a.jpg}"}).json(),
        "first": there.send(
            "GET", "/private-api/contentsource/retrieveVersion", params={"assetId": "{large.bin}", "version": "1"}
        ).content,
        "folder": there.send("GET", "/api/folder/get", params={"path": "{folder}/empty"}).json(),
        "related": there.send("POST", "/services/search", data={"q": "relatedTo:{c.collection}"}).json()["totalHits"],
        "history": [
            hit
            for asset in ("{a.jpg}", "{gone.txt}")
            for hit in there.send(
                "POST", "/services/asset/history", data={"id": asset, "detailLevel": "0", "num": "99"}
            ).json()["hits"]
            if hit["usageStatsRecord"]["action"] != "DOWNLOAD"
        ],
        "presets": there.send("POST", "/services/renditionpreset/list").json(),
        "webhooks": client.get("/services/admin/webhook", headers=admin).json(),
        "engines": client.get("/services/admin/externalProcessing", headers=admin).json(),
        "rules": client.post("/api/admin/permission/rule/search", json={}, headers=admin).json(),
    }


def test_a_snapshot_brings_everything_back_equal(start: Start, tmp_path: Path) -> None:
    first = start()
    shelf = fill(first)
    expected = seen(first, shelf)
    records = take_snapshot(first, tmp_path / "one")
    assert (tmp_path / "one").stat().st_mode & 0o777 == 0o600
    second = start("--load", str(tmp_path / "one"))
    assert take_snapshot(second, tmp_path / "two") == records
    assert seen(second, shelf) == expected
    # There was one of everything.
    kinds = {kind for kind, _key, _value in records}
    assert kinds == {
        *("folder", "asset", "relation", "entry", "webhook", "auth_keys", "engines", "rules", "presets"),
        *("wrong_passwords", "request_secrets"),
    }


def test_signed_addresses_outlive_the_process(start: Start, tmp_path: Path) -> None:
    first = start("--data", str(tmp_path))
    shelf = Shelf.filled(first)
    (signed,) = shelf.send("GET", "/api/asset/{a.jpg}/signed-original-url").json()
    first.server.kill()
    second = start("--data", str(tmp_path))
    path = "/" + signed["signedUrl"].split("/", 3)[3]
    assert second.get(path).content == b"picture"


@pytest.mark.parametrize("name", ["--load", "--seed"])
def test_what_is_no_snapshot_is_refused(name: str, tmp_path: Path) -> None:
    (tmp_path / "text").write_bytes(b"no snapshot" * 1000)
    done = command("serve", "--port", "0", name, tmp_path / "text")
    assert (done.returncode, done.stdout) == (1, "")
    assert "is no state of this emulator" in done.stderr
    assert command("serve", name, tmp_path / "nothing").returncode == 2


def test_a_snapshot_of_what_is_no_emulator(tmp_path: Path) -> None:
    done = command("snapshot", "http://127.0.0.1:9", tmp_path / "file")
    assert (done.returncode, list(tmp_path.iterdir())) == (1, [])
    assert "No snapshot of http://127.0.0.1:9" in done.stderr
    assert command("snapshot", "file:///etc/passwd", tmp_path / "file").returncode == 2


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_a_folder_outlives_the_process(start: Start, tmp_path: Path, how: signal.Signals) -> None:
    data = ("--data", str(tmp_path / "data"))
    first = start(*data)
    shelf = fill(first)
    expected = seen(first, shelf)
    if how == signal.SIGKILL:
        first.server.kill()
    else:
        first.server.stop()
    second = start(*data)
    assert seen(second, shelf) == expected
    # It goes on from there, and what is gone takes its file along.
    there = Shelf(second, second.bearer(), shelf.folder, shelf.ids)
    there.add("new.txt", b"new")
    files = tmp_path / "data/files"
    assert len(list(files.iterdir())) == 4
    there.send("POST", "/services/remove", data={"q": "filename:large.bin OR filename:copy.bin"})
    second.server.kill()
    third = start(*data)
    assert [path.name for path in files.iterdir()] == ["small"]
    assert Shelf(third, third.bearer(), shelf.folder, there.ids).metadata("new.txt")["fileSize"]["value"] == 3


def test_each_request_is_kept_before_it_is_answered(start: Start, tmp_path: Path) -> None:
    """Killed right after each reply, it has all that it said it has."""
    ids: list[str] = []
    for number in range(4):
        client = start("--data", str(tmp_path))
        header = client.bearer()
        for asset_id in ids:
            hits = client.get("/services/search", params={"q": f"id:{asset_id}"}, headers=header).json()["hits"]
            assert [hit["id"] for hit in hits] == [asset_id]
        content = b"x" if number % 2 else LARGE
        made = client.post(
            "/services/create",
            data={"assetPath": f"/Kept/{number}.bin", "tags": str(number)},
            files={"Filedata": ("x", content)},
            headers=header,
        ).json()
        client.server.kill()
        ids.append(made["id"])


def test_what_is_done_in_the_background_is_kept(start: Start, tmp_path: Path) -> None:
    first = start("--data", str(tmp_path))
    shelf = Shelf.filled(first)
    process = shelf.send(
        "POST", "/services/updatebulk", data={"q": 'ancestorPaths:"{folder}"', "status": "Done", "async": "true"}
    ).json()
    while shelf.send("POST", "/services/process/info", data=process).json()["state"] != "done":
        pass
    first.server.kill()
    second = start("--data", str(tmp_path))
    assert Shelf(second, second.bearer(), shelf.folder, shelf.ids).metadata("sub/d.jpg")["status"] == "Done"


def test_a_snapshot_fills_a_folder_once(start: Start, tmp_path: Path) -> None:
    first = start()
    shelf = Shelf.filled(first)
    take_snapshot(first, tmp_path / "snapshot")
    options = ("--data", str(tmp_path / "data"), "--load", str(tmp_path / "snapshot"))
    second = start(*options)
    second.server.kill()
    third = start(*options[:2])
    assert Shelf(third, third.bearer(), shelf.folder, shelf.ids).metadata("a.jpg")["title"] == "Old town"
    # Two servers would write over each other.
    busy = command("serve", "--port", "0", *options[:2])
    assert (busy.returncode, "in use by another server" in busy.stderr) == (1, True)
    third.server.stop()
    again = command("serve", "--port", "0", *options)
    assert (again.returncode, "has assets already" in again.stderr) == (1, True)


def test_a_folder_with_another_database_is_refused(tmp_path: Path) -> None:
    (tmp_path / "state.sqlite").write_bytes(b"something else" * 100)
    done = command("serve", "--port", "0", "--data", tmp_path)
    assert (done.returncode, "is no state of this emulator" in done.stderr) == (1, True)


def test_chosen_ids_are_not_chosen_again(start: Start, tmp_path: Path) -> None:
    """With a seed for all chances, a path gets the id that it always gets, unless that is taken."""
    options = ("--chaos", "7", "--data", str(tmp_path))
    first = start(*options)
    header = first.bearer()
    made = [first.post("/services/create", data={"assetPath": "/a.txt"}, headers=header).json().get("id")]
    move = {"source": "/a.txt", "target": "/b.txt"}
    first.post("/services/move", data=move, headers=header)
    first.server.kill()
    second = start(*options)
    reply = second.post("/services/create", data={"assetPath": "/a.txt"}, headers=second.bearer()).json()
    assert reply.get("id") not in made
