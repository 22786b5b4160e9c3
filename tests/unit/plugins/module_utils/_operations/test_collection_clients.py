# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A collection that elvis_collection made is read back by the very calls of two public clients.

They are the JavaScript driver `Splash-Inc/elvis-driver` (its `login`, `browse`, `search` and `removeRelation`, and what
its tests read of the replies) and the Bruno suite in `DerSpiegel/ww_assets_php_client` ("Assets Test Suite"), both on
GitHub. What they send is public; none of their code is here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests

from ansible_collections.damops.elvis.plugins.module_utils._operations.collection import OPERATION
from tests.support.assets import Dam
from tests.support.operations import run

pytestmark = pytest.mark.usefixtures("no_waiting")

BOX = "/Z/box.collection"
A, B = "/Z/a.jpg", "/Z/b.jpg"
Call = Callable[..., Any]
"""Makes a call of a service with these parameters, and returns the JSON of its answer."""


@pytest.fixture
def box(dam: Dam) -> str:
    """A collection of two assets; returns its id."""
    for path in (A, B):
        dam.create(path)
    return str(run(OPERATION, session=dam.session, path=BOX, paths=[A, B])["collection"]["id"])


def answered(reply: requests.Response) -> Any:
    assert reply.status_code == 200, reply.text
    answer = reply.json()
    assert "errorcode" not in answer, answer
    return answer


@pytest.fixture
def driver(dam: Dam) -> Iterator[Call]:
    """The driver posts forms, with the cookies of `services/login` and its CSRF token in a header."""
    with requests.Session() as http:
        http.trust_env = False

        def call(service: str, **form: Any) -> Any:
            return answered(http.post(f"{dam._elvis.url}/services/{service}", data=form))

        http.headers["X-CSRF-TOKEN"] = call("login", username="alice", password="wonderland")["csrfToken"]
        yield call
        call("logout")


@pytest.fixture
def bruno(dam: Dam) -> Iterator[Call]:
    """Bruno posts multipart forms, with the token of `services/apilogin`."""
    with requests.Session() as http:
        http.trust_env = False

        def call(service: str, **form: str) -> Any:
            parts = {name: (None, value) for name, value in form.items()}
            return answered(http.post(f"{dam._elvis.url}/services/{service}", files=parts or None))

        login = call("apilogin", username="alice", password="wonderland", clientId="bruno")
        http.headers["Authorization"] = f"Bearer {login['authToken']}"
        yield call
        call("logout")


def test_the_driver_finds_the_collection_and_its_members(dam: Dam, box: str, driver: Call) -> None:
    ids = dam.ids()
    entries = [(entry["name"], entry["assetPath"]) for entry in driver("browse", path="/Z")]
    assert entries == [("box", BOX)]

    found = driver("search", q=f"relatedTo:{ids[A]}", num=50, metadataToReturn="all")

    (hit,) = found["hits"]
    assert (hit["id"], hit["metadata"]["assetPath"]) == (box, BOX)
    relation = hit["relation"]
    assert (relation["relationType"], relation["target1Id"], relation["target2Id"]) == ("contains", box, ids[A])


def test_what_the_driver_takes_out_is_put_back(dam: Dam, box: str, driver: Call) -> None:
    hits = driver("search", q=f"relatedTo:{dam.ids()[A]}", num=50, metadataToReturn="all")["hits"]
    driver("removeRelation", relationIds=",".join(hit["relation"]["relationId"] for hit in hits))
    assert driver("search", q=f"relatedTo:{dam.ids()[A]}", num=50, metadataToReturn="all")["hits"] == []

    again = run(OPERATION, session=dam.session, id=box, paths=[A, B], members_state="pure")

    assert [entry["path"] for entry in again["created"]] == [A]


def test_bruno_finds_a_member_and_takes_it_out(dam: Dam, box: str, bruno: Call) -> None:
    query = f"relatedTo:{box} relationTarget:child relationType:contains id:{dam.ids()[A]}"

    found = bruno("search", q=query, metadataToReturn="assetPath", num="1")

    assert (found["totalHits"], found["hits"][0]["metadata"]["assetPath"]) == (1, A)
    counts = bruno("removeRelation", relationIds=found["hits"][0]["relation"]["relationId"])
    assert counts["processedCount"] == 1
    assert run(OPERATION, session=dam.session, path=BOX, paths=[A, B])["counts"]["created"] == 1
    assert bruno("search", q=query, metadataToReturn="assetPath", num="1")["totalHits"] == 1


def test_what_bruno_puts_in_is_there(dam: Dam, box: str, bruno: Call) -> None:
    new = dam.create("/Z/c.jpg")
    bruno("createRelation", relationType="contains", target1Id=box, target2Id=new)

    result = run(OPERATION, session=dam.session, path=BOX, paths=[A, B, "/Z/c.jpg"], members_state="pure")

    assert (result["changed"], result["counts"]["unchanged"]) == (False, 3)
