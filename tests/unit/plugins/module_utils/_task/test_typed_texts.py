# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
from typing import Any

import pytest

from ansible_collections.damops.elvis.plugins.module_utils._task.typed_texts import read_typed

SPEC = {
    "patterns": {"type": "list", "elements": "str", "default": []},
    "paths": {"type": "list", "elements": "str", "aliases": ["place"]},
    "rows": {"type": "list", "elements": "dict"},
    "path": {"type": "str"},
    "ids": {"type": "list", "elements": "str"},
    "metadata_on": {"type": "str", "choices": ["create", "always"], "default": "create"},
}


@pytest.mark.parametrize(
    ("given", "read"),
    [
        ({"patterns": "*.psd\n*.tif"}, {"patterns": ["*.psd", "*.tif"]}),
        ({"patterns": "  *.psd \r\n\r\n*.tif\r\n"}, {"patterns": ["*.psd", "*.tif"]}),
        ({"patterns": "Maße, groß.psd\n"}, {"patterns": ["Maße, groß.psd"]}),
        ({"patterns": "*.psd, *.tif,"}, {"patterns": ["*.psd", "*.tif"]}),
        ({"patterns": "*.psd"}, {"patterns": ["*.psd"]}),
        ({"place": "/Z/a\n/Z/b"}, {"place": ["/Z/a", "/Z/b"]}),
        ({"patterns": ""}, {}),
        ({"patterns": " \n "}, {}),
        ({"rows": ""}, {}),
        ({"rows": "a\nb"}, {"rows": "a\nb"}),
        ({"patterns": ["a\nb", ""]}, {"patterns": ["a\nb", ""]}),
        ({"patterns": None, "path": ""}, {"patterns": None, "path": ""}),
        ({"patterns": 5349}, {"patterns": 5349}),
        ({"unknown": ""}, {"unknown": ""}),
        ({"ids": "a1, b2\nc3,\n"}, {"ids": ["a1", "b2", "c3"]}),
        ({"metadata_on": ""}, {}),
        ({"metadata_on": " "}, {}),
        ({"metadata_on": "always"}, {"metadata_on": "always"}),
        ({"metadata_on": "x"}, {"metadata_on": "x"}),
    ],
)
def test_a_text_where_a_list_is_wanted(given: dict[str, Any], read: dict[str, Any]) -> None:
    assert read_typed(given, SPEC) == read
