# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What becomes of a local file once it is stored, and of the files that a task has for itself."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.damops.elvis.plugins.module_utils._operations.download import OPERATION as DOWNLOAD
from ansible_collections.damops.elvis.plugins.module_utils._operations.metadata import OPERATION as METADATA
from ansible_collections.damops.elvis.plugins.module_utils._operations.upload import OPERATION as UPLOAD
from tests.support.assets import Dam
from tests.support.gateway import gateway_to
from tests.support.transfers import both_ways, outcome, write

THERE = "/Demo Zone/Inbox"


@pytest.fixture
def away(tmp_path: Path) -> Path:
    return tmp_path / "away"


def in_dam(dam: Dam) -> list[str]:
    return sorted(path.removeprefix(f"{THERE}/") for path in dam.metadata(f'ancestorPaths:"{THERE}"'))


def in_folder(folder: Path) -> list[str]:
    paths = (path for path in folder.rglob("*") if path.is_symlink() or path.is_file())
    return sorted(str(path.relative_to(folder)) for path in paths)


def put_away(uploaded: str, away: Path) -> dict[str, Any]:
    return {"uploaded": uploaded, **({"move_to": str(away)} if uploaded == "move" else {})}


either_way = pytest.mark.parametrize("uploaded", ["remove", "move"])


# --- What may not be touched


@either_way
def test_a_link_and_what_it_leads_to_stay(dam: Dam, src: Path, away: Path, tmp_path: Path, uploaded: str) -> None:
    write(src, "z/x.jpg")
    write(tmp_path, "outside.jpg")
    (src / "a.jpg").symlink_to("z/x.jpg")
    (src / "b").symlink_to("z")
    (src / "c.jpg").symlink_to(tmp_path / "outside.jpg")
    result = both_ways(UPLOAD, dam, src=str(src), path=THERE, **put_away(uploaded, away))
    assert (result.get("reason"), result["put_away"], in_dam(dam)) == (None, 1, ["z/x.jpg"])
    assert (in_folder(src), (tmp_path / "outside.jpg").exists()) == (["a.jpg", "b", "c.jpg"], True)
    assert {entry["path"] for entry in result["left_out"]} == {"a.jpg", "b", "c.jpg"}


@either_way
def test_a_link_in_a_list_takes_no_file_from_where_it_leads(
    dam: Dam, src: Path, away: Path, tmp_path: Path, uploaded: str
) -> None:
    write(src, "a.jpg")
    write(tmp_path, "archive/original.jpg")
    (src / "current.jpg").symlink_to(tmp_path / "archive/original.jpg")
    files = [str(src / name) for name in ("a.jpg", "current.jpg")]
    result = both_ways(UPLOAD, dam, src=files, path=THERE, **put_away(uploaded, away))
    assert (in_dam(dam), in_folder(tmp_path / "archive")) == (["a.jpg"], ["original.jpg"])
    assert "a link, and only files are removed or moved" in result["left_out"][0]["why"]
    # As long as nothing is put away, a link that is named is sent.
    assert outcome(UPLOAD, dam, src=files[1:], path=THERE)["counts"]["created"] == 1


@either_way
@pytest.mark.parametrize("how", ["changes", "grows", "is replaced", "vanishes"])
def test_a_file_that_is_not_what_was_sent_stays(dam: Dam, src: Path, away: Path, uploaded: str, how: str) -> None:
    write(src, "a.jpg", "b.jpg")

    def interfere(number: int, service: str) -> Any:
        # All of it was sent by then.
        if (number, service) == (1, "create"):
            if how == "changes":
                (src / "a.jpg").write_text("B.jpg", encoding="utf-8")
            elif how == "grows":
                (src / "a.jpg").write_text("a.jpg and more", encoding="utf-8")
            elif how == "is replaced":
                write(src, "new.jpg")
                os.utime(src / "new.jpg")
                (src / "new.jpg").rename(src / "a.jpg")
            else:
                (src / "a.jpg").unlink()
        return "pass"

    with gateway_to(dam._elvis.url, interfere) as gateway:
        options = {"src": str(src), "path": THERE, "concurrency": 1, **put_away(uploaded, away)}
        result = outcome(UPLOAD, dam, url=gateway.url, **options)
    assert (result["counts"]["created"], result["put_away"], in_dam(dam)) == (2, 1, ["a.jpg", "b.jpg"])
    if how == "vanishes":
        # It is stored, and out of the folder, as was wanted.
        assert ("reason" in result, in_folder(src)) == (False, [])
    else:
        assert (result["reason"], in_folder(src)) == ("conflict", ["a.jpg"])
        assert "a.jpg is stored in the DAM, but was not" in result["msg"]


@either_way
def test_a_server_that_shows_the_checksum_of_the_first_file(dam: Dam, src: Path, away: Path, uploaded: str) -> None:
    dam.create(f"{THERE}/a.jpg", b"first")
    write(src, "a.jpg")
    os.utime(src / "a.jpg")
    result = outcome(UPLOAD, dam, src=str(src), path=THERE, **put_away(uploaded, away))
    # Its reply shows another one, so the original is fetched.
    assert (result["counts"]["updated"], result["put_away"], in_folder(src)) == (1, 1, [])


@either_way
@pytest.mark.parametrize(
    "options", [{"checksum": False}, {"existing": "keep"}, {"existing": "newer"}], ids=["date", "keep", "newer"]
)
def test_what_an_earlier_run_stored_is_put_away_however_contents_are_compared(
    dam: Dam, src: Path, away: Path, uploaded: str, options: dict[str, Any]
) -> None:
    write(src, "a.jpg", **{"empty.jpg": ""})
    outcome(UPLOAD, dam, src=str(src), path=THERE)
    # Older, and of another content: as it is told to, it is not sent, and so it stays.
    dam.create(f"{THERE}/b.jpg", b"theirs")
    write(src, "b.jpg")
    result = both_ways(UPLOAD, dam, src=str(src), path=THERE, **put_away(uploaded, away), **options)
    assert (result["put_away"], result["counts"]["unchanged"], in_folder(src)) == (2, 3, ["b.jpg"])
    assert result["kept"] == [{"path": "b.jpg", "why": "the original that the server returns has another checksum"}]
    assert "nothing proves that the DAM holds them: b.jpg (the original" in result["warnings"][0]


MOVES: list[tuple[str, Callable[[Path], str], bool]] = [
    ("src itself", str, True),
    ("in src", lambda src: f"{src}/done", True),
    ("in src, by a detour", lambda src: f"{src}/../src/done", True),
    ("beside it", lambda src: f"{src}-done", False),
    ("above it", lambda src: str(src.parent), False),
]


@pytest.mark.parametrize(("move_to", "is_refused"), [row[1:] for row in MOVES], ids=[row[0] for row in MOVES])
def test_where_files_may_go(dam: Dam, src: Path, move_to: Callable[[Path], str], is_refused: bool) -> None:
    write(src, "a.jpg")
    result = outcome(UPLOAD, dam, src=str(src), path=THERE, uploaded="move", move_to=move_to(src))
    assert (result.get("reason") == "bad_request") is is_refused
    assert in_folder(src) == (["a.jpg"] if is_refused else [])


FOLDERS: list[tuple[str, Callable[[Path], str], bool]] = [
    ("the folder of one of them", str, True),
    ("that folder, by a detour", lambda src: f"{src}/../src/", True),
    ("that folder, by a link", lambda src: f"{src}-link", True),
    ("a folder in it", lambda src: f"{src}/done", False),
    ("beside it", lambda src: f"{src}-done", False),
]


@pytest.mark.parametrize(("move_to", "is_refused"), [row[1:] for row in FOLDERS], ids=[row[0] for row in FOLDERS])
def test_where_files_of_a_list_may_go(
    dam: Dam, src: Path, tmp_path: Path, move_to: Callable[[Path], str], is_refused: bool
) -> None:
    write(src, "a.jpg")
    write(tmp_path, "other/b.jpg")
    Path(f"{src}-link").symlink_to(src)
    files = [str(tmp_path / "other/b.jpg"), str(src / "a.jpg")]
    result = outcome(UPLOAD, dam, src=files, path=THERE, uploaded="move", move_to=move_to(src))
    assert (result.get("reason") == "bad_request", in_dam(dam) == []) == (is_refused, is_refused)
    assert in_folder(tmp_path / "other") == (["b.jpg"] if is_refused else [])
    assert ("a.jpg" in in_folder(src)) is is_refused


# --- A task's own files


@pytest.mark.parametrize("is_list", [False, True])
@pytest.mark.parametrize("uploaded", ["keep", "remove", "move"])
def test_captions_and_reports_are_no_files_of_the_tree(
    dam: Dam, src: Path, away: Path, uploaded: str, is_list: bool
) -> None:
    write(src, "a.jpg", **{"captions.csv": "path,headline\na.jpg,One\n", "report.jsonl": ""})
    files = [str(src / name) for name in ("a.jpg", "captions.csv", "report.jsonl")]
    own = {"metadata_src": files[1], "report": files[2]}
    options = {"src": files if is_list else str(src), "path": THERE, **own, **put_away(uploaded, away)}
    result = both_ways(UPLOAD, dam, **options)
    assert (in_dam(dam), result["counts"]["created"]) == (["a.jpg"], 1)
    left = ["captions.csv", "report.jsonl"]
    assert in_folder(src) == (["a.jpg", *left] if uploaded == "keep" else left)


def test_an_asset_with_the_name_of_such_a_file_is_not_removed(dam: Dam, src: Path) -> None:
    for name in ("a.jpg", "b.jpg", "captions.csv", "report.jsonl", "old.jpg"):
        dam.create(f"{THERE}/{name}", name.encode())
    write(src, "a.jpg", "b.jpg", **{"captions.csv": "path,headline\na.jpg,One\n", "report.jsonl": ""})
    own: dict[str, Any] = {"metadata_src": str(src / "captions.csv"), "report": str(src / "report.jsonl")}
    result = both_ways(UPLOAD, dam, src=str(src), path=THERE, delete=True, **own)
    assert [entry["path"] for entry in result["removed"]] == [f"{THERE}/old.jpg"]


def test_a_download_neither_removes_nor_overwrites_them(dam: Dam, src: Path) -> None:
    for name in ("a.jpg", "b.jpg", "Captions.CSV", "report.jsonl"):
        dam.create(f"{THERE}/{name}", b"theirs", headline="One")
    own = {"metadata_dest": str(src / "captions.csv"), "report": str(src / "report.jsonl"), "fields": ["headline"]}
    write(src, "captions.csv")
    options: dict[str, Any] = {"dest": str(src), "path": THERE, "force": True, **own}
    for _run in range(2):
        result = both_ways(DOWNLOAD, dam, **options)
        assert {entry["path"].rpartition("/")[2]: entry["reason"] for entry in result["failures"]} == {
            "Captions.CSV": "conflict",
            "report.jsonl": "conflict",
        }
        assert "is a file that this task itself writes" in result["msg"]
    outcome(DOWNLOAD, dam, **options, excludes=["Captions.CSV", "report.jsonl"])
    assert (src / "captions.csv").read_text(encoding="utf-8") == "path,headline\na.jpg,One\nb.jpg,One\n"
    dam.clear()
    dam.create(f"{THERE}/a.jpg", b"theirs")
    dam.create(f"{THERE}/c.jpg", b"theirs")
    result = both_ways(DOWNLOAD, dam, **options, delete=True)
    assert [entry["path"] for entry in result["removed"]] == [f"{THERE}/b.jpg"]


OVERWRITTEN: list[tuple[Any, dict[str, Any]]] = [
    (UPLOAD, {"metadata_src": "{own}", "report": "{own}"}),
    (UPLOAD, {"metadata_src": "{own}", "report": "{link}"}),
    (DOWNLOAD, {"metadata_dest": "{own}", "report": "{own}", "fields": ["headline"]}),
    (METADATA, {"src": "{own}", "report": "{own}"}),
    (METADATA, {"src": "{link}", "report": "{own}"}),
]


@pytest.mark.parametrize(("operation", "options"), OVERWRITTEN)
@pytest.mark.parametrize("check_mode", [False, True])
def test_no_task_writes_over_a_file_of_its_own(
    dam: Dam, src: Path, tmp_path: Path, operation: Any, options: dict[str, Any], check_mode: bool
) -> None:
    rows = f"path,headline\n{THERE}/a.jpg,One\n"
    write(tmp_path, **{"own.csv": rows})
    (tmp_path / "link.csv").symlink_to("own.csv")
    places = {"own": str(tmp_path / "own.csv"), "link": str(tmp_path / "link.csv")}
    given = {name: value.format(**places) if isinstance(value, str) else value for name, value in options.items()}
    if operation is not METADATA:
        given |= {"path": THERE, "src" if operation is UPLOAD else "dest": str(src)}
    dam._elvis.forget_requests()
    result = outcome(operation, dam, check_mode=check_mode, **given)
    assert (result["reason"], dam._elvis.requests()) == ("bad_request", [])
    assert "are one file" in result["msg"]
    assert (tmp_path / "own.csv").read_text(encoding="utf-8") == rows
