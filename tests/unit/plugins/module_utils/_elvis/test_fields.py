# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The parameters of a query or a form."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.damops.elvis.plugins.module_utils._elvis.fields import encode_fields
from ansible_collections.damops.elvis.plugins.module_utils._errors import ElvisError


def test_values_are_written_as_elvis_does() -> None:
    values = {
        "q": 'name:"a & b"',
        "num": 0,
        "ratio": 1.5,
        "async": True,
        "includeFolders": False,
        "left_out": None,
        "empty": "",
        "path": ["/a", "/b", None, 3, True],
        "none": [],
    }
    assert encode_fields("query", values) == [
        ("q", 'name:"a & b"'),
        ("num", "0"),
        ("ratio", "1.5"),
        ("async", "true"),
        ("includeFolders", "false"),
        ("empty", ""),
        ("path", "/a"),
        ("path", "/b"),
        ("path", "3"),
        ("path", "true"),
    ]


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"metadata": {"status": "New"}}, "form has a dict under metadata.* to_json"),
        ({"metadata": [{"status": "New"}]}, "form has a dict under metadata"),
        ({"ids": [["a"]]}, "form has a list in a list under ids"),
        ({"q": "\ud800"}, "form has a value that is not text in UTF-8 under 'q'"),
        ({"\udcff": "x"}, r"not text in UTF-8 under '\\udcff'"),
    ],
)
def test_what_is_no_parameter_is_refused(values: dict[str, Any], message: str) -> None:
    with pytest.raises(ElvisError, match=message, check=lambda error: error.reason == "bad_request"):
        encode_fields("form", values)
