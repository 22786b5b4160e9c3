# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A multipart form with files: what is sent, and that only what was announced is sent."""

from __future__ import annotations

import email
import os
from collections.abc import Callable
from email.message import Message
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.damops.elvis.plugins.module_utils._errors import CallFailure, ElvisError
from ansible_collections.damops.elvis.plugins.module_utils._http import multipart
from ansible_collections.damops.elvis.plugins.module_utils._http.request import Upload
from ansible_collections.damops.elvis.plugins.module_utils._task.files import missing_files, multipart_upload


@pytest.fixture(autouse=True)
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(multipart, "CHUNK", 4)


def parts(upload: Upload) -> list[Message]:
    head = f"Content-Type: {upload.content_type}\r\n\r\n".encode()
    whole = b"".join(upload.chunks())
    assert len(whole) == upload.length
    message = email.message_from_bytes(head + whole)
    assert not message.defects
    payload = message.get_payload()
    assert isinstance(payload, list)
    return [part for part in payload if isinstance(part, Message)]


def test_fields_come_first_then_files(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_bytes(b"\xff\xd8\xff\r\n--binary")
    (tmp_path / "empty.unheard-of").touch()
    files = {"Filedata": str(tmp_path / "a.jpg"), "Other": str(tmp_path / "empty.unheard-of")}
    upload = multipart_upload(files, [("tags", "ü"), ("tags", ""), ("name", "a\r\nb")])
    found = [
        (
            part.get_param("name", header="Content-Disposition"),
            part.get_filename(),
            part.get("Content-Type"),
            part.get_payload(decode=True),
        )
        for part in parts(upload)
    ]
    assert found == [
        ("tags", None, None, "ü".encode()),
        ("tags", None, None, b""),
        ("name", None, None, b"a\r\nb"),
        ("Filedata", "a.jpg", "image/jpeg", b"\xff\xd8\xff\r\n--binary"),
        ("Other", "empty.unheard-of", "application/octet-stream", b""),
    ]


def test_a_form_can_be_sent_again(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_bytes(b"some content")
    upload = multipart_upload({"Filedata": str(tmp_path / "a.jpg")}, [])
    assert b"".join(upload.chunks()) == b"".join(upload.chunks())


def test_names_end_no_header(tmp_path: Path) -> None:
    path = tmp_path / 'a"b\r\nX-Injected: 1.jpg'
    path.write_bytes(b"x")
    upload = multipart_upload({'File"\ndata': str(path)}, [('na"\rme', "x")])
    whole = b"".join(upload.chunks())
    assert b'name="na%22%0Dme"' in whole
    assert b'name="File%22%0Adata"; filename="a%22b%0D%0AX-Injected: 1.jpg"' in whole
    assert b"\nX-Injected" not in whole


@pytest.mark.parametrize("name", ["größe.jpg".encode(), b"gr\xf6\xdfe.jpg"], ids=["utf-8", "latin-1"])
def test_any_name_is_sent_as_utf8(tmp_path: Path, name: bytes) -> None:
    path = tmp_path / os.fsdecode(name)
    path.write_bytes(b"x")
    head = next(multipart_upload({"Filedata": str(path)}, []).chunks()).decode()
    assert f'filename="{os.fsdecode(name).encode(errors="replace").decode()}"' in head


def test_home_and_variables_are_filled_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INCOMING", "in")
    (tmp_path / "in").mkdir()
    (tmp_path / "in/a.jpg").write_bytes(b"x")
    assert b"\r\n\r\nx\r\n" in b"".join(multipart_upload({"Filedata": "~/$INCOMING/a.jpg"}, []).chunks())


CHANGES: dict[str, Callable[[Path], Any]] = {
    "shorter": lambda path: path.write_bytes(b"shorter"),
    "longer": lambda path: path.write_bytes(b"longer than the whole form" * 100),
    "touched": lambda path: os.utime(path, (1, 1)),
    "gone": lambda path: path.unlink(),
}


@pytest.mark.parametrize(
    ("chunks_before", "change", "how"),
    [
        (1, "shorter", "changed"),
        (1, "longer", "changed"),
        (1, "touched", "changed"),
        (1, "gone", "is gone"),
        (2, "shorter", "changed"),
        (2, "longer", "changed"),
        (2, "touched", "changed"),
    ],
)
def test_a_file_that_changes_is_never_sent_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, chunks_before: int, change: str, how: str
) -> None:
    # As with a file that is larger.
    monkeypatch.setattr(multipart, "SMALLEST_SENT", 1)
    path = tmp_path / "a.jpg"
    path.write_bytes(b"as long as this")
    upload = multipart_upload({"Filedata": str(path)}, [])
    chunks = upload.chunks()
    sent = [next(chunks) for dummy in range(chunks_before)]
    CHANGES[change](path)
    with pytest.raises(CallFailure, match=f"a.jpg {how} while it was sent") as caught:
        sent.extend(chunks)
    assert (caught.value.kind, caught.value.delivery, caught.value.transient) == ("file_changed", "unsent", False)
    assert len(b"".join(sent)) < upload.length
    assert not b"".join(sent).endswith(b"--\r\n")


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("{tmp}/missing.jpg", "missing.jpg can't be read: no such file or directory"),
        ("{tmp}", "is not a regular file"),
        ("{tmp}/pipe", "is not a regular file"),
        ("/dev/zero", "/dev/zero is not a regular file"),
        ("a.jpg", "relative path a.jpg under Filedata"),
        ("", "relative path"),
        ("{tmp}/\ud800.jpg", "can't be read: no file can have such a name"),
        ("{tmp}/a\0.jpg", "no path under Filedata"),
        (["a.jpg"], "no path under Filedata"),
        (None, "no path under Filedata"),
        (7, "no path under Filedata"),
    ],
)
def test_what_can_not_be_sent_is_refused(tmp_path: Path, value: Any, message: str) -> None:
    os.mkfifo(tmp_path / "pipe")
    value = value.format(tmp=tmp_path) if isinstance(value, str) else value
    with pytest.raises(ElvisError, match=message, check=lambda error: error.reason == "bad_request"):
        multipart_upload({"Filedata": value}, [])


def test_missing_files(tmp_path: Path) -> None:
    (tmp_path / "there").touch()
    files = {name: str(tmp_path / name) for name in ("there", "missing")}
    assert missing_files(files) == [tmp_path / "missing"]
    with pytest.raises(ElvisError, match="relative path"):
        missing_files({"Filedata": "a.jpg"})
