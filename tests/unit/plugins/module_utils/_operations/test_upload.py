# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What lies in a local folder is in the DAM: what is sent, what is left alone, and what is removed."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.damops.elvis.plugins.module_utils._errors import ElvisError
from ansible_collections.damops.elvis.plugins.module_utils._operations.upload import OPERATION
from ansible_collections.damops.elvis.plugins.module_utils._work import parallel, progress
from tests.support.assets import Dam, logged_in
from tests.support.disk import largest_file
from tests.support.emulator import Emulator, start_emulator
from tests.support.operations import run

HERE = "/Demo Zone/Inbox"
OLD = 1_600_000_000


@pytest.fixture(scope="module")
def server() -> Iterator[Emulator]:
    with start_emulator() as emulator:
        yield emulator


@pytest.fixture
def dam(server: Emulator) -> Iterator[Dam]:
    server.end_sessions()
    with logged_in(server) as dam:
        yield dam


@pytest.fixture
def src(tmp_path: Path) -> Path:
    folder = tmp_path / "src"
    folder.mkdir()
    return folder


def put(folder: Path, **files: str | bytes) -> None:
    write(folder, files)


def write(folder: Path, files: dict[str, str | bytes]) -> None:
    """Write files that are older than anything in the DAM."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        os.utime(path, (OLD, OLD))


def upload(dam: Dam, src: Path | list[Path], **options: Any) -> dict[str, Any]:
    """Run the task, with a look before it at what check mode says."""
    sources = [str(path) for path in src] if isinstance(src, list) else str(src)
    options = {"session": dam.session, "src": sources, "path": HERE, **options}
    dam._elvis.forget_requests()
    said = outcome(options, check_mode=True)
    assert dam.writes() == []
    done = outcome(options)
    for key in ("changed", "counts", "folders", "put_away", "reason"):
        assert said.get(key) == done.get(key), (key, said, done)
    for key in ("created", "updated", "removed", "left_out", "failures"):
        assert paths(said[key]) == paths(done[key]), key
    return done


def paths(entries: list[dict[str, Any]]) -> list[str]:
    """Return the paths of entries; a server may take blanks off the ends of a name."""
    return ["/".join(map(str.strip, item["path"].split("/"))) for item in entries]


def outcome(options: dict[str, Any], check_mode: bool = False) -> dict[str, Any]:
    try:
        return run(OPERATION, check_mode=check_mode, **options)
    except ElvisError as error:
        return error.as_result()


def unchanged(dam: Dam, src: Path | list[Path], **options: Any) -> dict[str, Any]:
    """Run the task, which has nothing to do."""
    result = upload(dam, src, **options)
    assert (result["changed"], result.get("reason")) == (False, None), result
    assert dam.writes() == []
    return result


def names(result: dict[str, Any], key: str) -> list[str]:
    return [item["path"].removeprefix(f"{HERE}/") for item in result[key]]


def in_dam(dam: Dam) -> list[str]:
    return sorted(path.removeprefix(f"{HERE}/") for path in dam.metadata(f'ancestorPaths:"{HERE}"'))


# --- What is there and what is not


def test_a_folder_is_uploaded_once(dam: Dam, src: Path) -> None:
    write(src, {"a.jpg": "a", "sub/b.jpg": "b", "sub/deep/c.jpg": "c", "empty.jpg": ""})
    (src / "no files").mkdir()
    result = upload(dam, src, metadata={"status": "New"})
    assert names(result, "created") == ["a.jpg", "empty.jpg", "sub/b.jpg", "sub/deep/c.jpg"]
    assert result["folders"] == [HERE, f"{HERE}/no files", f"{HERE}/sub", f"{HERE}/sub/deep"]
    assert (result["bytes"], result["left"]) == (3, 0)
    assert in_dam(dam) == ["a.jpg", "empty.jpg", "sub/b.jpg", "sub/deep/c.jpg"]
    assert {hit["status"] for hit in dam.metadata(f'ancestorPaths:"{HERE}"').values()} == {"New"}
    assert unchanged(dam, src, metadata={"status": "New"})["counts"]["unchanged"] == 4


def test_what_an_editor_changed_stays_unless_metadata_are_state(dam: Dam, src: Path) -> None:
    write(src, {"a.jpg": "a"})
    upload(dam, src, metadata={"status": "New", "credit": "us"})
    (asset,) = dam.metadata(f'ancestorPaths:"{HERE}"').values()
    dam.post("update", id=asset["id"], metadata='{"status": "Done"}')
    unchanged(dam, src, metadata={"status": "New"})
    result = upload(dam, src, metadata={"status": "New", "credit": "us"}, metadata_on="always")
    (entry,) = result["updated"]
    assert (entry["fields"], "bytes" in entry) == (["status"], False)
    unchanged(dam, src, metadata={"status": "New", "credit": "us"}, metadata_on="always")


def test_other_content_makes_a_new_version(dam: Dam, src: Path) -> None:
    write(src, {"a.jpg": "first"})
    upload(dam, src)
    write(src, {"a.jpg": "second"})
    (entry,) = upload(dam, src)["updated"]
    assert (entry["path"], entry["bytes"], entry["compared_by"]) == (f"{HERE}/a.jpg", 6, "checksum")
    (asset,) = dam.metadata(f'ancestorPaths:"{HERE}"').values()
    assert asset["versionNumber"] == 2
    unchanged(dam, src)


@pytest.mark.parametrize(
    ("version", "is_sent"), [("6.106.9", False), ("5.27.0", False), ("6.107.0", True), ("7.1", True)]
)
def test_an_older_server_does_not_keep_what_was_edited(dam: Dam, src: Path, version: str, is_sent: bool) -> None:
    names = ("a.jpg", "b.jpg")
    for name in names:
        dam.create(f"{HERE}/{name}", b"there")
    write(src, dict.fromkeys(names, "here"))
    result = upload(dam, src, session={**dam.session, "server_version": version})
    assert result["counts"]["updated"] == 2
    told = [warning for warning in result.get("warnings", []) if "keepMetadata" in warning]
    assert len(told) == (0 if is_sent else 1)
    sent = [seen["form"] for seen in dam._elvis.requests() if seen["path"].endswith("/update")]
    assert ["keepMetadata" in parameters for parameters in sent] == [is_sent] * 2


@pytest.mark.parametrize(
    ("existing", "age", "is_sent"),
    [
        ("update", -OLD, True),
        ("update", 10, True),
        ("keep", 10, False),
        ("newer", -OLD, False),
        ("newer", 10, True),
    ],
)
def test_what_is_done_with_an_asset_that_is_there(
    dam: Dam, src: Path, existing: str, age: float, is_sent: bool
) -> None:
    dam.create(f"{HERE}/a.jpg", b"there")
    write(src, {"a.jpg": "here"})
    moment = time.time() + age if age > 0 else OLD
    os.utime(src / "a.jpg", (moment, moment))
    if age > 0:
        time.sleep(2.1)
        os.utime(src / "a.jpg")
    result = upload(dam, src, existing=existing)
    assert names(result, "updated") == (["a.jpg"] if is_sent else [])


def test_dates_alone_decide_without_checksums(dam: Dam, src: Path) -> None:
    write(src, {"a.jpg": "first"})
    upload(dam, src)
    write(src, {"a.jpg": "other"})
    unchanged(dam, src, checksum=False)
    later = time.time() + 3
    (asset,) = dam.metadata(f'ancestorPaths:"{HERE}"').values()
    os.utime(src / "a.jpg", (later, later))
    # A date that is ahead counts as that of the file's coming.
    assert asset["assetFileModified"]["value"] / 1000 + 2 > time.time()


def test_a_list_of_files_goes_into_one_folder(dam: Dam, src: Path) -> None:
    write(src, {"a/x.jpg": "x", "b/y.jpg": "y", "c/z.jpg": "z"})
    paths = [src / "a/x.jpg", src / "b/y.jpg"]
    assert names(upload(dam, paths), "created") == ["x.jpg", "y.jpg"]
    unchanged(dam, paths)


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
    write(src, {f"{number}/{name}": name for number, name in enumerate(NAMES)})
    write(src, dict.fromkeys(names_once, "at the top"))
    result = upload(dam, src, excludes=[])
    assert result["counts"]["created"] == 2 * len(NAMES) - 1
    unchanged(dam, src, excludes=[])


def test_names_that_a_dam_does_not_take_are_told_and_the_rest_is_sent(dam: Dam, src: Path) -> None:
    write(src, {"a#b.jpg": "", "A.jpg": "", "a.jpg": "", "good.jpg": "good"})
    result = upload(dam, src)
    assert {item["path"]: item["reason"] for item in result["failures"]} == {
        "a#b.jpg": "bad_request",
        "A.jpg": "conflict",
        "a.jpg": "conflict",
    }
    assert "the same name as a.jpg" in result["failures"][1]["message"]
    assert (result["reason"], in_dam(dam)) == ("bad_request", ["good.jpg"])


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
    write(src, {here: "same"})
    unchanged(dam, src, delete=True)
    # A new file beside it goes into the folder that is there.
    write(src, {str(Path(here).parent / "new.jpg"): "new"})
    (created,) = upload(dam, src, delete=True)["created"]
    assert created["path"] == f"{HERE}/{Path(there).parent / 'new.jpg'}"
    unchanged(dam, src, delete=True)


def test_a_file_where_the_dam_has_a_folder(dam: Dam, src: Path) -> None:
    dam.folder(f"{HERE}/name")
    dam.create(f"{HERE}/full/x.jpg")
    write(src, {"name": "file", "full": "file", "good.jpg": ""})
    result = upload(dam, src)
    assert [(item["path"], item["reason"]) for item in result["failures"]] == [
        (f"{HERE}/full", "conflict"),
        (f"{HERE}/name", "conflict"),
    ]
    assert names(result, "created") == ["good.jpg"]


def test_a_folder_where_the_dam_has_an_asset_is_one_conflict(dam: Dam, src: Path) -> None:
    dam.create(f"{HERE}/name", b"asset")
    write(src, {"name/x.jpg": "", "name/deep/y.jpg": "", "good.jpg": ""})
    result = upload(dam, src)
    assert [(item["path"], item["reason"]) for item in result["failures"]] == [("name", "conflict")]
    assert names(result, "created") == ["good.jpg"]


# --- Check-outs


def test_what_somebody_else_has_checked_out_is_left_alone(server: Emulator, dam: Dam, src: Path) -> None:
    other = Dam(server, "api", "api")
    asset_id = dam.create(f"{HERE}/a.jpg", b"there")
    other.post(f"checkout/{asset_id}")
    write(src, {"a.jpg": "here"})
    result = upload(dam, src)
    (failure,) = result["failures"]
    assert (failure["reason"], "api has it checked out since" in failure["message"]) == ("conflict", True)


@pytest.mark.parametrize("check_in", [False, True])
def test_our_own_check_out_stays_unless_it_is_to_end(dam: Dam, src: Path, check_in: bool) -> None:
    asset_id = dam.create(f"{HERE}/a.jpg", b"there")
    dam.post(f"checkout/{asset_id}")
    write(src, {"a.jpg": "here"})
    assert names(upload(dam, src, check_in=check_in), "updated") == ["a.jpg"]
    (asset,) = dam.metadata(f'ancestorPaths:"{HERE}"').values()
    assert bool(asset.get("checkedOutBy")) is not check_in


def test_our_own_check_out_of_an_unchanged_file_is_ended_as_well(dam: Dam, src: Path) -> None:
    asset_id = dam.create(f"{HERE}/a.jpg", b"same")
    dam.create(f"{HERE}/b.jpg", b"same")
    dam.post(f"checkout/{asset_id}")
    write(src, {"a.jpg": "same", "b.jpg": "same"})
    unchanged(dam, src)
    (entry,) = upload(dam, src, check_in=True)["updated"]
    assert (entry["path"], entry["fields"], "bytes" in entry) == (f"{HERE}/a.jpg", ["checkedOutBy"], False)
    asset = dam.metadata(f"id:{asset_id}")[f"{HERE}/a.jpg"]
    assert (asset.get("checkedOutBy"), asset["versionNumber"]) == (None, 1)
    unchanged(dam, src, check_in=True)


def test_a_check_out_of_somebody_else_is_none_of_an_unchanged_file(server: Emulator, dam: Dam, src: Path) -> None:
    asset_id = dam.create(f"{HERE}/a.jpg", b"same")
    Dam(server, "api", "api").post(f"checkout/{asset_id}")
    write(src, {"a.jpg": "same"})
    unchanged(dam, src, check_in=True)


def test_a_check_out_of_somebody_else_is_ended_by_force(server: Emulator, dam: Dam, src: Path) -> None:
    asset_id = dam.create(f"{HERE}/a.jpg", b"there")
    dam.post(f"checkout/{asset_id}")
    write(src, {"a.jpg": "here"})
    superuser = Dam(server, "admin", "changemenow")
    result = upload(superuser, src)
    assert "alice has it checked out since" in result["failures"][0]["message"]
    assert names(upload(superuser, src, force=True), "updated") == ["a.jpg"]
    (asset,) = dam.metadata(f'ancestorPaths:"{HERE}"').values()
    assert not asset.get("checkedOutBy")


# --- Removal


def test_a_mirror_has_no_more_than_the_folder(dam: Dam, src: Path) -> None:
    for name in ("a.jpg", "b.jpg", "sub/c.jpg", "sub/d.jpg", "old.jpg"):
        dam.create(f"{HERE}/{name}", b"same")
    dam.create("/Demo Zone/Elsewhere/x.jpg")
    write(src, {"a.jpg": "same", "b.jpg": "same", "sub/c.jpg": "same"})
    assert names(upload(dam, src, delete=True), "removed") == ["old.jpg", "sub/d.jpg"]
    assert in_dam(dam) == ["a.jpg", "b.jpg", "sub/c.jpg"]
    unchanged(dam, src, delete=True)
    assert dam.metadata('ancestorPaths:"/Demo Zone/Elsewhere"')


Prepare = Callable[[Path], object]
KEPT: list[tuple[str, Prepare, dict[str, Any]]] = [
    ("excluded here", lambda src: write(src, {"x.psd": ""}), {"excludes": ["*.psd"]}),
    ("excluded, not here", lambda _src: None, {"excludes": ["*.psd"]}),
    ("no pattern fits", lambda _src: None, {"patterns": ["*.jpg"]}),
    ("too young", lambda src: (src / "x.psd").write_text(""), {"min_age": 3600}),
    ("a link that leads outside", lambda src: (src / "x.psd").symlink_to("/etc/hostname"), {}),
    ("a broken link", lambda src: (src / "X.PSD").symlink_to("nowhere"), {}),
    ("a pipe", lambda src: os.mkfifo(src / "x.psd"), {}),
    ("a folder that is excluded", lambda _src: None, {"excludes": ["x.psd"]}),
]


@pytest.mark.parametrize(("prepare", "options"), [row[1:] for row in KEPT], ids=[row[0] for row in KEPT])
def test_what_is_never_removed(dam: Dam, src: Path, prepare: Prepare, options: dict[str, Any]) -> None:
    for name in ("a.jpg", "b.jpg", "x.psd"):
        dam.create(f"{HERE}/{name}", b"same")
    write(src, {"a.jpg": "same", "b.jpg": "same"})
    for path in (src / "a.jpg", src / "b.jpg"):
        os.utime(path, (OLD, OLD))
    prepare(src)
    result = upload(dam, src, delete=True, **options)
    assert (result["removed"], in_dam(dam)) == ([], ["a.jpg", "b.jpg", "x.psd"])


def test_below_an_empty_folder_nothing_is_removed(dam: Dam, src: Path) -> None:
    for name in ("a.jpg", "b.jpg", "c.jpg", "mounted/x.jpg"):
        dam.create(f"{HERE}/{name}", b"same")
    write(src, dict.fromkeys(("a.jpg", "b.jpg", "c.jpg"), "same"))
    (src / "mounted").mkdir()
    (left,) = unchanged(dam, src, delete=True)["left_out"]
    assert left["path"] == f"{HERE}/mounted/x.jpg"
    assert "mount point" in left["why"]


REFUSED: list[tuple[str, int, list[str], dict[str, Any], str]] = [
    ("more than half", 10, ["0.jpg"], {}, "never more than half"),
    ("more than the number", 10, [f"{n}.jpg" for n in range(7)], {"max_delete": 2}, "max_delete is 2"),
    ("more than the share", 10, [f"{n}.jpg" for n in range(7)], {"max_delete": "20%"}, "max_delete is 20%"),
    ("src is empty", 10, [], {"max_delete": "100%"}, "src is empty"),
    ("something failed", 4, ["0.jpg", "1.jpg", "2.jpg", "a#b.jpg"], {}, "something failed before"),
]


@pytest.mark.parametrize(
    ("there", "here", "options", "why"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED]
)
def test_nothing_is_removed_by_surprise(
    dam: Dam, src: Path, there: int, here: list[str], options: dict[str, Any], why: str
) -> None:
    for number in range(there):
        dam.create(f"{HERE}/{number}.jpg", b"same")
    write(src, dict.fromkeys(here, "same"))
    result = upload(dam, src, delete=True, **options)
    assert result["reason"] in ("conflict", "bad_request")
    assert why in result["msg"]
    assert len(in_dam(dam)) == there


@pytest.mark.parametrize("most", ["80%", "100%"])
def test_a_share_above_a_half_may_be_given(dam: Dam, src: Path, most: str) -> None:
    for number in range(5):
        dam.create(f"{HERE}/{number}.jpg", b"same")
    write(src, {"0.jpg": "same"})
    assert len(upload(dam, src, delete=True, max_delete=most)["removed"]) == 4


def test_containers_and_assets_without_a_file_take_no_part(dam: Dam, src: Path) -> None:
    dam.create(f"{HERE}/x.collection", None)
    dam.create(f"{HERE}/virtual.jpg", None)
    write(src, {"a.jpg": "a"})
    upload(dam, src)
    left_out = unchanged(dam, src, delete=True)["left_out"]
    assert sorted(names({"left_out": left_out}, "left_out")) == ["virtual.jpg", "x.collection"]


# --- A drop folder


@pytest.mark.parametrize("uploaded", ["remove", "move"])
def test_a_drop_folder_is_emptied(dam: Dam, src: Path, tmp_path: Path, uploaded: str) -> None:
    write(src, {"a.jpg": "a", "sub/b.jpg": "b", ".hidden": "", "there.jpg": "same"})
    dam.create(f"{HERE}/there.jpg", b"same")
    done = tmp_path / "done"
    done.mkdir()
    (done / "a.jpg").write_text("of an earlier run")
    options = {"uploaded": uploaded, **({"move_to": str(done)} if uploaded == "move" else {})}
    result = upload(dam, src, **options)
    assert (result["put_away"], result["counts"]["created"], result["changed"]) == (3, 2, True)
    assert sorted(path.name for path in src.rglob("*") if path.is_file()) == [".hidden"]
    moved = sorted(str(path.relative_to(done)) for path in done.rglob("*") if path.is_file())
    assert moved == (["a-1.jpg", "a.jpg", "sub/b.jpg", "there.jpg"] if uploaded == "move" else ["a.jpg"])
    assert (done / "a.jpg").read_text() == "of an earlier run"
    unchanged(dam, src, **options)


def test_files_are_moved_to_another_device(dam: Dam, src: Path) -> None:
    write(src, {"a.jpg": "a", "sub/b.jpg": "b"})
    with tempfile.TemporaryDirectory(dir="/dev/shm") as name:
        done = Path(name)
        assert done.stat().st_dev != src.stat().st_dev
        (done / "a.jpg").write_text("of an earlier run")
        assert upload(dam, src, uploaded="move", move_to=name)["put_away"] == 2
        moved = {str(path.relative_to(done)): path.read_text() for path in done.rglob("*") if path.is_file()}
        assert moved == {"a.jpg": "of an earlier run", "a-1.jpg": "a", "sub/b.jpg": "b"}
        assert int((done / "a-1.jpg").stat().st_mtime) == OLD
    assert [path for path in src.rglob("*") if path.is_file()] == []


# --- Metadata from a file


def test_metadata_of_single_files(dam: Dam, src: Path) -> None:
    write(src, {"a.jpg": "a", "sub/M\u00fcller.jpg": "b", "c.jpg": "c"})
    options = {"metadata": {"headline": "All", "status": "New"}, "metadata_src": str(src / "captions.csv")}
    (src / "captions.csv").write_text(
        f"path,headline,tags\n{HERE}/A.JPG,One,x\nsub\\Mu\u0308ller.jpg,Two,x; y\ngone.jpg,Three,\n", "utf-8-sig"
    )
    result = upload(dam, src, **options)
    assert names(result, "created") == ["a.jpg", "c.jpg", "sub/M\u00fcller.jpg"]
    assert any("gone.jpg (line 4)" in warning for warning in result["warnings"])
    metadata = {path.rpartition("/")[2]: hit for path, hit in dam.metadata(f'ancestorPaths:"{HERE}"').items()}
    assert {name: hit["headline"] for name, hit in metadata.items()} == {
        "a.jpg": "One",
        "c.jpg": "All",
        "M\u00fcller.jpg": "Two",
    }
    assert metadata["M\u00fcller.jpg"]["tags"] == ["x", "y"]
    unchanged(dam, src, metadata_on="always", **options)


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ("path,headline\na.jpg,x,y\n", "line 2 has 3 cells"),
        ("path,headline\n../a.jpg,x\n", "is not a path below src"),
        ("path,headline\n/etc/passwd,x\n", "is not a path below src"),
        ("headline\nx\n", "has no column path"),
    ],
)
def test_a_file_of_metadata_that_can_not_be_used(dam: Dam, src: Path, tmp_path: Path, content: str, why: str) -> None:
    write(src, {"sub/b.jpg": ""})
    (tmp_path / "captions.csv").write_text(content)
    result = upload_failing(dam, src, metadata_src=str(tmp_path / "captions.csv"))
    assert why in result["msg"]
    assert dam.writes() == []


def upload_failing(dam: Dam, src: Path | str | list[Any], **options: Any) -> dict[str, Any]:
    given = {"session": dam.session, "src": str(src) if isinstance(src, Path) else src, "path": HERE, **options}
    result = outcome(given)
    assert result["reason"] == "bad_request", result
    return result


@pytest.mark.parametrize(
    ("options", "why"),
    [
        ({"src": "relative"}, "src must be an absolute path"),
        ({"src": "/nowhere"}, "src /nowhere is not there"),
        ({"src": {}}, "src must be the path"),
        ({"src": ["/etc"]}, "src /etc is a folder"),
        ({"src": ["/etc/hostname"], "delete": True}, "delete needs a folder"),
        ({"path": "Inbox"}, "does not begin with a slash"),
        ({"path": "/Demo#Zone"}, "which a DAM doesn't take"),
        ({"delete": True, "uploaded": "remove"}, "delete can't be used with uploaded"),
        ({"uploaded": "move", "move_to": "{src}/done"}, "lies in src"),
        ({"metadata": {"name": "x"}}, "is kept by the server itself"),
        ({"metadata": {"x": {"y": 1}}}, "an object"),
        ({"max_delete": "many", "delete": True}, "max_delete is many"),
        ({"concurrency": 17}, "concurrency must be"),
        ({"concurrency": 0}, "concurrency must be"),
        ({"report": "relative.jsonl"}, "relative path"),
    ],
)
def test_what_can_not_be_meant(dam: Dam, src: Path, options: dict[str, Any], why: str) -> None:
    write(src, {"a.jpg": ""})
    given = {
        name: value.replace("{src}", str(src)) if isinstance(value, str) else value for name, value in options.items()
    }
    result = upload_failing(dam, given.pop("src", src), **given)
    assert why in result["msg"]
    assert dam.writes() == []


def test_a_report_has_everything(dam: Dam, src: Path) -> None:
    write(src, {"a.jpg": "a", "b#.jpg": ""})
    report = src / "report.jsonl"
    upload(dam, src, report=str(report))
    lines = report.read_text().splitlines()
    assert [line.split('"outcome": "')[1].split('"')[0] for line in lines] == ["failed", "created"]
    upload(dam, src, report=str(report))
    assert "report.jsonl" not in in_dam(dam)


def test_a_report_that_can_not_be_written_hides_nothing_that_was_done(dam: Dam, src: Path) -> None:
    write(src, {"a.jpg": "a", "b.jpg": "b"})
    with largest_file(20):
        result = outcome({"session": dam.session, "src": str(src), "path": HERE, "report": str(src / "report.jsonl")})
    assert (result["reason"], "report.jsonl can't be written" in result["msg"]) == ("storage", True)
    assert (names(result, "created"), result["log"]) == (["a.jpg", "b.jpg"], [])
    assert in_dam(dam) == ["a.jpg", "b.jpg"]
    assert sorted(path.name for path in src.iterdir()) == ["a.jpg", "b.jpg"]


DIFFS: list[tuple[str, bytes | None, dict[str, Any], dict[str, Any]]] = [
    ("a file that is new", None, {"file": None, "status": None}, {"file": "file", "status": "New"}),
    ("another file", b"older", {"file": "other content", "status": None}, {"file": "file", "status": "New"}),
    ("metadata alone", b"a", {"status": None}, {"status": "New"}),
]


@pytest.mark.parametrize(("there", "before", "after"), [row[1:] for row in DIFFS], ids=[row[0] for row in DIFFS])
@pytest.mark.parametrize("check_mode", [True, False])
def test_what_was_before_and_is_after(
    dam: Dam, src: Path, there: bytes | None, before: dict[str, Any], after: dict[str, Any], check_mode: bool
) -> None:
    if there is not None:
        dam.create(f"{HERE}/a.jpg", there)
    write(src, {"a.jpg": "a"})
    options: dict[str, Any] = {"metadata": {"status": "New"}, "metadata_on": "always"}
    result = run(OPERATION, check_mode=check_mode, diff=True, session=dam.session, src=str(src), path=HERE, **options)
    (diff,) = result["diff"]
    assert (diff["before"], diff["after"], diff["after_header"]) == (before, after, f"{HERE}/a.jpg")


@pytest.mark.parametrize("fails", [False, True])
def test_how_far_it_was_is_told_also_when_it_fails(
    dam: Dam, src: Path, monkeypatch: pytest.MonkeyPatch, fails: bool
) -> None:
    monkeypatch.setattr(progress, "PERIOD", 0)
    monkeypatch.setattr(parallel, "LOOK", 0.001)
    write(src, {"good.jpg": "x" * 100_000, **({"a#b.jpg": ""} if fails else {})})
    result = outcome({"session": dam.session, "src": str(src), "path": HERE})
    assert (result.get("reason"), result["counts"]["created"]) == ("bad_request" if fails else None, 1)
    assert any(line.startswith("Uploaded ") for line in result["log"])


def test_a_simulated_session_sends_nothing(dam: Dam, src: Path) -> None:
    write(src, {"a.jpg": "a"})
    session = {**dam.session, "auth_token": "simulated-by-check-mode", "simulated": True}
    result = run(OPERATION, check_mode=True, session=session, src=str(src), path=HERE)
    assert (result["simulated"], result["changed"], result["created"]) == (True, True, [])
    assert len(result["warnings"]) == 1
    assert dam._elvis.requests() == []
