# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The history of an asset, its versions, and the way back to one."""

from __future__ import annotations

from typing import Any

import pytest

from emulator.tests.client import Client


class Story:
    """An asset to which everything happens that a history tells of."""

    def __init__(self, client: Client) -> None:
        self.client, self.header = client, client.bearer()
        self.id = client.post(
            "/services/create",
            data={"folderPath": "/Story"},
            files={"Filedata": ("a.txt", b"one")},
            headers=self.header,
        ).json()["id"]
        self.post("update", id=self.id, caption="x")
        self.post(f"checkout/{self.id}")
        self.check_in(b"two")
        path = self.field("assetPath")
        self.post("move", source=path, target=path.replace("a", "b"))
        self.client.get(f"/file/{self.id}/*/b.txt", headers=self.header)
        self.post("copy", source=self.field("assetPath"), target=f"/Story/copies/{self.id}.txt")

    def post(self, service: str, **data: str) -> Any:
        return self.client.post(f"/services/{service}", data=data, headers=self.header)

    def check_in(self, content: bytes) -> None:
        files = {"Filedata": (self.field("filename"), content)}
        self.client.post("/services/update", data={"id": self.id}, files=files, headers=self.header)

    def field(self, name: str) -> Any:
        return self.post("search", q=f"id:{self.id}").json()["hits"][0]["metadata"][name]

    def content(self) -> bytes:
        return self.client.get(f"/file/{self.id}/*/x", headers=self.header).content

    def actions(self, **parameters: object) -> list[str]:
        return [hit["usageStatsRecord"]["action"] for hit in self.history(**parameters)["hits"]]

    def history(self, **parameters: object) -> Any:
        data = {"id": self.id, **parameters}
        return self.client.post("/services/asset/history", data=data, headers=self.header).json()


@pytest.fixture(scope="module")
def story(shared: Client) -> Story:
    return Story(shared)


ALL = ["DOWNLOAD", "RENAME", "CHECKIN", "CHECKOUT", "METADATA_UPDATE", "CREATE"]


@pytest.mark.parametrize(
    ("parameters", "actions"),
    [
        ({}, ALL),
        ({"detailLevel": "0", "actions": "CHECKIN, CREATE"}, ["CHECKIN", "CREATE"]),
        ({"detailLevel": "1", "actions": "RENAME"}, ["CHECKIN", "CREATE"]),
        ({"detailLevel": "2"}, ["RENAME", "CHECKIN", "CREATE"]),
        ({"detailLevel": "3"}, ["DOWNLOAD", "RENAME", "CHECKIN", "CREATE"]),
        ({"detailLevel": "5"}, ALL),
        ({"start": "1", "num": "2"}, ["RENAME", "CHECKIN"]),
        ({"num": "0"}, []),
    ],
)
def test_history(story: Story, parameters: dict[str, str], actions: list[str]) -> None:
    assert story.actions(**parameters) == actions


def test_history_by_get(story: Story) -> None:
    got = story.client.get("/services/asset/history", params={"id": story.id, "num": "1"}, headers=story.header)
    assert got.json()["totalHits"] == len(ALL)
    assert len(got.json()["hits"]) == 1


def test_what_an_entry_tells(story: Story) -> None:
    update = story.history(actions="METADATA_UPDATE")["hits"][0]
    record = update["usageStatsRecord"]
    assert record["changedMetadata"] == {"caption": {"oldValue": None, "newValue": "x"}}
    assert (record["userName"], record["clientType"], record["remoteAddr"]) == ("alice", "API", "127.0.0.1")
    assert (record["assetType"], record["assetDomain"], record["userGroups"]) == ("txt", "text", ["users"])
    assert update["versionCreatingAction"] is False
    assert story.history(actions="CREATE")["hits"][0]["versionCreatingAction"] is True
    search = story.post("search", q=f'assetPath:"/Story/copies/{story.id}.txt"').json()
    copy = story.client.get("/services/asset/history", params={"id": search["hits"][0]["id"]}, headers=story.header)
    record = copy.json()["hits"][0]["usageStatsRecord"]
    assert (record["action"], record["sourceAssetId"]) == ("COPY", story.id)


def test_history_that_there_is_not(story: Story) -> None:
    assert story.history(detailLevel="6")["errorcode"] == 400
    assert story.history(id="nothing")["errorcode"] == 404
    assert story.post("asset/history").json()["errorcode"] == 400


def test_the_history_of_a_removed_asset_is_kept(shared: Client) -> None:
    header = shared.bearer()
    asset_id = shared.post("/services/create", data={"assetPath": "/Gone/a.txt"}, headers=header).json()["id"]
    shared.post("/services/remove", data={"ids": asset_id}, headers=header)
    hits = shared.get("/services/asset/history", params={"id": asset_id}, headers=header).json()["hits"]
    assert [hit["usageStatsRecord"]["action"] for hit in hits] == ["REMOVE", "CREATE"]


def test_promote(shared: Client) -> None:
    story = Story(shared)
    assert (story.field("versionNumber"), story.content()) == (2, b"two")
    reply = story.post("version/promote", assetId=story.id, version="1")
    assert (reply.status_code, reply.json()) == (200, {})
    assert (story.field("versionNumber"), story.content()) == (3, b"one")
    story.post("version/promote", assetId=story.id, version="2")
    assert (story.field("versionNumber"), story.content()) == (4, b"two")
    assert story.actions(detailLevel="1")[:2] == ["COPY_VERSION", "COPY_VERSION"]
    for version in ("4", "9", "0", ""):
        assert story.post("version/promote", assetId=story.id, version=version).json()["errorcode"] == 404
