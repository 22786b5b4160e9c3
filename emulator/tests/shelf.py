# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A folder with a few assets, and calls in the forms that clients send, for the tables of forms."""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass, field
from typing import Any

import requests

from emulator.tests.client import Client

JSON = {"Content-Type": "application/json"}


@dataclass
class Shelf:
    """Assets of its own: `a.jpg`, `b.txt`, `c.collection`, `sub/d.jpg`, with their ids by name."""

    client: Client
    headers: dict[str, str]
    folder: str = field(default_factory=lambda: f"/Test/{uuid.uuid4().hex}")
    ids: dict[str, str] = field(default_factory=dict)

    @classmethod
    def filled(cls, client: Client, **login: str) -> Shelf:
        shelf = cls(client, client.bearer(**login))
        shelf.add("a.jpg", b"picture", rating="5", tags="sea,sun", status="New", metadata='{"title": "Old town"}')
        shelf.add("b.txt", b"Some text", rating="3", tags="sea", status="Old", description="lorem ipsum")
        shelf.add("c.collection", rating="1")
        shelf.add("sub/d.jpg", b"other picture", tags="moon")
        return shelf

    def add(self, name: str, content: bytes | None = None, **fields: str) -> None:
        files = None if content is None else {"Filedata": (name.rpartition("/")[2], content)}
        data = {"assetPath": f"{self.folder}/{name}"} | fields
        reply = self.client.post("/services/create", data=data, files=files, headers=self.headers)
        self.ids[name] = reply.json()["id"]

    def send(self, method: str, path: str, **sent: Any) -> requests.Response:
        """Send a call; `{folder}` and `{a.jpg}` in it stand for the folder and an asset's id."""
        headers = self.headers | sent.pop("headers", {})
        return self.client.request(method, self.filled_in(path), headers=headers, **self.filled_in(sent))

    def filled_in(self, value: Any) -> Any:
        if isinstance(value, str):
            for name, there in {"folder": self.folder, **self.ids}.items():
                value = value.replace("{" + name + "}", there)
            return value
        if isinstance(value, dict):
            return {self.filled_in(name): self.filled_in(inner) for name, inner in value.items()}
        if isinstance(value, (list, tuple)):
            return type(value)(self.filled_in(inner) for inner in value)
        return value

    def metadata(self, name: str) -> dict[str, Any]:
        """Return what the server has about an asset now."""
        reply = self.send("GET", "/services/search", params={"q": f"id:{self.ids[name]}"}).json()
        found: dict[str, Any] = reply["hits"][0]["metadata"]
        return found

    def paths(self) -> list[str]:
        """Return the paths of all assets below the folder, as the index has them."""
        query = {"q": 'ancestorPaths:"{folder}"', "sort": "assetPath", "metadataToReturn": "assetPath"}
        hits = self.send("GET", "/services/search", params=query).json()["hits"]
        return [hit["metadata"]["assetPath"].removeprefix(self.folder + "/") for hit in hits]


def as_json(value: Any) -> dict[str, Any]:
    """Return how requests is told to send JSON whose texts are filled in."""
    return {"data": json.dumps(value), "headers": JSON}
