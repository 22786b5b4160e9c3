# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""How Sphinx shows the pages: first the settings, by the names that Sphinx gives them, then what changes the pages."""

from __future__ import annotations

import posixpath
import re
from pathlib import Path
from typing import Any

import yaml
from docutils import nodes
from sphinx.addnodes import pending_xref
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util import logging

from tools.collection import ROOT
from tools.site.charts import draw

GALAXY: dict[str, Any] = yaml.safe_load((ROOT / "galaxy.yml").read_text(encoding="utf-8"))

project = "damops.elvis"
author = "the damops.elvis authors"
project_copyright = f"2026, {author}"
version = release = GALAXY["version"]

extensions = ["myst_parser", "sphinx_antsibull_ext"]
# Links to a heading work as on GitHub.
myst_heading_anchors = 3

# It lists what plugins declare for Ansible to read; ours are read otherwise, and it says that there are none.
exclude_patterns = ["reference/environment_variables.rst"]
# site.css has the colours.
antsibull_ext_color_scheme = "none"

html_theme = "furo"
html_title = "damops.elvis"
html_static_path = ["static"]
html_css_files = ["site.css"]
html_copy_source = False
html_show_sphinx = False
html_theme_options: dict[str, Any] = {"top_of_page_buttons": []}

REPOSITORY = GALAXY["repository"]
IN_REPOSITORY = re.compile(re.escape(REPOSITORY) + r"/(?:blob|tree)/main/(?P<path>[^#]+)(?P<anchor>#.*)?")
# What other collections have is named like ansible_collections.ansible.builtin.uri_module
PLUGIN = re.compile(r"ansible_collections\.(\w+)\.(\w+)\.(\w+)")
ANSIBLE = "https://docs.ansible.com/ansible/latest"
ANSIBLE_PAGES = {
    "action_plugins": "plugins/action",
    "ansible_configuration_settings": "reference_appendices/config",
    "callback_plugins": "plugins/callback",
    "common_return_values": "reference_appendices/common_return_values",
}

MOVED = {"docs/doors": "docs/execution"}
"""Pages that had another name, by that name."""

REFERENCE_TITLES = {"Damops.Elvis": "Every module, plugin and role"}

LOG = logging.getLogger(__name__)


def page_of(env: BuildEnvironment, path: str) -> str | None:
    """Name the page that a file of the repository is, or a folder by its README."""
    names = (path.removesuffix(".md"), posixpath.join(path, "README"))
    return next((name for name in names if name in env.found_docs), None)


def point_to_repository(app: Sphinx, doctree: nodes.document) -> None:
    """Lead a relative link to what is not a page to that file, or folder, on GitHub."""
    for link in list(doctree.findall(pending_xref)):
        path = posixpath.normpath(posixpath.join(posixpath.dirname(app.env.docname), link["reftarget"]))
        if link["reftype"] == "myst" and not link["refdomain"] and (ROOT / path).exists():
            kind = "tree" if (ROOT / path).is_dir() else "blob"
            link.replace_self(nodes.reference("", "", *link.children, refuri=f"{REPOSITORY}/{kind}/main/{path}"))


def point_to_ansible(app: Sphinx, env: BuildEnvironment, link: pending_xref, text: nodes.Node) -> nodes.Node | None:
    """Resolve what antsibull-docs names of Ansible itself, without asking Ansible's site for its list."""
    del app, env
    target = link["reftarget"]
    if found := PLUGIN.fullmatch(target):
        return nodes.reference("", "", text, refuri=f"{ANSIBLE}/collections/{'/'.join(found.groups())}.html")
    if page := ANSIBLE_PAGES.get(target):
        return nodes.reference("", "", text, refuri=f"{ANSIBLE}/{page}.html")
    return None


def stay_inside(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Lead a link to a file of the repository, on GitHub, to its page here."""
    for node in doctree.findall(nodes.reference):
        found = IN_REPOSITORY.fullmatch(node.get("refuri", ""))
        if not found:
            continue
        path = found["path"].rstrip("/")
        if not (ROOT / path).exists():
            LOG.warning("there is no %s in the repository", path, location=node)
        elif page := page_of(app.env, path):
            node["refuri"] = app.builder.get_relative_uri(docname, page) + (found["anchor"] or "")
            node["internal"] = True
            node["classes"] = ["internal"]


def draw_pictures(app: Sphinx, doctree: nodes.document) -> None:
    """Put drawings into the page itself, where they take on its light or dark colours."""
    for image in list(doctree.findall(nodes.image)):
        if image["uri"].endswith(".svg"):
            _name, path = app.env.relfn2path(image["uri"])
            image.replace_self(nodes.raw("", Path(path).read_text(encoding="utf-8"), format="html"))


def draw_charts(_app: Sphinx, doctree: nodes.document) -> None:
    """Put a chart before each table of figures, drawn from that table."""
    for table in list(doctree.findall(nodes.table)):
        drawn = draw([[cell.astext() for cell in row.children] for row in table.findall(nodes.row)])
        if drawn:
            table.parent.insert(table.parent.index(table), nodes.raw("", drawn, format="html"))


def shorten_reference(app: Sphinx, doctree: nodes.document) -> None:
    """Take from a page of antsibull-docs what the theme shows beside it, and most of its title, which fills a phone."""
    if not app.env.docname.startswith("reference/"):
        return
    for topic in list(doctree.findall(nodes.topic)):
        if "contents" in topic["classes"]:
            topic.parent.remove(topic)
    titles = list(doctree.findall(nodes.title))
    for title in titles:
        # It leads back to the list of contents.
        title.attributes.pop("refid", None)
    title = titles[0]
    name, _dash, description = title.astext().removeprefix("damops.elvis.").partition(" – ")
    title.children = [nodes.Text(REFERENCE_TITLES.get(name, name))]
    if description:
        title.parent.insert(1, nodes.paragraph("", description))


def keep_old_addresses(app: Sphinx, failed: Exception | None) -> None:
    """Write a page for each address that has another name now, which sends a browser on."""
    for old, new in () if failed else MOVED.items():
        target = posixpath.relpath(f"{new}.html", posixpath.dirname(old))
        head = f'<meta charset="utf-8"><meta http-equiv="refresh" content="0; url={target}"><title>Moved</title>'
        page = f'<!doctype html><html lang="en">{head}<a href="{target}">This page has moved.</a></html>\n'
        (Path(app.outdir) / f"{old}.html").write_text(page, encoding="utf-8")


def setup(app: Sphinx) -> None:
    # Before Sphinx collects images and titles, at 500.
    app.connect("doctree-read", draw_pictures, priority=400)
    app.connect("doctree-read", shorten_reference, priority=400)
    app.connect("doctree-read", draw_charts)
    app.connect("doctree-read", point_to_repository)
    app.connect("missing-reference", point_to_ansible)
    app.connect("doctree-resolved", stay_inside)
    app.connect("build-finished", keep_old_addresses)
