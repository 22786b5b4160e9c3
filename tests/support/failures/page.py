# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The page that has every failure, with the message that its task showed."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from pathlib import Path

from tests.support.failures.screen import COLUMNS
from tests.support.failures.table import GROUPS

PAGE = Path(__file__).parents[3] / "docs/runbooks/failures.md"
MORE = {
    "The login": "[Logins are refused](logins_refused.md), [seats are used up](seats_used_up.md)",
    "Certificates": "[The certificate expired](certificate_expired.md)",
    "The session and the options": "[The session](../session.md), [the query language](../query_language.md)",
    "Files and folders on this machine": "[The nightly import failed half-way](import_failed.md)",
    "What the server says": "[Somebody removed a folder](folder_removed.md)",
}
"""Pages that say more about a group."""
BEGIN, END = "<!-- failures: begin -->", "<!-- failures: end -->"


def as_page(messages: Mapping[str, str]) -> str:
    """Return the page with these messages."""
    page = PAGE.read_text(encoding="utf-8")
    before, after = page.split(BEGIN)[0], page.split(END)[1]
    return f"{before}{BEGIN}\n\n{_listed(messages)}\n\n{END}{after}"


def _listed(messages: Mapping[str, str]) -> str:
    blocks = []
    for group, failures in GROUPS.items():
        blocks += [f"### {group}", *([f"More: {MORE[group]}."] if group in MORE else [])]
        for title, failure in failures.items():
            text = textwrap.fill(messages[title], COLUMNS, break_long_words=False, break_on_hyphens=False)
            blocks += [f"**{title}** (`{failure.module}`)", f"```text\n{text}\n```"]
    return "\n\n".join(blocks)
