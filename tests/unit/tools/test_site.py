# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The site leads to every page, which Sphinx demands, and nobody has to build the site to learn that one is missing."""

from __future__ import annotations

import re

from tests.support.emulator import ROOT


def test_the_contents_name_every_page_of_docs() -> None:
    index = (ROOT / "tools/site/index.md").read_text(encoding="utf-8")
    trees = "\n".join(re.findall(r"^```\{toctree\}\n(.*?)^```$", index, re.MULTILINE | re.DOTALL))
    named = set(re.findall(r"^(?:.*<)?(docs/[\w/]+)>?$", trees, re.MULTILINE))

    assert named == {str(path.relative_to(ROOT).with_suffix("")) for path in (ROOT / "docs").rglob("*.md")}
