# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What other places ask of our pages, and what the pages promise of this one."""

from __future__ import annotations

import re
import shlex
from itertools import pairwise

import pytest
from ansible.parsing.splitter import split_args

from tests.bench import page
from tools.collection import ROOT, project_files

PERFORMANCE = (ROOT / "docs/performance.md").read_text(encoding="utf-8")
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


def _commands(name: str) -> list[str]:
    """Return the calls of ansible-playbook that a page shows, each on one line."""
    text = (ROOT / name).read_text(encoding="utf-8").replace("\\\n", " ")
    return re.findall(r"(?m)^\s*(?:#\s+)?(ansible-playbook .*)$", text)


@pytest.mark.parametrize("name", [name for name in CALLING if _commands(name)])
def test_each_extra_variable_that_a_page_sets_reaches_ansible_whole(name: str) -> None:
    for command in _commands(name):
        words = shlex.split(command)
        extra = [value for option, value in pairwise(words) if option in ("-e", "--extra-vars")]
        for value in extra:
            if not value.startswith(("@", "{")):
                # Ansible ends a value at a blank, and drops what it can't make sense of.
                assert len(split_args(value)) == 1, command


@pytest.mark.parametrize("paragraph", [one.strip() for one in page.TEXT.split("\n\n") if "{" not in one])
def test_the_page_that_make_bench_wrote_says_what_it_would_write_now(paragraph: str) -> None:
    assert paragraph in PERFORMANCE
