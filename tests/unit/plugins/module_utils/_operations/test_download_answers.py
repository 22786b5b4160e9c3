# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a server answers to a download that the emulated one does not: foreign addresses, other lengths, other dates."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from ansible_collections.damops.elvis.plugins.module_utils._operations.download import OPERATION
from ansible_collections.damops.elvis.plugins.module_utils._operations.request import OPERATION as REQUEST
from tests.support.assets import Dam
from tests.support.gateway import Edit, gateway_to
from tests.support.operations import result_of
from tests.support.scripted import raw_reply, scripted_server

THERE = "/Demo Zone/Print"


def named(other: str) -> Edit:
    """Let the server name its files by the address of another one."""
    return lambda body: re.sub(rb"http://[^/]+/app/(?=file|preview|thumbnail)", f"{other}/".encode(), body)


@pytest.mark.parametrize("rendition", ["original", "preview", "thumbnail"])
@pytest.mark.parametrize(
    "prefix", ["", "/app", "/dam/of/others"], ids=["without a prefix", "with a prefix", "with another prefix"]
)
def test_files_are_fetched_from_the_own_server_only(dam: Dam, tmp_path: Path, prefix: str, rendition: str) -> None:
    dam.create(f"{THERE}/a.txt", b"text")
    with scripted_server(raw_reply(200, b"of another server")) as other:
        foreign = named(other.url + prefix)
        with gateway_to(
            dam.session["server_url"], lambda _number, service: foreign if service == "search" else "pass"
        ) as gateway:
            session = {**dam.session, "server_url": gateway.url}
            result = result_of(OPERATION, session=session, path=THERE, dest=str(tmp_path / "dest"), rendition=rendition)
            assert (result["changed"], result.get("reason")) == (True, None), result
            (hit,) = result_of(REQUEST, session=session, path="services/search", query={"q": "*:*"})["body"]["hits"]
            assert hit["originalUrl"].startswith(f"{other.url}{prefix}/file/")
            asked = result_of(REQUEST, session=session, path=hit["originalUrl"], dest=str(tmp_path / "again.txt"))
            assert asked["changed"], asked
            assert (tmp_path / "again.txt").read_bytes() == b"text"
            assert "?" not in asked["msg"]
            refused = result_of(REQUEST, session=session, path=f"{other.url}{prefix}/services/remove")
            assert refused["reason"] == "bad_request"
            assert not other.requests
