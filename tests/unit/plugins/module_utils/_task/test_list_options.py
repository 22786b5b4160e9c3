# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
from typing import Any

import pytest

from ansible_collections.damops.elvis.plugins.module_utils._task.list_options import texts_as_lists

SPEC = {
    "patterns": {"type": "list", "elements": "str", "default": []},
    "paths": {"type": "list", "elements": "str", "aliases": ["place"]},
    "rows": {"type": "list", "elements": "dict"},
    "path": {"type": "str"},
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
    ],
)
def test_a_text_where_a_list_is_wanted(given: dict[str, Any], read: dict[str, Any]) -> None:
    assert texts_as_lists(given, SPEC) == read
