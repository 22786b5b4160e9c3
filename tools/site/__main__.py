# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Builds the site: ``python -m tools.site`` puts it into .cache/docs/site, and fails on any warning.

Its pages are the Markdown files of this checkout, as they are and in the same folders, and what antsibull-docs makes of
the documentation in the modules, the callback plugin and the role. ``tools/site/conf.py`` says how they are shown.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from sphinx.cmd.build import build_main

from tools import collection
from tools.collection import BIN, CACHE, ROOT
from tools.waiting import saying_what_takes_long

MACHINERY = Path(__file__).resolve().parent
FOLDER = CACHE / "docs"
SOURCE = FOLDER / "source"
SITE = FOLDER / "site"
ON_PAGES = (".md", ".svg")


def gather_pages() -> None:
    """Copy every page, and what is on it, to a folder of their own."""
    shutil.rmtree(SOURCE, ignore_errors=True)
    # A hidden folder has forms for GitHub, this one the start page.
    elsewhere = (".", f"{MACHINERY.relative_to(ROOT)}/")
    for name in collection.project_files():
        if name.endswith(ON_PAGES) and not name.startswith(elsewhere):
            (SOURCE / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, SOURCE / name)
    shutil.copy2(MACHINERY / "index.md", SOURCE)


def write_reference() -> None:
    """Have antsibull-docs write the pages of all plugins and of the role."""
    reference = SOURCE / "reference"
    reference.mkdir()
    trees = FOLDER / "trees"
    collection.copy(trees)
    options = ("--use-current", "--squash-hierarchy", "--fail-on-error", "--dest-dir", reference)
    done = subprocess.run(
        [BIN / "antsibull-docs", "collection", *options, "damops.elvis"],
        env={
            **os.environ,
            # It starts ansible-doc, and ansible-galaxy.
            "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}",
            "ANSIBLE_COLLECTIONS_PATH": str(trees),
        },
        check=False,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    if done.returncode:
        sys.exit(done.stdout)


def render() -> int:
    """Have Sphinx make the site anew, and return its exit code."""
    shutil.rmtree(SITE, ignore_errors=True)
    strictly = ("--fail-on-warning", "--keep-going", "--nitpicky")
    folders = ("--conf-dir", MACHINERY, "--doctree-dir", FOLDER / "doctrees", SOURCE, SITE)
    return build_main(["--quiet", "--fresh-env", *strictly, *map(str, folders)])


def main() -> int:
    gather_pages()
    with saying_what_takes_long("Writing a page for each module and plugin"):
        write_reference()
    with saying_what_takes_long("Making the site of all pages"):
        failed = render()
    if not failed:
        print(f"The site is in {SITE.relative_to(ROOT)}: open {SITE.relative_to(ROOT)}/index.html")
    return failed


if __name__ == "__main__":
    sys.exit(main())
