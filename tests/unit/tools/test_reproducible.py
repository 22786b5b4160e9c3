# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import gzip
import hashlib
import io
import json
import tarfile
from pathlib import Path

from tools.reproducible import repack

MOMENT = 1_700_000_000


def artifact(path: Path, names: list[str], moment: float) -> Path:
    """Write what ansible-galaxy builds: in the order of a directory, at some time."""
    files = json.dumps({"files": [{"name": name} for name in names], "format": 1}).encode()
    manifest = {"collection_info": {}, "file_manifest_file": {"chksum_sha256": hashlib.sha256(files).hexdigest()}}
    contents = {"MANIFEST.json": json.dumps(manifest).encode(), "FILES.json": files} | {
        name: f"about {name}".encode() for name in names
    }
    with tarfile.open(path, "w:gz") as archive:
        for name, content in contents.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            # ansible-galaxy takes a file's time as it is, with fractions.
            member.mtime = moment
            archive.addfile(member, io.BytesIO(content))
    return path


def test_neither_time_nor_order_shows(tmp_path: Path) -> None:
    one = artifact(tmp_path / "one.tar.gz", ["b.txt", "a.txt"], 1.25)
    two = artifact(tmp_path / "two.tar.gz", ["a.txt", "b.txt"], 2.5)
    repack(one, MOMENT)
    repack(two, MOMENT)
    assert one.read_bytes() == two.read_bytes()


def test_what_is_in_it_stays(tmp_path: Path) -> None:
    path = artifact(tmp_path / "one.tar.gz", ["b.txt", "a.txt"], 1)
    repack(path, MOMENT)
    with tarfile.open(path) as archive:
        members = archive.getmembers()
        contents = {member.name: file.read() for member in members if (file := archive.extractfile(member))}
    assert [member.name for member in members] == ["FILES.json", "MANIFEST.json", "a.txt", "b.txt"]
    assert {member.mtime for member in members} == {MOMENT}
    assert contents["a.txt"] == b"about a.txt"
    # ansible-galaxy collection verify looks at this.
    manifest = json.loads(contents["MANIFEST.json"])
    assert manifest["file_manifest_file"]["chksum_sha256"] == hashlib.sha256(contents["FILES.json"]).hexdigest()


def test_another_moment_gives_other_bytes(tmp_path: Path) -> None:
    path = artifact(tmp_path / "one.tar.gz", ["a.txt"], 1)
    repack(path, MOMENT)
    before = path.read_bytes()
    repack(path, MOMENT + 1)
    assert path.read_bytes() != before
    assert gzip.decompress(path.read_bytes()) != gzip.decompress(before)
