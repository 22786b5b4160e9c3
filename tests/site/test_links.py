# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each link of the site leads somewhere."""

from __future__ import annotations

import posixpath
from urllib.parse import unquote, urlsplit

import yaml

from tests.site.pages import PAGES, ROOT, SITE, parts

REPOSITORY = "https://github.com/damops/elvis"
SITE_PARTS = parts()
LINKS = [(page, link) for page, found in SITE_PARTS.items() for link in found.links]


def test_within_the_site() -> None:
    lost = []
    for page, link in LINKS:
        parsed = urlsplit(link)
        if parsed.scheme or parsed.netloc:
            continue
        path, anchor = unquote(parsed.path), unquote(parsed.fragment)
        target = posixpath.normpath(posixpath.join(posixpath.dirname(page), path)) if path else page
        is_there = (SITE / target).is_file() and (not anchor or anchor in SITE_PARTS[target].anchors)
        if not is_there:
            lost.append(f"{page}: {link}")

    assert len(LINKS) > 1000
    assert lost == []


def test_to_files_of_the_repository() -> None:
    lost, pages = [], []
    for page, link in LINKS:
        for kind in ("blob", "tree"):
            start = f"{REPOSITORY}/{kind}/main/"
            if link.startswith(start):
                path = ROOT / urlsplit(link.removeprefix(start)).path
                if not (path.is_dir() if kind == "tree" else path.is_file()):
                    lost.append(f"{page}: {link}")
                if path.suffix == ".md":
                    pages.append(f"{page}: {link}")

    assert lost == []
    assert pages == [], "these lead away to what is a page here"


def test_each_part_of_the_collection_has_a_page() -> None:
    modules = {f"reference/{path.stem}_module.html" for path in (ROOT / "plugins/modules").glob("elvis_*.py")}
    callbacks = {f"reference/{path.stem}_callback.html" for path in (ROOT / "plugins/callback").glob("*.py")}
    roles = {f"reference/{path.name}_role.html" for path in (ROOT / "roles").iterdir()}

    assert len(modules) >= 4
    assert (modules | callbacks | roles) - PAGES.keys() == set()


def test_each_option_can_be_linked_to() -> None:
    documented = (ROOT / "plugins/modules/elvis_login.py").read_text(encoding="utf-8").split('r"""')[1].split('"""')[0]
    options = yaml.safe_load(documented)["options"]

    anchors = SITE_PARTS["reference/elvis_login_module.html"].anchors

    assert {f"parameter-{name}" for name in options} - anchors == set()
