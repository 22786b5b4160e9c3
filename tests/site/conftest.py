# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Serves the site on loopback, and opens it in the Chromium of this machine."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from typing import NamedTuple

import pytest
from playwright.sync_api import Browser, Error, Page, Response, Route, sync_playwright

from tests.site.pages import SITE
from tests.support.serving import serving

# Debian's name, and what others call it
CHROMIUM = ("chromium", "chromium-browser", "google-chrome")


class QuietHandler(SimpleHTTPRequestHandler):
    def log_message(self, *arguments: object) -> None:
        """Say nothing: the tests look at what the browser got."""


@pytest.fixture(scope="session")
def url() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(QuietHandler, directory=str(SITE))) as server, serving(server):
        yield f"http://127.0.0.1:{server.server_port}/"


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    path = next(filter(None, map(shutil.which, CHROMIUM)), None)
    if not path:
        pytest.skip(f"there is no Chromium on this machine: none of {', '.join(CHROMIUM)} is on the PATH")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path)
        yield browser
        browser.close()


class Reader(NamedTuple):
    """A page of the browser, and what went wrong while it was read."""

    page: Page
    wrong: list[str]


@pytest.fixture(params=[(390, 844), (1280, 900)], ids=["phone", "desktop"])
def reader(request: pytest.FixtureRequest, browser: Browser, url: str) -> Iterator[Reader]:
    """Open a window of this size. Whatever it asks of another machine is refused, and noted."""
    width, height = request.param
    wrong: list[str] = []

    def stay_here(route: Route) -> None:
        if route.request.url.startswith((url, "data:")):
            route.continue_()
        else:
            wrong.append(f"asked for {route.request.url}")
            route.abort()

    def note(response: Response) -> None:
        if response.status >= 400:
            wrong.append(f"got {response.status} for {response.url}")

    def note_error(error: Error) -> None:
        wrong.append(f"a script failed: {error}")

    with browser.new_context(
        base_url=url, viewport={"width": width, "height": height}, has_touch=width < 500
    ) as context:
        context.route("**/*", stay_here)
        page = context.new_page()
        page.set_default_timeout(5_000)
        page.on("response", note)
        page.on("pageerror", note_error)
        yield Reader(page, wrong)
