# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Takes out of an artifact what differs from build to build: the time, and the order in which a disk lists files."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import tarfile
from pathlib import Path

MANIFEST = "MANIFEST.json"
FILES = "FILES.json"


def repack(artifact: Path, moment: int) -> None:
    """Write a collection's artifact anew: sorted, and as if everything in it had been written at that moment."""
    with tarfile.open(artifact) as archive:
        members = sorted(archive.getmembers(), key=lambda member: (member.name not in {MANIFEST, FILES}, member.name))
        contents = {member.name: file.read() for member in members if (file := archive.extractfile(member))}
    sort_lists(contents)
    with (
        artifact.open("wb") as output,
        # A name, or the time of now, would be written into the header.
        gzip.GzipFile(filename="", mode="wb", fileobj=output, mtime=moment) as packed,
        tarfile.open(fileobj=packed, mode="w") as archive,
    ):
        for member in members:
            content = contents[member.name] if member.isfile() else b""
            member.mtime, member.size = moment, len(content)
            # The fractions of seconds of the time that was, which would win.
            member.pax_headers = {}
            archive.addfile(member, io.BytesIO(content))


def sort_lists(contents: dict[str, bytes]) -> None:
    """Sort the list of files, whose checksum is in the manifest."""
    files = json.loads(contents[FILES])
    files["files"].sort(key=lambda file: file["name"])
    contents[FILES] = as_ansible_writes(files)
    manifest = json.loads(contents[MANIFEST])
    manifest["file_manifest_file"]["chksum_sha256"] = hashlib.sha256(contents[FILES]).hexdigest()
    contents[MANIFEST] = as_ansible_writes(manifest)


def as_ansible_writes(value: object) -> bytes:
    return json.dumps(value, indent=1).encode()
