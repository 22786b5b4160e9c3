# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A form with files arrives as it was given, whatever its names hold."""

from __future__ import annotations

import re
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, strategies as st

from ansible_collections.damops.elvis.plugins.module_utils._errors import ElvisError
from ansible_collections.damops.elvis.plugins.module_utils._http.request import Upload
from ansible_collections.damops.elvis.plugins.module_utils._task.files import missing_files, multipart_upload
from tests.fuzz.strategies import anything, texts

Part = tuple[str, str | None, bytes]
PART = re.compile(
    rb'\r\nContent-Disposition: form-data; name="([^"\r\n]*)"(?:; filename="([^"\r\n]*)"\r\nContent-Type: [\w/.+-]+)?'
    rb"\r\n\r\n(.*)",
    re.DOTALL,
)
ESCAPES = str.maketrans({'"': "%22", "\r": "%0D", "\n": "%0A"})
file_names = texts.map(lambda name: name.replace("/", "").replace("\0", "")).filter(
    lambda name: name not in ("", ".", "..") and len(name.encode()) < 200
)


def _parts(upload: Upload) -> list[Part]:
    """Read a form as the standard of browsers writes it: a name ends at its quotation mark, and nowhere else."""
    body = b"".join(upload.chunks())
    assert len(body) == upload.length
    boundary = upload.content_type.partition("boundary=")[2].encode()
    first, *parts, last = (b"\r\n" + body).split(b"\r\n--" + boundary)
    assert (first, last) == (b"", b"--\r\n")
    matches = [PART.fullmatch(part) for part in parts]
    return [
        (match[1].decode(), None if match[2] is None else match[2].decode(), match[3])
        for match in matches
        if match or pytest.fail("a part that can't be read")
    ]


@given(
    st.lists(st.tuples(texts, texts), max_size=4),
    st.dictionaries(texts, st.tuples(file_names, st.binary()), max_size=3),
)
def test_a_form_arrives_as_it_was_given(fields: list[tuple[str, str]], contents: dict[str, tuple[str, bytes]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        paths = {}
        for number, (name, (file_name, content)) in enumerate(contents.items()):
            path = Path(folder, str(number), file_name)
            path.parent.mkdir()
            path.write_bytes(content)
            # What looks like a variable in a path is one.
            if "$" not in file_name:
                paths[name] = str(path)
        arrived = _parts(multipart_upload(paths, fields))
    wanted: list[Part] = [(name.translate(ESCAPES), None, text.encode()) for name, text in fields]
    wanted += [
        (name.translate(ESCAPES), Path(path).name.translate(ESCAPES), contents[name][1]) for name, path in paths.items()
    ]
    assert arrived == wanted


@given(st.dictionaries(anything, st.one_of(anything, anything.map("/{}".format), st.integers(), st.none()), max_size=3))
def test_what_is_no_file_is_refused(files: dict[str, Any]) -> None:
    for read in (missing_files, lambda files: multipart_upload(files, [])):
        try:
            read(files)
        except ElvisError as error:
            assert error.reason == "bad_request"
