# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Auth keys and share links; two-step upload and signed addresses."""

from __future__ import annotations

import io
from typing import Any

import pytest
from PIL import Image

from elvis_emulator.users.secrets import RequestSecrets
from emulator.tests.client import Client

KEY = {"subject": "for you", "validUntil": "2099-12-31"}


@pytest.fixture(scope="module")
def header(shared: Client) -> dict[str, str]:
    return shared.bearer()


@pytest.fixture(scope="module")
def asset(shared: Client, header: dict[str, str]) -> str:
    file = io.BytesIO()
    Image.new("RGB", (40, 20)).save(file, "PNG")
    files = {"Filedata": ("a.png", file.getvalue())}
    asset_id: str = shared.post("/services/create", data={"folderPath": "/Share"}, files=files, headers=header).json()[
        "id"
    ]
    return asset_id


def test_auth_keys(shared: Client, header: dict[str, str], asset: str) -> None:
    def post(service: str, **data: str) -> Any:
        return shared.post(f"/services/{service}", data=data, headers=header)

    made = post("createAuthKey", **KEY, assetIds=asset, downloadOriginal="true", description="x").json()
    assert set(made) == {"authKey", "desktopClientUrl", "mobileClientUrl", "webClientUrl"}
    assert made["webClientUrl"].startswith(shared.server.url)
    assert made["authKey"] in made["webClientUrl"]
    changed = post("updateAuthKey", key=made["authKey"], validUntil="2098-01-01T00:00:00Z")
    assert (changed.status_code, changed.json()) == (200, {})
    other = post("createAuthKey", **KEY, requestUpload="true", importFolderPath="/In").json()
    assert post("revokeAuthKeys", keys=f"{made['authKey']},nothing").json()["errorcode"] == 404
    assert post("revokeAuthKeys", keys=f"{made['authKey']},{other['authKey']}").json() == {}
    assert post("updateAuthKey", key=made["authKey"]).json()["errorcode"] == 404
    assert made["authKey"] not in shared.get("/_emulator/events").text


@pytest.mark.parametrize(
    ("data", "code"),
    [
        ({}, 400),
        ({"subject": "x", "assetIds": "x"}, 400),
        (KEY, 400),
        (KEY | {"requestUpload": "true"}, 400),
        (KEY | {"validUntil": "some day"}, 400),
        (KEY | {"assetIds": "nothing"}, 404),
    ],
)
def test_what_makes_no_auth_key(shared: Client, header: dict[str, str], data: dict[str, str], code: int) -> None:
    assert shared.post("/services/createAuthKey", data=data, headers=header).json()["errorcode"] == code


def test_share_link(shared: Client, header: dict[str, str], asset: str) -> None:
    body = KEY | {"sharedAssetIds": [asset], "requestUpload": False, "query": None}
    reply = shared.post("/api/sharelink", json=body, headers=header)
    assert reply.status_code == 201
    assert set(reply.json()) == {"id", "url"}
    for wrong in ({}, KEY, KEY | {"sharedAssetIds": "x"}):
        assert shared.post("/api/sharelink", json=wrong, headers=header).status_code == 400
    assert shared.post("/api/sharelink", json=KEY | {"sharedAssetIds": ["x"]}, headers=header).status_code == 404


@pytest.mark.parametrize(
    ("name", "kind", "size"),
    [
        ("signed-original-url", "PNG", (40, 20)),
        ("signed-preview-url", "JPEG", (40, 20)),
        ("signed-thumbnail-url", "JPEG", (40, 20)),
        ("signed-image-rendition-url?format=png&maxWidth=10", "PNG", (10, 5)),
        ("signed-image-rendition-url?validFor=-1", "JPEG", (40, 20)),
    ],
)
def test_a_signed_address_needs_no_session(
    shared: Client, header: dict[str, str], asset: str, name: str, kind: str, size: tuple[int, int]
) -> None:
    one, two = shared.get(f"/api/asset/{asset},{asset}/{name}", headers=header).json()
    assert one["assetId"] == two["assetId"] == asset
    got = shared.http.get(one["signedUrl"], timeout=30)
    made = Image.open(io.BytesIO(got.content))
    assert (made.format, made.size) == (kind, size)
    assert shared.http.get(one["signedUrl"][:-1] + "x", timeout=30).json()["errorcode"] == 401


@pytest.mark.parametrize("name", ["signed-original-url?validFor=x", "signed-image-rendition-url?format=bmp"])
def test_what_is_not_signed(shared: Client, header: dict[str, str], asset: str, name: str) -> None:
    assert shared.get(f"/api/asset/{asset}/{name}", headers=header).status_code == 400
    assert shared.get(f"/api/asset/nothing/{name.partition('?')[0]}", headers=header).status_code == 404


def test_a_secret_is_for_one_kind_and_ends() -> None:
    secrets = RequestSecrets()
    assert secrets.fits("a", secrets.until("a", 0, "preview"), "preview")
    assert not secrets.fits("a", secrets.until("a", 0, "preview"), "original")
    assert not secrets.fits("b", secrets.until("a", 0, "preview"), "preview")
    assert not secrets.fits("a", secrets.until("a", 1, "preview"), "preview")
    assert secrets.fits("a", secrets.until("a", 10**11 - 1, "preview"), "preview")
    for secret in ("", "-", "0-", "x-y", "²-x", "1" * 400 + "-x"):
        assert not secrets.fits("a", secret)


@pytest.mark.parametrize("way", ["curl", "PUT", "POST"])
def test_two_step_upload(shared: Client, header: dict[str, str], way: str) -> None:
    body = {"assetPath": f"/Two/{way}.txt", "metadata": {"caption": "x"}, "metadataToReturn": ["caption"]}
    made = shared.post("/api/asset", json=body, headers=header)
    assert made.status_code == 201
    hit = made.json()
    assert hit["metadata"] == {"caption": "x"}
    assert "originalUrl" not in hit
    address = hit["uploadUrl"]
    if way == "curl":
        # As `curl --upload-file` does: without a session, the bytes as the body.
        sent = shared.http.put(address, data=b"one", timeout=30)
    else:
        sent = shared.http.request(way, address, files={"file": ("x.bin", b"one")}, timeout=30)
    assert sent.json()["metadata"]["versionNumber"] == 1
    assert sent.json()["metadata"]["filename"] == f"{way}.txt"
    one = f"/api/asset/{hit['id']}"
    assert shared.get(f"{one}/original", headers=header).content == b"one"
    for flag, version in (("true", 2), ("false", 3)):
        data = {"createVersion": flag}
        again = shared.post(f"{one}/original", data=data, files={"file": ("x", b"two")}, headers=header).json()
        assert again["metadata"]["versionNumber"] == version
    assert shared.get(one, headers=header).json()["metadata"]["caption"] == "x"
    assert shared.http.put(address + "x", data=b"three", timeout=30).status_code == 401
    assert shared.http.put(f"{shared.server.url}{one}/original", data=b"three", timeout=30).status_code == 401
    conflict = shared.post("/api/asset", json=body | {"autoRename": False}, headers=header)
    assert (conflict.status_code, conflict.json()["id"], conflict.json()["uploadUrl"]) == (409, hit["id"], None)
    renamed = shared.post("/api/asset", json=body | {"metadataToReturn": "all"}, headers=header).json()
    assert renamed["metadata"]["filename"] == f"{way}-1.txt"
    found = shared.get("/api/asset/search", params={"q": f"filename:{way}*", "size": "1"}, headers=header).json()
    assert (found["total"], len(found["hits"])) == (2, 1)


def test_an_upload_needs_a_file(shared: Client, header: dict[str, str], asset: str) -> None:
    assert shared.post(f"/api/asset/{asset}/original", headers=header).status_code == 400
    assert shared.post("/api/asset", json={}, headers=header).status_code == 400
    assert shared.request("PUT", "/api/asset/nothing/original", data=b"x", headers=header).status_code == 404
