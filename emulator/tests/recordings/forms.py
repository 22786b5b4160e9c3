# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What clients put on the wire for a login, a read, a write and a logout: their headers, their way of writing a form.

Written anew from what is known of each (its HTTP library, the forms of its calls), with nothing copied. In the texts
`{token}`, `{cookie}` and `{csrf}` stand for what the login answered, `{id}` and `{folder}` for an asset and its folder,
`{length}` for the length of the body.
"""

from __future__ import annotations

from dataclasses import dataclass

LOGGED_OUT = r'"logoutSuccess": true'
HITS = r'"totalHits": 1,'
EMPTY = r"^$"
EMPTY_OBJECT = r"^\{\}$"


@dataclass(frozen=True)
class Step:
    """One request, and what its reply has to hold; the status is 200 where nothing else is said."""

    request: str
    reply: str
    status: int = 200


@dataclass(frozen=True)
class Recording:
    """A client, and what it sends in turn. Some never log out, and one has no login of its own."""

    client: str
    login: Step
    read: Step
    write: Step
    logout: Step | None


def form(style: str, boundary: str, **fields: str) -> str:
    """Write a form as a library does: what stands in the head of each part."""
    parts = [f"--{boundary}\n{style.format(name=name)}\n\n{text}\n" for name, text in fields.items()]
    return "".join(parts) + f"--{boundary}--\n"


POSTMAN = "--------------------------293582696224464791345014"
BY_POSTMAN = 'Content-Disposition: form-data; name="{name}"'
AXIOS = "--------------------------515890814546601021194782"
GUZZLE = "abcabcabcabcabcabcabcabcabcabcabcabcabca"
BY_GUZZLE = 'Content-Disposition: form-data; name="{name}"\nContent-Length: '
RUBY = "----RubyFormBoundaryRubyRubyRubyRubyRu"
PWSH = "2a8ae6ad-f4ad-4d9a-a92c-6d217011fe0f"
BY_PWSH = "Content-Type: text/plain; charset=utf-8\nContent-Disposition: form-data; name={name}"

USER = {"username": "alice", "password": "wonderland"}
API_LOGIN = r'"loginSuccess": true.*"authToken": "ey'
LOGIN = r'"loginSuccess": true.*"csrfToken": "[\w-]{22}"'
