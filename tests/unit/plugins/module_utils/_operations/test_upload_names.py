# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Names of files: sent as they are, refused by a DAM, or spelled otherwise on its side."""

from __future__ import annotations

from pathlib import Path

import pytest

from ansible_collections.damops.elvis.plugins.module_utils._operations.download import OPERATION as DOWNLOAD
from ansible_collections.damops.elvis.plugins.module_utils._operations.folder import OPERATION as FOLDER
from tests.support.assets import Dam
from tests.support.transfers import outcome, write_files
from tests.support.uploads import HERE, in_dam, names, unchanged, upload

NAMES = [
    " a.jpg",
    "a .jpg",
    "e. V",
    "&%+',=@~()[]{}!$.jpg",
    "M\u00fcller.jpg",
    "Mu\u0308ller.jpg",
    "\u65e5\u672c.jpg",
    "-minus.jpg",
    "$HOME.jpg",
    "x" * 250 + ".jpg",
    "a, b.jpg",
    "x.JPG",
    "no extension",
    "a..b.jpg",
]


def test_names_are_sent_as_they_are(dam: Dam, src: Path) -> None:
    names_once = [name for name in NAMES if name != "Mu\u0308ller.jpg"]
    write_files(src, {f"{number}/{name}": name for number, name in enumerate(NAMES)})
    write_files(src, dict.fromkeys(names_once, "at the top"))
    result = upload(dam, src, default_excludes=False)
    assert result["counts"]["created"] == 2 * len(NAMES) - 1
    unchanged(dam, src, default_excludes=False)


def test_names_that_a_dam_does_not_take_are_told_and_the_rest_is_sent(dam: Dam, src: Path) -> None:
    write_files(src, {"a#b.jpg": "", "A.jpg": "", "a.jpg": "", "good.jpg": "good"})
    result = upload(dam, src)
    assert {item["path"]: item["reason"] for item in result["failures"]} == {
        "a#b.jpg": "bad_request",
        "A.jpg": "conflict",
        "a.jpg": "conflict",
    }
    assert "the same name as a.jpg" in result["failures"][1]["message"]
    assert (result["reason"], in_dam(dam)) == ("bad_request", ["good.jpg"])


def test_what_can_not_be_seen_in_a_name_is_shown(dam: Dam, src: Path) -> None:
    write_files(src, {"a.jpg": "", "a.jpg ": "", "  ": "", "x\u202eb.jpg": "", "X\u202eb.jpg": ""})
    messages = {
        item["message"].partition(". Rename")[0].replace(f"{src}/", "").replace(" to /Demo Zone/Inbox:", ":")
        for item in upload(dam, src)["failures"]
    }
    assert messages == {
        "'a.jpg ' is not sent: in the DAM it has the same name as a.jpg",
        "a.jpg is not sent: in the DAM it has the same name as 'a.jpg '",
        "'  ' is not sent: its name is blank",
        r"x\u202eb.jpg is not sent: in the DAM it has the same name as X\u202eb.jpg",
        r"X\u202eb.jpg is not sent: in the DAM it has the same name as x\u202eb.jpg",
    }


@pytest.mark.parametrize(
    ("patterns", "says"),
    [(["*.jpeg"], "nothing to do, and patterns leave 2 files out."), (["a.*"], "1 created."), ([], "2 created.")],
)
def test_patterns_that_no_file_fits_are_told(dam: Dam, src: Path, patterns: list[str], says: str) -> None:
    write_files(src, {"a.jpg": "", "b.jpg": ""})
    result = upload(dam, src, **({"patterns": patterns} if patterns else {}))
    assert result["msg"].endswith(f": {says}")
    warned = any("No pattern of patterns fits any file" in warning for warning in result.get("warnings", ()))
    assert warned == ("nothing" in says)
    # Not even the folder is made.
    assert (result["changed"], bool(result["folders"])) == ("created" in says, "created" in says)


# --- Two sides that spell a name differently


@pytest.mark.parametrize(
    ("there", "here"),
    [
        ("IMG_1.JPG", "img_1.jpg"),
        ("M\u00fcller.jpg", "Mu\u0308ller.jpg"),
        ("Mu\u0308ller.jpg", "M\u00fcller.jpg"),
        ("Folder/x.jpg", "folder/X.jpg"),
        ("Gr\u00fcn/x.jpg", "Gru\u0308n/x.jpg"),
    ],
)
def test_what_is_one_name_is_one_asset(dam: Dam, src: Path, there: str, here: str) -> None:
    dam.create(f"{HERE}/{there}", b"same")
    write_files(src, {here: "same"})
    unchanged(dam, src, delete=True)
    # A new file beside it goes into the folder that is there.
    write_files(src, {str(Path(here).parent / "new.jpg"): "new"})
    (created,) = upload(dam, src, delete=True)["created"]
    assert created["path"] == f"{HERE}/{Path(there).parent / 'new.jpg'}"
    unchanged(dam, src, delete=True)


@pytest.mark.parametrize(
    ("there", "here"),
    [
        ("Strasse.jpg", "Stra\u00dfe.jpg"),
        ("STRA\u00dfE.jpg", "strasse.jpg"),
        ("Masse/x.jpg", "Ma\u00dfe/x.jpg"),
        ("\ufb01sch.jpg", "fisch.jpg"),
        ("\u0149.jpg", "\u02bcn.jpg"),
    ],
)
def test_what_are_two_names_are_two_assets(dam: Dam, src: Path, tmp_path: Path, there: str, here: str) -> None:
    dam.create(f"{HERE}/{there}", b"of somebody")
    write_files(src, {here: "mine"})
    assert names(upload(dam, src), "created") == [here]
    assert in_dam(dam) == sorted([there, here])
    dest = tmp_path / "dest"
    write_files(dest, {there: "of somebody"})
    result = outcome(DOWNLOAD, dam, path=HERE, dest=str(dest))
    assert result["counts"]["created"] == 1
    assert ((dest / there).read_text(), (dest / here).read_text()) == ("of somebody", "mine")
    folders = [f"/Demo Zone/{Path(name).stem}" for name in (there, here)]
    if Path(there).parent == Path():
        assert [outcome(FOLDER, dam, path=[folder])["changed"] for folder in folders] == [True, True]


def test_a_file_where_the_dam_has_a_folder(dam: Dam, src: Path) -> None:
    dam.folder(f"{HERE}/name")
    dam.create(f"{HERE}/full/x.jpg")
    write_files(src, {"name": "file", "full": "file", "good.jpg": ""})
    result = upload(dam, src)
    assert [(item["path"], item["reason"]) for item in result["failures"]] == [
        (f"{HERE}/full", "conflict"),
        (f"{HERE}/name", "conflict"),
    ]
    assert names(result, "created") == ["good.jpg"]


def test_a_folder_where_the_dam_has_an_asset_is_one_conflict(dam: Dam, src: Path) -> None:
    dam.create(f"{HERE}/name", b"asset")
    write_files(src, {"name/x.jpg": "", "name/deep/y.jpg": "", "good.jpg": ""})
    result = upload(dam, src)
    assert [(item["path"], item["reason"]) for item in result["failures"]] == [("name", "conflict")]
    assert names(result, "created") == ["good.jpg"]
