# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A DAM of a few assets in this process, on a clock of its own: fast enough for a hundred thousand tasks.

It takes the place of the HTTP transport. It knows only what an upload asks. Its search lags; browse and files do not.
"""

from __future__ import annotations

import email.utils
import hashlib
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote, urlsplit

from requests.structures import CaseInsensitiveDict

from ansible_collections.damops.elvis.plugins.module_utils._elvis.paths import pairing_key
from ansible_collections.damops.elvis.plugins.module_utils._errors import CallFailure
from ansible_collections.damops.elvis.plugins.module_utils._http.request import HttpRequest
from ansible_collections.damops.elvis.plugins.module_utils._http.transport import HttpResponse

URL = "http://dam.test"
TAIL = b" with texts"
"""What a server embeds, where it does."""
_TERM = re.compile(r'(\w+):"((?:\\.|[^"\\])*)"')


class Killed(BaseException):
    """The process is gone: nothing of it does anything any more."""


class Clock:
    """The time of everything in one example, in seconds since 1970. It goes on only when somebody waits."""

    def __init__(self, now: float) -> None:
        self.now = now

    def read(self) -> float:
        return self.now

    def wait(self, seconds: float) -> None:
        self.now += max(0.0, seconds)


@dataclass
class Asset:
    """An asset with all the files that it ever had, and all the paths."""

    id: str
    path: str
    created: float
    files: list[bytes] = field(default_factory=list)
    modified: float = 0.0
    paths: list[str] = field(default_factory=list)
    renames: list[tuple[float, str]] = field(default_factory=list)

    def holds(self, path: str, content: bytes) -> bool:
        """Tell whether this was ever at a path, and has a file among its versions."""
        return content in self.files and pairing_key(path) in map(pairing_key, self.paths)


class Failure(Exception):
    def __init__(self, status: int, name: str) -> None:
        self.status, self.name = status, name


class SmallDam:
    """The server.

    :param lag: the seconds until a search knows of a change
    :param checksum: whose checksum is shown, ``first`` or ``latest``
    :param embeds: whether texts are written into the files that are stored
    """

    def __init__(self, clock: Clock, lag: float, checksum: str, embeds: bool) -> None:
        self._clock = clock
        self.lag = lag
        self._checksum = checksum
        self._embeds = embeds
        self.assets: dict[str, Asset] = {}
        self.folders: set[str] = {"", "/Zone"}
        self._count = 0
        self._seen: list[tuple[float, list[dict[str, Any]]]] = [(0.0, [])]
        self.removed: Callable[[Asset], None] = lambda _asset: None
        """Is told of each asset that a task removes."""

    # What users do, and services are made of

    def at(self, path: str) -> Asset | None:
        return next((asset for asset in self.assets.values() if asset.path == path), None)

    def create(self, path: str, content: bytes) -> Asset:
        if self.at(path) or path in self.folders:
            raise Failure(409, "PathAlreadyExistsException")
        self._count += 1
        asset = Asset(f"id{self._count}", path, self._clock.now, [content], self._clock.now, [path])
        self.assets[asset.id] = asset
        self.make_folder(path.rpartition("/")[0])
        self._note()
        return asset

    def replace(self, asset: Asset, content: bytes, name: str | None = None) -> None:
        if name and asset.path.rpartition("/")[2] != name:
            self.move(asset, f"{asset.path.rpartition('/')[0]}/{name}")
        asset.files.append(content)
        asset.modified = self._clock.now
        self._note()

    def move(self, asset: Asset, path: str) -> None:
        if self.at(path) or path in self.folders:
            raise Failure(409, "PathAlreadyExistsException")
        asset.path = path
        asset.paths.append(path)
        asset.renames.append((self._clock.now, path))
        self.make_folder(path.rpartition("/")[0])
        self._note()

    def remove(self, asset: Asset) -> None:
        del self.assets[asset.id]
        self._note()

    def make_folder(self, path: str) -> bool:
        is_new = path not in self.folders
        while path not in self.folders:
            self.folders.add(path)
            path = path.rpartition("/")[0]
        return is_new

    def _note(self) -> None:
        self._seen.append((self._clock.now, [self._hit(asset) for asset in self.assets.values()]))

    def _hit(self, asset: Asset) -> dict[str, Any]:
        shown = asset.files[0 if self._checksum == "first" else -1]
        name = asset.path.rpartition("/")[2]
        metadata = {
            "assetPath": asset.path,
            "name": name,
            "versionNumber": len(asset.files),
            "firstExtractedChecksum": md5(shown),
            "fileSize": {"value": len(self._stored(asset)), "formatted": ""},
            "assetFileModified": {"value": int(asset.modified * 1000), "formatted": ""},
            "assetCreated": {"value": int(asset.created * 1000), "formatted": ""},
        }
        return {"id": asset.id, "metadata": metadata, "originalUrl": f"{URL}/file/{asset.id}/*/{name}"}

    def _stored(self, asset: Asset) -> bytes:
        return asset.files[-1] + (TAIL if self._embeds else b"")

    # Services

    def answer(self, message: HttpRequest) -> HttpResponse:
        """Do what a request asks, and return the reply."""
        path = unquote(urlsplit(message.url).path)
        fields, content = read_form(message)
        try:
            if path.startswith("/file/"):
                return self._file(message, path.split("/")[2])
            service = path.removeprefix("/services/").replace("/", "_")
            return self._reply(200, getattr(self, f"_serve_{service}")(fields, content))
        except Failure as failure:
            return self._reply(
                failure.status, {"errorcode": failure.status, "errorname": failure.name, "message": "refused"}
            )

    def _reply(self, status: int, answer: Any) -> HttpResponse:
        return HttpResponse(status, self._headers("application/json"), json.dumps(answer).encode())

    def _headers(self, kind: str) -> CaseInsensitiveDict[str]:
        date = email.utils.formatdate(self._clock.now, usegmt=True)
        return CaseInsensitiveDict({"Content-Type": kind, "Date": date})

    def _file(self, message: HttpRequest, asset_id: str) -> HttpResponse:
        if asset_id not in self.assets:
            return self._reply(404, {"errorcode": 404, "errorname": "NotFoundException", "message": "gone"})
        assert message.save
        content = self._stored(self.assets[asset_id])
        headers = self._headers("image/jpeg")
        headers["Content-Length"] = str(len(content))
        return HttpResponse(200, headers, message.save(iter([content])), saved=True)

    def _serve_search(self, fields: dict[str, str], _content: Any) -> Any:
        seen = next(hits for moment, hits in reversed(self._seen) if moment <= self._clock.now - self.lag)
        wanted = [(name, re.sub(r"\\(.)", r"\1", value)) for name, value in _TERM.findall(fields["q"])]
        hits = [hit for hit in seen if any(_fits(hit, name, value) for name, value in wanted)]
        start, number = int(fields["start"]), int(fields["num"])
        return {"totalHits": len(hits), "hits": hits[start : start + number]}

    def _serve_browse(self, fields: dict[str, str], _content: Any) -> Any:
        above = fields["path"].rstrip("/")
        found = [(path, True) for path in sorted(self.folders) if path and path.rpartition("/")[0] == above]
        if fields.get("includeAssets") == "true":
            found += [(asset.path, False) for asset in self.assets.values() if asset.path.rpartition("/")[0] == above]
        return [
            {"name": path.rpartition("/")[2], "assetPath": path, "directory": is_folder} for path, is_folder in found
        ]

    def _serve_createFolder(self, fields: dict[str, str], _content: Any) -> Any:  # noqa: N802
        return {path: "created" if self.make_folder(path) else "already exists" for path in fields["path"].split("\0")}

    def _serve_create(self, fields: dict[str, str], content: tuple[str, bytes] | None) -> Any:
        assert content
        name = json.loads(fields["metadata"])["name"]
        return self._hit(self.create(f"{fields['folderPath']}/{name}", content[1]))

    def _serve_update(self, fields: dict[str, str], content: tuple[str, bytes] | None) -> Any:
        asset = self._asset(fields["id"])
        if content:
            self.replace(asset, content[1], content[0])
        return self._hit(asset)

    def _serve_remove(self, fields: dict[str, str], _content: Any) -> Any:
        asset = self._asset(fields["ids"])
        self.removed(asset)
        self.remove(asset)
        return {"processedCount": 1, "errorCount": 0}

    def _serve_asset_history(self, fields: dict[str, str], _content: Any) -> Any:
        asset = self._asset(fields["id"])
        records = [
            {"action": "RENAME", "logDate": int(1000 * moment), "assetPath": path} for moment, path in asset.renames
        ]
        return {"totalHits": len(records), "hits": [{"usageStatsRecord": record} for record in records]}

    def _serve_ping(self, _fields: dict[str, str], _content: Any) -> Any:
        return {"state": "running", "version": "6.107.0"}

    def _asset(self, asset_id: str) -> Asset:
        if asset_id not in self.assets:
            raise Failure(404, "NotFoundException")
        return self.assets[asset_id]


Fate = str
"""What becomes of a request: ``pass``, ``lost before`` or ``lost after`` it was done, ``kill before`` or ``after``."""


class Wire:
    """What requests go through instead of HTTP.

    :param before: is called with the number of each request before it is answered; returns its fate
    """

    def __init__(self, dam: SmallDam, clock: Clock, before: Callable[[int], Fate]) -> None:
        self._dam = dam
        self._clock = clock
        self._before = before
        self._number = 0

    def exchange(self, message: HttpRequest, _seconds: float) -> HttpResponse:
        self._number += 1
        self._clock.wait(0.001)
        fate = self._before(self._number)
        if fate.endswith("before"):
            self._break_off(fate)
        reply = self._dam.answer(message)
        self._clock.wait(0.001)
        if fate.endswith("after"):
            self._break_off(fate)
        return reply

    def _break_off(self, fate: Fate) -> None:
        if fate.startswith("kill"):
            raise Killed
        raise CallFailure("connection_lost", "the connection broke", "unknown", transient=True)

    def close(self) -> None:
        pass

    def break_off(self) -> None:
        pass


def md5(content: bytes) -> str:
    return hashlib.md5(content, usedforsecurity=False).hexdigest()


def _fits(hit: dict[str, Any], name: str, value: str) -> bool:
    path = str(hit["metadata"]["assetPath"])
    if name == "id":
        return bool(hit["id"] == value)
    return path == value if name == "assetPath" else path.startswith(f"{value}/")


def read_form(message: HttpRequest) -> tuple[dict[str, str], tuple[str, bytes] | None]:
    """Return the fields of a request, several of one name with a NUL between them, and its file with its name."""
    if message.upload is None:
        fields: dict[str, str] = {}
        pairs = message.form or []
        for name, value in pairs.items() if hasattr(pairs, "items") else pairs:
            fields[name] = f"{fields[name]}\0{value}" if name in fields else value
        return fields, None
    boundary = message.upload.content_type.partition("boundary=")[2].strip('"').encode()
    fields, content = {}, None
    for head, body in _parts(b"".join(message.upload.chunks()), boundary):
        name = re.search(r'name="([^"]*)"', head)
        filename = re.search(r'filename="([^"]*)"', head)
        if filename:
            content = filename[1], body
        elif name:
            fields[name[1]] = body.decode()
    return fields, content


def _parts(body: bytes, boundary: bytes) -> Iterator[tuple[str, bytes]]:
    for part in body.split(b"--" + boundary)[1:-1]:
        head, _dummy, content = part.partition(b"\r\n\r\n")
        yield head.decode(), content[:-2]
