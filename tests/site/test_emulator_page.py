# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The emulated server's own page: what it is doing can be watched in a browser, and what clients send stays text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

import pytest
import requests
from playwright.sync_api import Browser, ConsoleMessage, Page

from tests.support.emulator import Emulator, start_emulator

HOSTILE = "<img src=x onerror=document.title='broken'>"
# A name may hold neither < nor > nor a semicolon; a field, a user's client and a webhook's name may.
QUOTES = "a' onmouseover='b &lt $`.txt"


class Watched(NamedTuple):
    server: Emulator
    page: Page
    http: requests.Session
    wrong: list[str]

    def post(self, path: str, **options: object) -> requests.Response:
        return self.http.post(self.server.url + path, timeout=30, **options)  # type: ignore[arg-type]

    def rows(self, name: str) -> list[str]:
        rows: list[str] = self.page.locator(f"[data-table={name}] tbody tr").all_inner_texts()
        return rows

    def wait_for(self, name: str, text: str) -> None:
        self.page.locator(f"[data-table={name}] tbody tr", has_text=text).first.wait_for()


@pytest.fixture(params=[(390, 844), (1280, 900)], ids=["phone", "desktop"])
def watched(request: pytest.FixtureRequest, browser: Browser) -> Iterator[Watched]:
    width, height = request.param
    wrong: list[str] = []

    def note(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            wrong.append(message.text)

    with (
        start_emulator("--prefix", "/app", "--webhook-attempts", "1") as server,
        browser.new_context(viewport={"width": width, "height": height}) as context,
        requests.Session() as http,
    ):
        http.trust_env = False
        page = context.new_page()
        page.set_default_timeout(5_000)
        page.on("console", note)
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.goto(server.url.removesuffix("/app") + "/_emulator/")
        yield Watched(server, page, http, wrong)


def work(watched: Watched) -> None:
    """Do a bit of everything, with names that would be dangerous if they were not shown as text."""
    form = {"username": "admin", "password": "changemenow", "clientId": HOSTILE}
    token = watched.post("/services/apilogin", data=form).json()["authToken"]
    watched.http.headers["Authorization"] = f"Bearer {token}"
    webhook = {"name": HOSTILE, "url": "http://key:s3cret@127.0.0.1:9/?token=s3cret", "eventTypes": ["asset_create"]}
    watched.post("/services/admin/webhook", json=webhook)
    watched.post("/services/create", data={"folderPath": "/Demo", "name": QUOTES, HOSTILE: "x"})
    watched.post("/services/nothing")


def test_what_happens_is_shown_as_it_happens(watched: Watched) -> None:
    watched.page.get_by_text("as of").wait_for()
    assert watched.rows("sessions") == []
    work(watched)
    watched.wait_for("sessions", "admin")
    watched.wait_for("assets", QUOTES)
    watched.wait_for("events", "CREATE")
    watched.wait_for("deliveries", "failed")
    watched.wait_for("webhooks", "127.0.0.1:9")
    watched.wait_for("requests", "/app/services/nothing")
    assert "bad" in (watched.page.locator("[data-table=requests] tbody tr").first.get_attribute("class") or "")
    # What came since the page was opened stands out.
    assert watched.page.locator("tr.new").count() > 0


def test_a_request_has_its_time_and_its_user(watched: Watched) -> None:
    work(watched)
    watched.wait_for("requests", "/app/services/create")
    cells = watched.page.locator("[data-table=requests] tbody tr", has_text="/app/services/create").locator("td")
    assert re.fullmatch(r"\d\d:\d\d:\d\d\.\d{3}", cells.nth(0).inner_text().strip())
    assert cells.nth(1).inner_text().strip() == "admin"


def test_the_page_fits_the_window(watched: Watched) -> None:
    work(watched)
    watched.wait_for("deliveries", "failed")
    watched.wait_for("requests", "/app/services/nothing")
    narrow = (watched.page.viewport_size or {"width": 0})["width"] < 500
    boxes = ["html", *(["section div"] if narrow else [])]
    widths = "nodes => nodes.map(node => [node.scrollWidth, node.clientWidth])"
    assert all(needed <= there for box in boxes for needed, there in watched.page.locator(box).evaluate_all(widths))


def test_what_a_client_sends_is_text(watched: Watched) -> None:
    work(watched)
    watched.wait_for("sessions", HOSTILE)
    watched.wait_for("events", HOSTILE)
    watched.wait_for("webhooks", HOSTILE)
    assert watched.page.title() == "Elvis emulator"
    assert watched.page.locator("main img").count() == 0
    assert watched.wrong == []


def test_no_secret_is_shown(watched: Watched) -> None:
    work(watched)
    watched.wait_for("deliveries", "failed")
    shown = watched.page.content()
    assert watched.http.headers["Authorization"].split()[1] not in shown
    assert "s3cret" not in shown
    assert "changemenow" not in shown


def test_it_can_be_paused_and_tells_when_the_server_is_gone(watched: Watched) -> None:
    watched.page.get_by_role("button", name="Pause").click()
    work(watched)
    watched.page.wait_for_timeout(1500)
    assert watched.rows("assets") == []
    watched.page.get_by_role("button", name="Continue").click()
    watched.wait_for("assets", QUOTES)
    watched.page.route("**/_emulator/state", lambda route: route.abort())
    watched.page.get_by_text("The server does not answer").wait_for()


def test_it_fits(watched: Watched) -> None:
    work(watched)
    watched.wait_for("assets", QUOTES)
    width = watched.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert width <= 0
