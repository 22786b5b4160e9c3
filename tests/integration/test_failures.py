# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a terminal of 24 lines of 80 columns shows of each failure, with the callbacks that people use."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.integration.support import Ansible, environment_for
from tests.support.failures import limited
from tests.support.failures.night import message, run_all
from tests.support.failures.page import PAGE, as_page
from tests.support.failures.places import DISK, as_on_a_page, places
from tests.support.failures.screen import LINES, as_lines
from tests.support.failures.table import FAILURES

CALLBACKS = {
    "yaml": {"ANSIBLE_CALLBACK_RESULT_FORMAT": "yaml"},
    "minimal": {"ANSIBLE_STDOUT_CALLBACK": "minimal"},
}
ON_DISK = "The disk is full"
ELSEWHERE = {title: failure for title, failure in FAILURES.items() if failure.elsewhere}


@dataclass(frozen=True)
class Night:
    """The screens of each failure: with the default callback, and of some with others."""

    variables: dict[str, Any]
    screens: dict[str, str]
    elsewhere: dict[str, dict[str, str]]

    def screen(self, title: str) -> str:
        return self._shown(self.screens, title)

    def screen_of(self, callback: str, title: str) -> str:
        return self._shown(self.elsewhere[callback], title)

    def message(self, title: str) -> str:
        return message(self.screen(title))

    def _shown(self, screens: dict[str, str], title: str) -> str:
        if title == ON_DISK and not limited.can_mount(Path(self.variables["folder"], DISK)):
            pytest.skip("this user may not mount a file system, as a disk that gets full")
        return screens[title]


@pytest.fixture(scope="module")
def night(installed: Ansible, tmp_path_factory: pytest.TempPathFactory) -> Night:
    folder = tmp_path_factory.mktemp("night")
    env = environment_for(folder, installed.collections)
    with places(tmp_path_factory.mktemp("srv")) as variables:
        screens = run_all(FAILURES, variables, installed.program, folder, env)
        elsewhere = {
            name: run_all(ELSEWHERE, variables, installed.program, folder, {**env, **more})
            for name, more in CALLBACKS.items()
        }
    return Night(variables, screens, elsewhere)


def without_breaks(text: str) -> str:
    return "".join(text.split())


def has(screen: str, text: str) -> bool:
    """Tell whether a screen shows a text, as it is or as JSON has it, wherever its lines end."""
    forms = (text, json.dumps(text, ensure_ascii=False)[1:-1])
    return any(without_breaks(form) in without_breaks(screen) for form in forms)


@pytest.mark.parametrize("title", FAILURES)
def test_both_screens_have_the_message(title: str, night: Night) -> None:
    lines = as_lines(night.screen(title))
    # Below the last one there is the prompt.
    for screen in (lines[:LINES], lines[1 - LINES :]):
        assert has("".join(screen), night.message(title)), "\n".join(screen)


@pytest.mark.parametrize("callback", CALLBACKS)
@pytest.mark.parametrize("title", ELSEWHERE)
def test_the_first_screen_of_other_callbacks(title: str, callback: str, night: Night) -> None:
    lines = as_lines(night.screen_of(callback, title))
    screen = as_on_a_page("".join(lines[:LINES]), night.variables)

    assert [words for words in FAILURES[title].says if not has(screen, words)] == [], screen


@pytest.mark.parametrize("title", FAILURES)
def test_what_the_message_says(title: str, night: Night) -> None:
    shown = as_on_a_page(night.message(title), night.variables)

    assert [words for words in FAILURES[title].says if words not in shown] == [], shown


def test_the_page(night: Night) -> None:
    """WRITE_PAGE=1 in the environment writes it."""
    messages = {title: as_on_a_page(night.message(title), night.variables) for title in FAILURES}
    page = as_page(messages)
    if os.environ.get("WRITE_PAGE"):
        PAGE.write_text(page, encoding="utf-8")

    assert page == PAGE.read_text(encoding="utf-8"), "run: WRITE_PAGE=1 pytest tests/integration/test_failures.py"
