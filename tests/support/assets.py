# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Fills an emulated server with assets, and looks at them, with plain requests: not with what is tested."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import requests

from ansible_collections.damops.elvis.plugins.module_utils._elvis.client import Client
from ansible_collections.damops.elvis.plugins.module_utils._elvis.session import Session
from ansible_collections.damops.elvis.plugins.module_utils._http.transport import ConnectionOptions
from tests.support.emulator import Emulator

READS = ("/services/search", "/services/browse", "/services/profile", "/services/ping", "/services/asset/history")


class Dam:
    """A user of an emulated server, who has logged in.

    :param session: the option of the modules
    """

    def __init__(self, elvis: Emulator, username: str = "alice", password: str = "wonderland") -> None:
        self._elvis = elvis
        self._http = requests.Session()
        self._http.trust_env = False
        login = self.post("apilogin", username=username, password=password)
        self._http.headers["Authorization"] = f"Bearer {login['authToken']}"
        self.session: dict[str, Any] = {
            "server_url": elvis.url,
            "auth_method": "bearer",
            "auth_token": login["authToken"],
            "username": username,
        }

    @property
    def client(self) -> Client:
        """A client of the collection's own, with this session."""
        return Client.of(Session.from_option(self.session), ConnectionOptions(retries=0))

    def post(self, service: str, files: Mapping[str, Any] | None = None, **form: Any) -> Any:
        """Make a call; a failure is one of the test."""
        if not f"/services/{service}".endswith(READS):
            self._elvis.others.append(service)
        return _answer(self._http.post(f"{self._elvis.url}/services/{service}", data=form, files=files))

    def get(self, service: str) -> Any:
        """Ask for something; a failure is one of the test."""
        return _answer(self._http.get(f"{self._elvis.url}/services/{service}"))

    def download(self, asset_id: str) -> bytes:
        """Fetch the file of an asset."""
        reply = self._http.get(f"{self._elvis.url}/file/{asset_id}/*/file")
        assert reply.status_code == 200, reply.text
        return reply.content

    def create(self, path: str, content: bytes | None = b"content", **metadata: Any) -> str:
        """Make an asset, and return its id."""
        files = None if content is None else {"Filedata": (path.rpartition("/")[2], content)}
        values = {"metadata": json.dumps(metadata), "parseMetadataModifications": "false"}
        answer = self.post("create", files, assetPath=path, **values)
        assert answer["metadata"]["assetPath"] == path
        return str(answer["id"])

    def folder(self, *paths: str) -> None:
        """Make folders."""
        self.post("createFolder", path=paths)

    def metadata(self, query: str) -> dict[str, dict[str, Any]]:
        """Return the metadata of what a query finds, by its paths."""
        hits = self.post("search", q=query, num=1000, metadataToReturn="all")["hits"]
        return {hit["metadata"]["assetPath"]: hit["metadata"] for hit in hits}

    def ids(self) -> dict[str, str]:
        """Return the id of each asset, by its path."""
        hits = self.post("search", q="*:*", num=1000)["hits"]
        return {hit["metadata"]["assetPath"]: hit["id"] for hit in hits}

    def leave(self) -> None:
        """Log out, unless the test has seen to that."""
        self._http.post(f"{self._elvis.url}/services/logout")
        self._http.close()

    def clear(self) -> None:
        """Remove all assets and folders, and forget what was asked."""
        for hit in self.post("search", q="checkedOutBy:*")["hits"]:
            Dam(self._elvis, "admin", "changemenow").post(f"undocheckout/{hit['id']}")
        for entry in self.post("browse", path="/"):
            self.post("remove", folderPath=entry["assetPath"])
        self._elvis.forget_requests()

    def writes(self) -> list[str]:
        """Return the calls that were made to change something, since the last time that they were forgotten."""
        paths = [seen["path"] for seen in self._elvis.requests()]
        return [path for path in paths if not path.endswith(READS) and "/file/" not in path]


def _answer(reply: requests.Response) -> Any:
    answer = reply.json()
    assert reply.status_code == 200, answer
    assert "errorcode" not in answer, answer
    return answer


@contextmanager
def logged_in(elvis: Emulator) -> Iterator[Dam]:
    """Log in to an empty server."""
    dam = Dam(elvis)
    dam.clear()
    yield dam
    dam.leave()
