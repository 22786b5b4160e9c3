# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What was written is told as what it is, also on a server that answers its id, an empty object, or nothing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ansible_collections.damops.elvis.plugins.module_utils._dam import index_lag
from ansible_collections.damops.elvis.plugins.module_utils._operations.asset import OPERATION as ASSET
from ansible_collections.damops.elvis.plugins.module_utils._operations.metadata import OPERATION as METADATA
from ansible_collections.damops.elvis.plugins.module_utils._operations.upload import OPERATION as UPLOAD
from tests.support.assets import Dam, logged_in
from tests.support.emulator import start_emulator
from tests.support.gateway import Refusal, gateway_to
from tests.support.operations import result_of
from tests.support.transfers import outcome, write

HERE = "/Demo Zone/Inbox"
REPLIES = ("id", "object", "empty", "mixed")


@pytest.fixture(scope="module", params=[(reply, lag) for reply in REPLIES for lag in ("0", "700")], ids="-".join)
def dam_with_little_to_say(request: pytest.FixtureRequest) -> Iterator[Dam]:
    reply, lag = request.param
    with start_emulator("--write-replies", reply, "--index-delay", lag) as emulator, logged_in(emulator) as dam:
        yield dam


def test_what_an_upload_did(dam_with_little_to_say: Dam, tmp_path: Path) -> None:
    dam = dam_with_little_to_say
    write(tmp_path / "src", *(f"{number}.jpg" for number in range(12)))
    options = {"src": str(tmp_path / "src"), "path": HERE, "metadata": {"status": "New"}, "metadata_on": "always"}
    for counts, changes in (
        ({"created": 12}, {}),
        ({"unchanged": 12}, {}),
        ({"updated": 12}, {"metadata": {"status": "Done"}}),
        ({"updated": 1, "unchanged": 11}, {"metadata": {"status": "Done"}}),
    ):
        if counts == {"updated": 1, "unchanged": 11}:
            (tmp_path / "src/3.jpg").write_text("other content")
        result = outcome(UPLOAD, dam, **{**options, **changes})
        told = {kind: number for kind, number in result["counts"].items() if number}
        assert (told, result.get("reason"), result["changed"]) == (counts, None, counts != {"unchanged": 12}), result
        assert all(entry["id"] for kind in ("created", "updated") for entry in result[kind])
    result = outcome(UPLOAD, dam, src=str(tmp_path / "src"), path=HERE, uploaded="remove")
    assert (result["put_away"], result["counts"]["failed"]) in ((12, 0), (11, 0))
    found = {asset["path"]: asset["version"] for asset in dam._elvis.assets() if asset["path"].startswith(HERE)}
    assert found == {f"{HERE}/{number}.jpg": 2 if number == 3 else 1 for number in range(12)}


def test_what_became_of_one_asset(dam_with_little_to_say: Dam, tmp_path: Path) -> None:
    dam, path = dam_with_little_to_say, f"{HERE}/one/a.jpg"
    write(tmp_path, "a.jpg")
    options = {"session": dam.session, "path": path, "file": str(tmp_path / "a.jpg")}
    made = result_of(ASSET, **options, metadata={"status": "New"})
    assert (made["created"], made["asset"]["id"] is not None) == (True, True)
    assert not result_of(ASSET, **options, metadata={"status": "New"})["changed"]
    changed = result_of(ASSET, **options, metadata={"status": "Done"})
    assert changed["changes"] == {"status": {"before": "New", "after": "Done"}}
    (tmp_path / "a.jpg").write_text("other content")
    assert list(result_of(ASSET, **options)["changes"]) == ["file"]
    (asset,) = [asset for asset in dam._elvis.assets() if asset["path"] == path]
    assert (asset["version"], asset["id"]) == (2, made["asset"]["id"])


def test_what_became_of_metadata(dam_with_little_to_say: Dam, tmp_path: Path) -> None:
    dam = dam_with_little_to_say
    rows = [(f"{HERE}/rows/{number}.jpg", text) for number, text in enumerate(("a", "+b", "c", "-d"))]
    write(tmp_path / "src", *(path.rpartition("/")[2] for path, _text in rows))
    assert outcome(UPLOAD, dam, src=str(tmp_path / "src"), path=f"{HERE}/rows")["counts"]["created"] == 4
    write(tmp_path, **{"rows.csv": "path,headline\n" + "".join(f"{path},{text}\n" for path, text in rows)})
    for updated in (4, 0):
        result = outcome(METADATA, dam, src=str(tmp_path / "rows.csv"))
        assert (result.get("reason"), result["counts"]["updated"]) == (None, updated), result


def test_a_hundred_are_looked_up_at_once(tmp_path: Path) -> None:
    write(tmp_path / "src", *(f"{number}.jpg" for number in range(150)))
    with start_emulator("--write-replies", "empty") as emulator, logged_in(emulator) as dam:
        emulator.forget_requests()
        assert outcome(UPLOAD, dam, src=str(tmp_path / "src"), path=HERE, index_wait=0)["counts"]["created"] == 150
        asked = [seen["path"] for seen in emulator.requests()]
    assert sum(path.endswith("/create") for path in asked) == 150
    assert sum(path.endswith("/search") for path in asked) <= 5


@pytest.mark.parametrize("answer", [b"{}", b"", b"null", b'{"id": "of-nothing-that-is-there"}'])
def test_what_is_not_there_after_all_is_a_failure(
    dam: Dam, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, answer: bytes
) -> None:
    """As from a gateway that answers in place of the server."""
    monkeypatch.setattr(index_lag, "INDEX_LAG", 0.3)
    write(tmp_path / "src", "a.jpg", "b.jpg")
    swallowed = Refusal(200, {}, answer)
    with gateway_to(
        dam._elvis.url, lambda number, service: swallowed if (number, service) == (1, "create") else "pass"
    ) as gateway:
        result = outcome(
            UPLOAD, dam, url=gateway.url, src=str(tmp_path / "src"), path=HERE, index_wait=0, concurrency=1
        )
    assert (result["reason"], result["changed"], result["counts"]["created"]) == ("bad_response", True, 1)
    assert "no search does either" in result["msg"]
    assert [asset["path"] for asset in dam._elvis.assets()] == [f"{HERE}/b.jpg"]
