# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What lies in a local folder is in the DAM: what is sent, with which metadata, and what is told of it."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from ansible_collections.damops.elvis.plugins.module_utils._operations.upload import OPERATION
from ansible_collections.damops.elvis.plugins.module_utils._work import parallel, progress
from tests.support.assets import Dam
from tests.support.disk import largest_file
from tests.support.gateway import gateway_to
from tests.support.operations import result_of, run, shown
from tests.support.transfers import OLD, outcome, write_files
from tests.support.uploads import HERE, in_dam, names, unchanged, upload


def test_a_folder_is_uploaded_once(dam: Dam, src: Path) -> None:
    write_files(src, {"a.jpg": "a", "sub/b.jpg": "b", "sub/deep/c.jpg": "c", "empty.jpg": ""})
    (src / "no files").mkdir()
    result = upload(dam, src, metadata={"status": "New"})
    assert names(result, "created") == ["a.jpg", "empty.jpg", "sub/b.jpg", "sub/deep/c.jpg"]
    assert result["folders"] == [HERE, f"{HERE}/no files", f"{HERE}/sub", f"{HERE}/sub/deep"]
    assert (result["bytes"], result["left"]) == (3, 0)
    assert in_dam(dam) == ["a.jpg", "empty.jpg", "sub/b.jpg", "sub/deep/c.jpg"]
    assert {hit["status"] for hit in dam.metadata(f'ancestorPaths:"{HERE}"').values()} == {"New"}
    assert unchanged(dam, src, metadata={"status": "New"})["counts"]["unchanged"] == 4


def test_what_an_editor_changed_stays_unless_metadata_are_state(dam: Dam, src: Path) -> None:
    write_files(src, {"a.jpg": "a"})
    upload(dam, src, metadata={"status": "New", "credit": "us"})
    (asset,) = dam.metadata(f'ancestorPaths:"{HERE}"').values()
    dam.post("update", id=asset["id"], metadata='{"status": "Done"}')
    unchanged(dam, src, metadata={"status": "New"})
    result = upload(dam, src, metadata={"status": "New", "credit": "us"}, metadata_on="always")
    (entry,) = result["updated"]
    assert (entry["fields"], "bytes" in entry) == (["status"], False)
    unchanged(dam, src, metadata={"status": "New", "credit": "us"}, metadata_on="always")


def test_other_content_makes_a_new_version(dam: Dam, src: Path) -> None:
    write_files(src, {"a.jpg": "first"})
    upload(dam, src)
    write_files(src, {"a.jpg": "second"})
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
    write_files(src, dict.fromkeys(names, "here"))
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
    write_files(src, {"a.jpg": "here"})
    moment = time.time() + age if age > 0 else OLD
    os.utime(src / "a.jpg", (moment, moment))
    if age > 0:
        time.sleep(2.1)
        os.utime(src / "a.jpg")
    result = upload(dam, src, existing=existing)
    assert names(result, "updated") == (["a.jpg"] if is_sent else [])


def test_dates_alone_decide_without_checksums(dam: Dam, src: Path) -> None:
    write_files(src, {"a.jpg": "first"})
    upload(dam, src)
    write_files(src, {"a.jpg": "other"})
    unchanged(dam, src, checksum=False)
    later = time.time() + 3
    (asset,) = dam.metadata(f'ancestorPaths:"{HERE}"').values()
    os.utime(src / "a.jpg", (later, later))
    # A date that is ahead counts as that of the file's coming.
    assert asset["assetFileModified"]["value"] / 1000 + 2 > time.time()


def test_a_list_of_files_goes_into_one_folder(dam: Dam, src: Path) -> None:
    write_files(src, {"a/x.jpg": "x", "b/y.jpg": "y", "c/z.jpg": "z"})
    paths = [src / "a/x.jpg", src / "b/y.jpg"]
    assert names(upload(dam, paths), "created") == ["x.jpg", "y.jpg"]
    unchanged(dam, paths)


# --- Metadata from a file


def test_metadata_of_single_files(dam: Dam, src: Path) -> None:
    write_files(src, {"a.jpg": "a", "sub/M\u00fcller.jpg": "b", "c.jpg": "c"})
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
    write_files(src, {"sub/b.jpg": ""})
    (tmp_path / "captions.csv").write_text(content)
    result = upload_failing(dam, src, metadata_src=str(tmp_path / "captions.csv"))
    assert why in result["msg"]
    assert dam.writes() == []


STRANGERS = [
    ("without their extensions", ["path,headline", "a,One", "b,Two", "c,Three", "d,Four"]),
    ("full names of Windows", ["FullName,headline", *(f"C:\\Scans\\{name}.jpg,x" for name in "abcd")]),
    ("another column", ["path,headline", "1,One", "2,Two", "3,Three"]),
]


@pytest.mark.parametrize("rows", [row[1] for row in STRANGERS], ids=[row[0] for row in STRANGERS])
@pytest.mark.parametrize("check_mode", [False, True])
def test_rows_of_which_none_is_about_a_file(
    dam: Dam, src: Path, tmp_path: Path, rows: list[str], check_mode: bool
) -> None:
    write_files(src, {f"{name}.jpg": name for name in "abcd"})
    dam.create(f"{HERE}/there.jpg", b"there")
    dam._elvis.forget_requests()
    (tmp_path / "captions.csv").write_text("\n".join(rows))
    options = {"metadata_src": str(tmp_path / "captions.csv"), "key": rows[0].partition(",")[0], "uploaded": "remove"}
    result = outcome(OPERATION, dam, check_mode=check_mode, src=str(src), path=HERE, **options)
    assert (result["reason"], dam.writes(), len(list(src.iterdir()))) == ("bad_request", [], 4)
    shown = [row.split(",")[0].replace("\\", "/") for row in rows[1:4]]
    for example in (*shown, "a.jpg", "b.jpg", "c.jpg"):
        assert example in result["msg"]
    assert "d.jpg" not in result["msg"]


FITTING = [
    ("an empty inbox", [], []),
    ("a second run", ["a.jpg"], ["a.jpg"]),
    ("a second run of an emptied inbox, with something new", ["new.jpg"], ["A.JPG"]),
    ("some rows without a file", ["a.jpg", "new.jpg"], []),
    ("a file that takes no part", ["a.jpg~", "new.jpg"], []),
]


@pytest.mark.parametrize(("here", "there"), [row[1:] for row in FITTING], ids=[row[0] for row in FITTING])
def test_rows_of_which_some_are_about_a_file(
    dam: Dam, src: Path, tmp_path: Path, here: list[str], there: list[str]
) -> None:
    for name in there:
        dam.create(f"{HERE}/{name}", b"same")
    write_files(src, dict.fromkeys(here, "same"))
    (tmp_path / "captions.csv").write_text("path,headline\na.jpg,One\na.jpg~,One\nz.jpg,Two\n")
    result = upload(dam, src, metadata_src=str(tmp_path / "captions.csv"), excludes=["*~"])
    assert "reason" not in result


def test_a_corrected_table_says_what_it_does_not_write(dam: Dam, src: Path, tmp_path: Path) -> None:
    write_files(src, {f"{name}.jpg": name for name in "abcdef"})
    captions = tmp_path / "captions.csv"
    rows = "".join(f"{name}.jpg,One,x\n" for name in "abcde")
    captions.write_text(f"path,headline,tags\n{rows}")
    assert not any(
        "not be written" in words for words in upload(dam, src, metadata_src=str(captions)).get("warnings", [])
    )
    unchanged(dam, src, metadata_src=str(captions))
    captions.write_text(f"path,headline,tags\n{rows}".replace("a.jpg,One", "a.jpg,Two").replace("b.jpg,One", "b.jpg,"))
    result = upload(dam, src, metadata_src=str(captions))
    expected = f"metadata_src {captions}: 1 row that differs from its asset will not be written. metadata_on: always"
    assert (result["changed"], result["counts"]["unchanged"]) == (False, 6)
    assert [words for words in result["warnings"] if words.startswith(expected)]
    captions.write_text(f"path,headline,tags\n{rows}".replace("One", "Two").replace("b.jpg,Two", "b.jpg,One"))
    result = upload(dam, src, metadata_src=str(captions))
    assert any("4 rows that differ from their assets will not be written" in words for words in result["warnings"])
    result = upload(dam, src, metadata_src=str(captions), metadata_on="always")
    assert (result["counts"]["updated"], result.get("warnings", [])) == (4, [])


def test_columns_that_no_asset_below_path_has_a_value_for(dam: Dam, src: Path, tmp_path: Path) -> None:
    write_files(src, {"a.jpg": "a", "b.jpg": "b"})
    captions = tmp_path / "captions.csv"
    captions.write_text("path,headline,Length,LastWriteTime,Name\na.jpg,One,5,today,a.jpg\n")
    # Where there is no asset, nobody can tell.
    given = {"session": dam.session, "src": str(src), "path": HERE, "metadata_src": str(captions)}
    assert "warnings" not in run(OPERATION, **given, check_mode=True)
    dam.create(f"{HERE}/old.jpg", headline="x")
    result = run(OPERATION, **given, check_mode=True)
    (warning,) = result["warnings"]
    assert f"no asset below {HERE} has a value in the columns Length, LastWriteTime. The server may make new" in warning
    assert upload(dam, src, metadata_src=str(captions))["warnings"] == [warning]


@pytest.mark.parametrize("form", ["csv", "xlsx", "json"])
def test_a_value_that_the_server_refuses(dam: Dam, src: Path, tmp_path: Path, form: str) -> None:
    write_files(src, {"a.jpg": "a", "b.jpg": "b"})
    captions = tmp_path / f"captions.{form}"
    rows = [["path", "Bewertung"], ["a.jpg", "4"], ["b.jpg", "five"]]
    if form == "xlsx":
        book = openpyxl.Workbook()
        for row in rows:
            book.active.append(row)
        book.save(captions)
    elif form == "json":
        captions.write_text(json.dumps([dict(zip(rows[0], row, strict=True)) for row in rows[1:]], indent=0))
    else:
        captions.write_text("".join(f"{';'.join(row)}\n" for row in rows))
    given = {"session": dam.session, "src": str(src), "path": HERE, "mapping": {"Bewertung": "rating"}}
    result = result_of(OPERATION, **given, metadata_src=str(captions))
    place = {"csv": ", line 3", "xlsx": ", sheet Sheet, line 3", "json": ", line 6"}[form]
    (failure,) = result["failures"]
    assert failure["message"].startswith(f"metadata_src {captions}{place}, column Bewertung, 'five': Cannot create")
    assert in_dam(dam) == ["a.jpg"]


def test_a_line_break_without_quotes(dam: Dam, src: Path, tmp_path: Path) -> None:
    write_files(src, {"a.jpg": "a", "b.jpg": "b"})
    captions = tmp_path / "captions.csv"
    captions.write_text("path,headline,credit\na.jpg,One line\nand more of it,Bob\nb.jpg,Two,Alice\n")
    message = upload_failing(dam, src, metadata_src=str(captions))["msg"]
    assert "line 2 lacks its last cells, and what follows names nothing that is there: and more of it." in message
    assert dam.writes() == []
    captions.write_text("path,headline,credit\na.jpg,One line\nb.jpg,Two,Alice\n")
    result = upload(dam, src, metadata_src=str(captions))
    assert any("1 row (line 2) whose last cells are missing" in words for words in result["warnings"])


def upload_failing(dam: Dam, src: Path | str | list[Any], **options: Any) -> dict[str, Any]:
    given = {"session": dam.session, "src": str(src) if isinstance(src, Path) else src, "path": HERE, **options}
    result = result_of(OPERATION, **given)
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
    write_files(src, {"a.jpg": ""})
    given = {
        name: value.replace("{src}", str(src)) if isinstance(value, str) else value for name, value in options.items()
    }
    result = upload_failing(dam, given.pop("src", src), **given)
    assert why in result["msg"]
    assert dam.writes() == []


def test_a_report_has_everything(dam: Dam, src: Path) -> None:
    write_files(src, {"a.jpg": "a", "b#.jpg": ""})
    report = src / "report.jsonl"
    upload(dam, src, report=str(report))
    lines = report.read_text().splitlines()
    assert [line.split('"outcome": "')[1].split('"')[0] for line in lines] == ["failed", "created"]
    upload(dam, src, report=str(report))
    assert "report.jsonl" not in in_dam(dam)


def test_a_report_that_can_not_be_written_hides_nothing_that_was_done(dam: Dam, src: Path) -> None:
    write_files(src, {"a.jpg": "a", "b.jpg": "b"})
    with largest_file(20):
        result = outcome(OPERATION, dam, src=str(src), path=HERE, report=str(src / "report.jsonl"))
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
    write_files(src, {"a.jpg": "a"})
    options: dict[str, Any] = {"metadata": {"status": "New"}, "metadata_on": "always"}
    result = run(OPERATION, check_mode=check_mode, diff=True, session=dam.session, src=str(src), path=HERE, **options)
    (diff,) = map(shown, result["diff"])
    assert (diff["before"], diff["after"], diff["after_header"]) == (before, after, f"{HERE}/a.jpg")


@pytest.mark.parametrize("fails", [False, True])
def test_how_far_it_was_is_told_also_when_it_fails(
    dam: Dam, src: Path, monkeypatch: pytest.MonkeyPatch, fails: bool
) -> None:
    monkeypatch.setattr(progress, "PERIOD", 0)
    monkeypatch.setattr(parallel, "LOOK", 0.001)
    write_files(src, {"good.jpg": "x" * 5_000_000, **({"a#b.jpg": ""} if fails else {})})
    result = outcome(OPERATION, dam, src=str(src), path=HERE)
    assert (result.get("reason"), result["counts"]["created"]) == ("bad_request" if fails else None, 1)
    assert any(line.startswith("Uploaded ") for line in result["log"])


def test_a_simulated_session_sends_nothing(dam: Dam, src: Path) -> None:
    write_files(src, {"a.jpg": "a"})
    session = {**dam.session, "auth_token": "simulated-by-check-mode", "simulated": True}
    result = run(OPERATION, check_mode=True, session=session, src=str(src), path=HERE)
    assert (result["simulated"], result["changed"], result["created"]) == (True, True, [])
    assert len(result["warnings"]) == 1
    assert dam._elvis.requests() == []


@pytest.mark.parametrize("fields", [("firstExtractedChecksum",), ("firstExtractedChecksum", "assetFileModified")])
def test_assets_that_show_nothing_of_their_files_are_told_once(dam: Dam, src: Path, fields: tuple[str, ...]) -> None:
    write_files(src, {f"{number}.jpg": "same" for number in range(5)})
    upload(dam, src)

    def without(body: bytes) -> bytes:
        for field in fields:
            body = body.replace(f'"{field}"'.encode(), b'"somethingElse"')
        return body

    with gateway_to(dam._elvis.url, lambda _number, service: without if service == "search" else "pass") as gateway:
        result = outcome(OPERATION, dam, url=gateway.url, src=str(src), path=HERE)
    is_blind = len(fields) == 2
    assert result["counts"]["updated"] == (5 if is_blind else 0)
    told = [words for words in result.get("warnings", ()) if "neither a checksum nor a date" in words]
    assert len(told) == is_blind
    assert all(f"{HERE}/0.jpg" in words for words in told)


@pytest.mark.parametrize("name", ["x.collection", "x.Dossier", "sub/a.b.TASK"])
def test_a_file_with_the_name_of_a_container_takes_no_part(dam: Dam, src: Path, name: str) -> None:
    write_files(src, {"a.jpg": "a", name: "x", "collection": "a file", ".task": "hidden"})
    result = upload(dam, src)
    assert (result["counts"]["created"], result["counts"]["failed"]) == (2, 0), result
    (left,) = [left for left in result["left_out"] if left["path"] == name]
    assert "a container" in left["why"]
    unchanged(dam, src)
