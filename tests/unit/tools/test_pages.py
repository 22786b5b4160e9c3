# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What other places ask of our pages, and what the pages promise of this one."""

from __future__ import annotations

import re

import pytest

from tools.collection import ROOT, project_files

README = (ROOT / "README.md").read_text(encoding="utf-8")
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
# Of the template for certified collections
HEADINGS = [
    "Description",
    "Requirements",
    "Installation",
    "Use Cases",
    "Testing",
    "Contributing",
    "Support",
    "Release Notes and Roadmap",
    "Related Information",
    "License Information",
]
CALLING = [name for name in project_files() if name.endswith((".md", ".yml", "ci/run"))]


def test_the_readme_has_the_headings_of_certified_collections() -> None:
    assert re.findall(r"(?m)^## (.+)$", README) == HEADINGS


def test_the_readme_is_readable_on_galaxy() -> None:
    links = re.findall(r"\]\(([^)]+)\)", README)
    assert links
    assert [link for link in links if not link.startswith("https://")] == []
    assert not re.search(r"pip3? install ansible", README)


def test_the_links_of_the_readme_into_this_repository_lead_to_a_file() -> None:
    inside = re.findall(r"https://github\.com/damops/elvis/(?:blob|tree)/main/([^)#]+)", README)
    assert inside
    assert [name for name in inside if not (ROOT / name).exists()] == []


@pytest.mark.parametrize("name", CALLING)
def test_each_make_target_that_is_named_exists(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    # In backticks, or as a line of its own.
    called = set(re.findall(r"`make ([a-z][a-z-]*)\b", text))
    called |= set(re.findall(r"(?m)^(?:.*(?:run|entry): )?make ([a-z][a-z-]*)(?= [A-Z]+=|$)", text))
    known = set(re.findall(r"(?m)^([a-z-]+):", MAKEFILE))
    assert called <= known
