# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What ``delete`` removes, in both directions: what has no counterpart, and nothing that only seems to have none."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.damops.elvis.plugins.module_utils._operations.download import OPERATION as DOWNLOAD
from ansible_collections.damops.elvis.plugins.module_utils._operations.upload import OPERATION as UPLOAD
from tests.support.assets import Dam
from tests.support.gateway import Refusal, gateway_to
from tests.support.operations import shown
from tests.support.transfers import OLD, both_ways, outcome, write

THERE = "/Demo Zone/Inbox"
GOOD = ("a.jpg", "b.jpg", "c.jpg", "d.jpg")
NFC, NFD = "M\u00fcller.jpg", "Mu\u0308ller.jpg"

Prepare = Callable[[Path], object]


@pytest.fixture
def here(tmp_path: Path) -> Path:
    folder = tmp_path / "here"
    folder.mkdir()
    return folder


def fill(dam: Dam, *names: str) -> None:
    for name in names:
        dam.create(f"{THERE}/{name}", name.encode())


def in_dam(dam: Dam) -> set[str]:
    return {path.removeprefix(f"{THERE}/") for path in dam.metadata(f'ancestorPaths:"{THERE}"')}


def in_folder(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if not path.is_dir()}


def removed(result: dict[str, Any]) -> list[str]:
    return [entry["path"].removeprefix(f"{THERE}/") for entry in result["removed"]]


def upload(dam: Dam, here: Path, **options: Any) -> dict[str, Any]:
    return both_ways(UPLOAD, dam, src=str(here), path=THERE, delete=True, **options)


def download(dam: Dam, here: Path, **options: Any) -> dict[str, Any]:
    return both_ways(DOWNLOAD, dam, dest=str(here), path=THERE, delete=True, **options)


@pytest.mark.parametrize("transfer", [upload, download])
def test_an_exclude_that_protects_nothing_is_told(
    dam: Dam, here: Path, transfer: Callable[..., dict[str, Any]]
) -> None:
    fill(dam, *GOOD, "x.psd")
    write(here, *GOOD)
    result = transfer(dam, here, excludes=["*.psd", "*.tif", "proofs/"])
    assert result["warnings"][0] == (
        "excludes has patterns that fit nothing on either side, and protect nothing from delete: *.tif; proofs/."
    )


# --- Assets


SPELLINGS = [
    ("x.jpg", "X.JPG"),
    (NFC, NFD),
    (NFD, NFC),
    ("stra\u00dfe.jpg", "STRA\u1e9eE.jpg"),
    ("Sub/x.jpg", "sub/X.jpg"),
    # A server may take blanks off the ends of names (guess).
    ("x.jpg", " x.jpg "),
    ("sub/x.jpg", " sub /x.jpg"),
    ("X.JPG", "\u00a0x.jpg"),
]


@pytest.mark.parametrize("takes_part", [True, False])
@pytest.mark.parametrize(("there", "spelled"), SPELLINGS)
def test_an_asset_whose_name_a_file_has_stays_however_that_is_spelled(
    dam: Dam, here: Path, there: str, spelled: str, takes_part: bool
) -> None:
    fill(dam, *GOOD, "old.jpg")
    dam.create(f"{THERE}/{there}", spelled.encode())
    write(here, *GOOD, spelled)
    # What doesn't take part here still has the name.
    options = {} if takes_part else {"excludes": [Path(spelled).name]}
    assert removed(upload(dam, here, **options)) == ["old.jpg"]
    assert in_dam(dam) == {*GOOD, there}
    assert upload(dam, here, **options)["changed"] is False


def test_a_file_that_came_after_the_listing_keeps_an_asset_of_its_trimmed_name(dam: Dam, here: Path) -> None:
    fill(dam, *GOOD, "old.jpg")
    write(here, *GOOD, "new.jpg")

    def come(_number: int, service: str) -> Any:
        if service == "create":
            write(here, " OLD.jpg")
        return "pass"

    with gateway_to(dam._elvis.url, come) as gateway:
        result = outcome(UPLOAD, dam, url=gateway.url, src=str(here), path=THERE, delete=True)
    assert (result["reason"], result["counts"]["removed"]) == ("conflict", 0)
    assert "old.jpg" in in_dam(dam)


def folder(path: Path) -> Path:
    path.mkdir()
    return path


OUT_OF_SCOPE: list[tuple[str, str, Prepare, dict[str, Any]]] = [
    ("in a sub-folder", "sub/x.jpg", lambda _here: None, {"recursive": False}),
    ("in a folder that is excluded", "proofs/x.jpg", lambda _here: None, {"excludes": ["proofs"]}),
    ("excluded, in a folder that is gone", "gone/x.psd", lambda _here: None, {"excludes": ["*.psd"]}),
    ("its link leads nowhere", "x.jpg", lambda here: (here / "x.jpg").symlink_to("nowhere"), {}),
    ("its link leads outside", "x.jpg", lambda here: (here / "X.jpg").symlink_to("/etc/hostname"), {}),
    ("excluded in lower case", "Y.PSD", lambda _here: None, {"excludes": ["*.psd"]}),
    ("excluded in upper case", "m\u00fcller.psd", lambda _here: None, {"excludes": ["M\u00dcLLER*"]}),
    ("in a folder that is excluded in lower case", "Originals/x.jpg", lambda _here: None, {"excludes": ["originals"]}),
    ("a default one in upper case", "THUMBS.DB", lambda _here: None, {}),
    ("another default one", "sub/A.TMP", lambda _here: None, {}),
    ("below a link that leads nowhere", "x/y.jpg", lambda here: (here / "x").symlink_to("nowhere"), {}),
    ("below a link that leads upwards", "x/y/z.jpg", lambda here: (here / "X").symlink_to(here), {}),
    ("below a link to itself", "x/y.jpg", lambda here: (here / "x").symlink_to("x"), {}),
    ("below a link that leads outside", "x/y.jpg", lambda here: (here / "x").symlink_to("/etc"), {}),
    ("below a pipe", "x/y.jpg", lambda here: os.mkfifo(here / "x"), {}),
    ("below a mark of no mount", "x/y.jpg", lambda here: write(here, "x/.not-mounted"), {}),
    (
        "below a mark of no mount that takes part",
        "x/y.jpg",
        lambda here: write(here, "x/.not-mounted"),
        {"default_excludes": False, "patterns": ["*.jpg"]},
    ),
    ("below what a desktop leaves behind", "x/y/z.jpg", lambda here: write(here, "x/.DS_Store", "x/y/THUMBS.DB"), {}),
    ("below a folder with a pipe", "x/y.jpg", lambda here: os.mkfifo(folder(here / "x") / "pipe"), {}),
    ("below an empty folder", "mount/deep/x.jpg", lambda here: (here / "mount").mkdir(), {}),
    ("below an empty folder of another spelling", "Mount/x.jpg", lambda here: (here / "mount").mkdir(), {}),
    ("below an empty folder further down", "a/b/x.jpg", lambda here: (here / "a/b").mkdir(parents=True), {}),
]


@pytest.mark.parametrize(
    ("there", "prepare", "options"), [row[1:] for row in OUT_OF_SCOPE], ids=[row[0] for row in OUT_OF_SCOPE]
)
def test_what_is_out_of_scope_stays_and_keeps_nothing_else(
    dam: Dam, here: Path, there: str, prepare: Prepare, options: dict[str, Any]
) -> None:
    fill(dam, *GOOD, there, "old.jpg")
    write(here, *GOOD)
    prepare(here)
    assert removed(upload(dam, here, **options)) == ["old.jpg"]
    assert in_dam(dam) == {*GOOD, there}


FAILURES: list[tuple[str, Prepare]] = [
    ("a name that no DAM takes", lambda here: write(here, "x#.jpg")),
    ("two files of one name", lambda here: write(here, "x.jpg", "X.jpg")),
    ("a folder and a file of one name", lambda here: write(here, "x/y.jpg", "X")),
    ("a name that is no UTF-8", lambda here: Path(os.fsdecode(os.fsencode(here) + b"/\xff.jpg")).write_text("")),
]


@pytest.mark.parametrize("prepare", [row[1] for row in FAILURES], ids=[row[0] for row in FAILURES])
def test_nothing_is_removed_when_a_file_is_refused(dam: Dam, here: Path, prepare: Prepare) -> None:
    fill(dam, *GOOD, "old.jpg")
    write(here, *GOOD)
    prepare(here)
    result = upload(dam, here)
    assert (result["counts"]["removed"], "old.jpg" in in_dam(dam)) == (0, True)
    assert "something failed before" in result["msg"]


@pytest.mark.parametrize(
    ("refusal", "reason", "words"),
    [
        (Refusal(400, {}), "bad_response", "HTTP 400"),
        (Refusal(403, {}, b'{"errorcode": 403, "message": "No right"}'), "forbidden", "No right"),
        (Refusal(200, {}, b'{"errorcode": 403, "message": "No right"}'), "forbidden", "No right"),
        (Refusal(413, {}), "bad_request", "too large for the server or for a gateway"),
        (
            Refusal(413, {}, b"<html><title>413</title></html>"),
            "bad_request",
            "too large for the server or for a gatew",
        ),
        (Refusal(200, {}, b'{"errorcode": 413}'), "bad_request", "too large for the server or for a gateway"),
    ],
    ids=["400", "403", "403 in a 200", "413", "413 with a page", "413 in a 200"],
)
@pytest.mark.parametrize("service", ["create", "createFolder"])
def test_nothing_is_removed_when_a_write_failed(
    dam: Dam, here: Path, service: str, refusal: Refusal, reason: str, words: str
) -> None:
    fill(dam, *GOOD, "old.jpg")
    write(here, *GOOD, "sub/renamed.jpg")

    def refuse(_number: int, asked: str) -> Any:
        return refusal if asked == service else "pass"

    with gateway_to(dam._elvis.url, refuse) as gateway:
        result = outcome(UPLOAD, dam, url=gateway.url, src=str(here), path=THERE, delete=True)
    # It is told why, and only then what follows from that.
    assert (result["reason"], words in result["msg"]) == (reason, True), result
    if service == "create":
        assert result["msg"].index(words) < result["msg"].index(
            f"1 asset in {THERE} without a counterpart in src {here} was not removed"
        )
    assert "old.jpg" in in_dam(dam)


NOTHING_HERE: list[tuple[str, Prepare, dict[str, Any], str]] = [
    ("nothing at all", lambda _here: None, {}, "src is empty"),
    ("an empty folder", lambda here: (here / "lost+found").mkdir(), {}, "no file that takes part"),
    ("what is hidden", lambda here: write(here, ".DS_Store", "Thumbs.db"), {}, "no file that takes part"),
    ("what no pattern fits", lambda here: write(here, "a.tif"), {"patterns": ["*.jpg"]}, "no file that takes part"),
    ("its own captions", lambda here: write(here, "captions.csv"), {"report": "{here}/captions.csv"}, "src is empty"),
]


@pytest.mark.parametrize(
    ("prepare", "options", "why"), [row[1:] for row in NOTHING_HERE], ids=[row[0] for row in NOTHING_HERE]
)
def test_a_folder_without_a_file_to_send_empties_no_other(
    dam: Dam, here: Path, prepare: Prepare, options: dict[str, Any], why: str
) -> None:
    fill(dam, *GOOD)
    prepare(here)
    given = {name: value.format(here=here) if isinstance(value, str) else value for name, value in options.items()}
    result = upload(dam, here, max_delete="100%", **given)
    assert (result["reason"], why in result["msg"], in_dam(dam)) == ("conflict", True, set(GOOD)), result["msg"]


def test_a_folder_without_a_file_to_fetch_empties_none_here(dam: Dam, here: Path) -> None:
    dam.create(f"{THERE}/x.collection", None)
    dam.create(f"{THERE}/x.psd")
    write(here, *GOOD)
    result = download(dam, here, max_delete="100%", patterns=["*.jpg"])
    assert (result["reason"], in_folder(here)) == ("conflict", set(GOOD))
    assert "has no file that takes part" in result["msg"]


def test_the_root_of_the_file_system_is_no_mirror(dam: Dam, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to("/")
    for dest in ("/", "//", "/usr/..", str(tmp_path / "link")):
        result = outcome(DOWNLOAD, dam, dest=dest, path=THERE, delete=True)
        assert (result["reason"], "the root of the file system" in result["msg"]) == ("bad_request", True)


def test_ninety_assets_and_one_file(dam: Dam, here: Path) -> None:
    fill(dam, *(f"{number}.jpg" for number in range(90)))
    write(here, "0.jpg")
    result = upload(dam, here, max_delete=100)
    assert (
        f"89 of 90 assets in {THERE} have no counterpart in src {here}, and never more than half are removed"
        in result["msg"]
    )
    assert "such as 99%" in result["msg"]
    assert len(in_dam(dam)) == 90
    assert upload(dam, here, max_delete="99%")["counts"]["removed"] == 89


# --- Files


KEPT_HERE: list[tuple[str, str, dict[str, Any]]] = [
    ("excluded", "x.psd", {"excludes": ["*.psd"]}),
    ("no pattern fits", "x.psd", {"patterns": ["*.jpg"]}),
    ("in a sub-folder", "sub/x.jpg", {"recursive": False}),
    ("in a folder that is excluded", "proofs/x.jpg", {"excludes": ["proofs"]}),
    ("hidden", ".x.jpg", {}),
    ("a name that no DAM has", "x#.jpg", {}),
]


@pytest.mark.parametrize(("name", "options"), [row[1:] for row in KEPT_HERE], ids=[row[0] for row in KEPT_HERE])
def test_files_that_are_out_of_scope_stay(dam: Dam, here: Path, name: str, options: dict[str, Any]) -> None:
    fill(dam, *GOOD)
    write(here, name, "old.jpg")
    assert removed(download(dam, here, **options)) == []
    write(here, *GOOD)
    result = download(dam, here, force=True, **options)
    assert (removed(result), in_folder(here)) == (["old.jpg"], {*GOOD, name})


def test_what_is_reached_through_a_link_stays(dam: Dam, here: Path, tmp_path: Path) -> None:
    fill(dam, *GOOD)
    outcome(DOWNLOAD, dam, dest=str(here), path=THERE)
    write(tmp_path, "outside/x.jpg")
    write(here, "kept/y.jpg")
    (here / "out").symlink_to(tmp_path / "outside")
    (here / "in").symlink_to("kept")
    (here / "z.jpg").symlink_to("kept/y.jpg")
    assert removed(download(dam, here)) == ["kept/y.jpg"]
    assert (tmp_path / "outside/x.jpg").exists()


def test_an_asset_that_came_after_the_listing_keeps_its_file(dam: Dam, here: Path) -> None:
    fill(dam, *GOOD)
    write(here, "old.jpg")

    def come(_number: int, service: str) -> Any:
        if service == "d.jpg":
            fill(dam, "OLD.jpg")
        return "pass"

    with gateway_to(dam._elvis.url, come) as gateway:
        result = outcome(DOWNLOAD, dam, url=gateway.url, dest=str(here), path=THERE, delete=True, max_delete="100%")
    assert (result["reason"], result["counts"]["removed"]) == ("conflict", 0)
    assert "the DAM has something of that name after all" in result["msg"]
    assert "old.jpg" in in_folder(here)


def test_a_file_that_went_after_the_listing_was_not_removed_by_the_task(dam: Dam, here: Path) -> None:
    fill(dam, *GOOD)
    write(here, "old.jpg")

    def unlink(_number: int, service: str) -> Any:
        if service == "d.jpg":
            (here / "old.jpg").unlink()
        return "pass"

    with gateway_to(dam._elvis.url, unlink) as gateway:
        result = outcome(DOWNLOAD, dam, url=gateway.url, dest=str(here), path=THERE, delete=True, max_delete="100%")
    assert ("reason" in result, result["counts"]["removed"]) == (False, 0)


def test_a_file_that_was_changed_after_the_listing_stays(dam: Dam, here: Path) -> None:
    fill(dam, *GOOD)
    write(here, "old.jpg")

    def change(_number: int, service: str) -> Any:
        if service == "d.jpg":
            (here / "old.jpg").write_text("edited meanwhile", encoding="utf-8")
        return "pass"

    with gateway_to(dam._elvis.url, change) as gateway:
        result = outcome(DOWNLOAD, dam, url=gateway.url, dest=str(here), path=THERE, delete=True, max_delete="100%")
    assert (result["reason"], result["counts"]["removed"]) == ("conflict", 0)
    assert "old.jpg has no counterpart in the DAM, but was not removed: somebody changed it meanwhile." in result["msg"]
    assert (here / "old.jpg").read_text(encoding="utf-8") == "edited meanwhile"


def test_no_file_is_removed_when_one_could_not_be_fetched(dam: Dam, here: Path) -> None:
    fill(dam, *GOOD)
    write(here, "old.jpg")

    def refuse(_number: int, service: str) -> Any:
        return Refusal(404, {}) if service == "d.jpg" else "pass"

    with gateway_to(dam._elvis.url, refuse) as gateway:
        result = outcome(DOWNLOAD, dam, url=gateway.url, dest=str(here), path=THERE, delete=True, max_delete="100%")
    assert (result["counts"]["failed"], result["counts"]["removed"]) == (1, 0)
    assert "old.jpg" in in_folder(here)


# --- What is shown


@pytest.mark.parametrize("check_mode", [True, False])
@pytest.mark.parametrize(("operation", "side"), [(UPLOAD, "src"), (DOWNLOAD, "dest")])
def test_diff_mode_shows_what_goes(dam: Dam, here: Path, operation: Any, side: str, check_mode: bool) -> None:
    fill(dam, *GOOD)
    outcome(DOWNLOAD, dam, dest=str(here), path=THERE)
    if operation is UPLOAD:
        fill(dam, "old.jpg")
        gone, before = f"{THERE}/old.jpg", {"state": "present"}
    else:
        write(here, "old.jpg")
        gone, before = str(here / "old.jpg"), {"state": "file"}
    options: dict[str, Any] = {side: str(here), "path": THERE, "delete": True}
    (diff,) = outcome(operation, dam, check_mode=check_mode, diff=True, **options)["diff"]
    assert shown(diff) == {"before_header": gone, "after_header": gone, "before": before, "after": {"state": "absent"}}
    assert (here / "a.jpg").stat().st_mtime > OLD
