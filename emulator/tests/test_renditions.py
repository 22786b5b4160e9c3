# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Previews and thumbnails, archives and reports."""

from __future__ import annotations

import csv
import io
import struct
import zipfile
import zlib
from typing import Any

import pytest
from PIL import Image

from emulator.tests.client import Client


def picture(width: int = 400, height: int = 200, format_: str = "PNG") -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (width, height), "teal").save(file, format_)
    return file.getvalue()


def large() -> bytes:
    """A picture of more pixels than are opened here, in a few bytes."""
    file = io.BytesIO()
    Image.new("1", (6000, 5000)).save(file, "PNG")
    return file.getvalue()


def bomb() -> bytes:
    """A picture of 60,000 by 60,000 pixels, as far as its header says."""
    header = b"IHDR" + struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + header + struct.pack(">I", zlib.crc32(header))


@pytest.fixture(scope="module")
def header(shared: Client) -> dict[str, str]:
    return shared.bearer()


def upload(client: Client, header: dict[str, str], path: str, content: bytes) -> dict[str, Any]:
    hit: dict[str, Any] = client.post(
        "/services/create", data={"assetPath": path}, files={"Filedata": ("x", content)}, headers=header
    ).json()
    return hit


@pytest.mark.parametrize(
    ("path", "format_", "size"),
    [
        ("/preview/{id}", "JPEG", (400, 200)),
        ("/preview/{id}/previews/maxWidth_100.jpg", "JPEG", (100, 50)),
        ("/preview/{id}/previews/maxWidth_100_maxHeight_20.png", "PNG", (40, 20)),
        ("/preview/{id}/previews/maxWidth_9000.jpg", "JPEG", (400, 200)),
        ("/preview/{id}/previews/scale_50_quality_10.jpg", "JPEG", (200, 100)),
        ("/preview/{id}/previews/maxWidth_100_page_0.tif", "TIFF", (100, 50)),
        ("/preview/{id}/previews/preview.tiff", "TIFF", (400, 200)),
        ("/preview/{id}/*/any name.png", "PNG", (400, 200)),
        ("/preview/{id}/previews/maxHeight_10.jpg/*/a.jpg?forceDownload=true", "JPEG", (20, 10)),
        ("/preview/Demo Zone/a.png/previews/maxWidth_50.jpg", "JPEG", (50, 25)),
        ("/thumbnail/{id}", "JPEG", (160, 80)),
        ("/api/asset/{id}/preview", "JPEG", (400, 200)),
        ("/api/asset/{id}/thumbnail", "JPEG", (160, 80)),
    ],
)
def test_renditions(shared: Client, header: dict[str, str], path: str, format_: str, size: tuple[int, int]) -> None:
    found = shared.get("/services/search", params={"q": '"/Demo Zone/a.png"'}, headers=header).json()["hits"]
    asset_id = (found[0] if found else upload(shared, header, "/Demo Zone/a.png", picture()))["id"]
    reply = shared.get(path.format(id=asset_id), headers=header)
    assert reply.status_code == 200, reply.text
    made = Image.open(io.BytesIO(reply.content))
    assert (made.format, made.size) == (format_, size)
    assert reply.headers["Content-Type"] == f"image/{format_.lower()}"


def test_a_hit_leads_to_its_previews(shared: Client, header: dict[str, str]) -> None:
    for format_ in ("PNG", "JPEG", "GIF", "TIFF", "BMP", "WEBP"):
        hit = upload(shared, header, f"/Kinds/{format_}.bin", picture(format_=format_))
        assert hit["metadata"]["previewState"] == "yes"
        for name in ("previewUrl", "thumbnailUrl"):
            assert shared.http.get(hit[name], headers=header, timeout=30).content.startswith(b"\xff\xd8")
    no_picture = upload(shared, header, "/Kinds/a.jpg", b"no picture")
    assert "previewUrl" not in no_picture
    assert no_picture["metadata"]["previewState"] == "no"


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("content", ["first line\nsecond \u00fc\u4e2d line".encode(), b"", b"\xff\0" * 9000])
def test_a_text_is_drawn(shared: Client, header: dict[str, str], content: bytes, method: str) -> None:
    hit = upload(shared, header, "/Texts/a.txt", content)
    assert hit["metadata"]["previewState"] == "yes"
    reply = shared.request(method, f"/preview/{hit['id']}", headers=header)
    assert Image.open(io.BytesIO(reply.content)).size == (600, 800)


@pytest.mark.parametrize("content", [b"text", b"", picture()[:60], large(), bomb(), b"II*\0" + b"\xff" * 50])
def test_what_has_no_preview(shared: Client, header: dict[str, str], content: bytes) -> None:
    asset_id = upload(shared, header, "/NoPreview/a.jpg", content)["id"]
    reply = shared.get(f"/preview/{asset_id}", headers=header)
    assert (reply.status_code, reply.json()["errorcode"]) == (404, 404)


@pytest.mark.parametrize(
    "format_", ["maxWidth_0.jpg", "maxWidth_x.jpg", "maxWidth.bmp", "nothing_1.jpg", "maxWidth_1_.jpg", "x", "_.jpg"]
)
def test_formats_that_there_are_not(shared: Client, header: dict[str, str], format_: str) -> None:
    asset_id = upload(shared, header, "/Formats/a.png", picture(8, 8))["id"]
    assert shared.get(f"/preview/{asset_id}/previews/{format_}", headers=header).status_code == 400


def test_previews_need_a_session_or_a_secret(shared: Client, header: dict[str, str]) -> None:
    asset_id = upload(shared, header, "/Secret/a.png", picture(8, 8))["id"]
    assert shared.get(f"/preview/{asset_id}").status_code == 401
    assert shared.get("/preview/Secret/a.png?requestSecret=x").status_code == 401
    search = {"q": f"id:{asset_id}", "appendRequestSecret": "true"}
    hit = shared.get("/services/search", params=search, headers=header).json()["hits"][0]
    for name in ("originalUrl", "previewUrl", "thumbnailUrl"):
        assert shared.http.get(hit[name], timeout=30).status_code == 200


def unpack(reply: Any) -> dict[str, bytes]:
    assert reply.headers["Content-Type"] == "application/zip", reply.text
    with zipfile.ZipFile(io.BytesIO(reply.content)) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_zip(shared: Client, header: dict[str, str], method: str) -> None:
    folder = f"/Zip/{method}"
    files = {"a.bin": b"one", "deeper/a.bin": b"two", "b.png": picture(40, 20)}
    ids = [upload(shared, header, f"{folder}/{name}", content)["id"] for name, content in files.items()]
    shared.post("/services/create", data={"assetPath": f"{folder}/without file"}, headers=header)

    def ask(**params: str) -> dict[str, bytes]:
        return unpack(shared.request(method, "/zip/my files.zip", params=params, headers=header))

    by_id = ask(assetIds=",".join(ids[:2]), downloadKind="original")
    assert by_id == {"a.bin": b"one", "a-1.bin": b"two"}
    assert set(ask(folderPath=folder, compress="true")) == {"a.bin", "a-1.bin", "b.png"}
    assert len(ask(q=f'ancestorPaths:"{folder}"', num="2", sort="filename")) <= 2
    previews = ask(folderPath=folder, downloadKind="preview")
    assert list(previews) == ["b.jpg"]
    small = ask(folderPath=folder, previewFormat="maxWidth_10.png")
    assert Image.open(io.BytesIO(small["b.png"])).size == (10, 5)


@pytest.mark.parametrize(
    ("params", "status"),
    [
        ({}, 400),
        ({"q": "*", "folderPath": "/Zip"}, 400),
        ({"q": "*", "downloadKind": "x"}, 400),
        ({"q": "name:("}, 400),
        ({"assetIds": "nothing"}, 404),
        ({"folderPath": "/Nowhere"}, 404),
        ({"q": "*", "downloadPresetId": "x"}, 404),
    ],
)
def test_no_zip(shared: Client, header: dict[str, str], params: dict[str, str], status: int) -> None:
    assert shared.get("/zip/a.zip", params=params, headers=header).status_code == status


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_reports(shared: Client, header: dict[str, str], method: str) -> None:
    folder = f"/Report/{method}"
    for name in ("a", "b"):
        data = {"assetPath": f"{folder}/{name}.txt", "tags": "x,y", "caption": f'{name}, "ü"'}
        shared.post("/services/create", data=data, headers=header)

    def ask(name: str, **params: str) -> Any:
        return shared.request(method, f"/metadata/{name}", params=params, headers=header)

    fields = "assetPath,tags,caption,nothing"
    reply = ask("report.csv", assetPath=folder, fields=fields)
    assert reply.headers["Content-Disposition"] == "attachment; filename*=UTF-8''report.csv"
    assert sorted(csv.reader(io.StringIO(reply.content.decode(), newline=""))) == [
        [f"{folder}/a.txt", "x, y", 'a, "ü"', ""],
        [f"{folder}/b.txt", "x, y", 'b, "ü"', ""],
        ["assetPath", "tags", "caption", "nothing"],
    ]
    rows = ask("report.json", assetPath=f"{folder}/a.txt", fields=fields).json()
    assert rows == [{"assetPath": f"{folder}/a.txt", "tags": ["x", "y"], "caption": 'a, "ü"'}]
    everything = ask("report.json", q=f'folderPath:"{folder}"').json()
    assert len(everything) == 2
    assert "assetCreated" in everything[0]
    assert "versionNumber" in ask("report.csv", q=f'folderPath:"{folder}"').text.splitlines()[0]
    assert ask("report.csv", q="name:nothing", fields="id").text == "id\r\n"


@pytest.mark.parametrize(
    ("name", "params", "status"),
    [
        ("r.csv", {}, 400),
        ("r.csv", {"q": "*", "assetIds": "x"}, 400),
        ("r.json", {"assetIds": "nothing"}, 404),
        ("r.json", {"assetPath": "/Nowhere"}, 404),
        ("r.xls", {"q": "*"}, 404),
    ],
)
def test_no_report(shared: Client, header: dict[str, str], name: str, params: dict[str, str], status: int) -> None:
    assert shared.get(f"/metadata/{name}", params=params, headers=header).status_code == status


def test_the_report_of_a_collection_is_about_what_it_holds(shared: Client, header: dict[str, str]) -> None:
    ids = [
        shared.post("/services/create", data={"assetPath": f"/Box/{name}"}, headers=header).json()["id"]
        for name in ("box.collection", "a.txt")
    ]
    shared.post("/services/collection/add", data={"collectionId": ids[0], "childIds": ids[1]}, headers=header)
    params = {"assetPath": "/Box/box.collection", "fields": "id"}
    assert shared.get("/metadata/r.json", params=params, headers=header).json() == [{"id": ids[1]}]
