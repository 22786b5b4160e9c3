# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""docs/upstream.md says what other projects do today: a report whose fault is gone is taken out."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.awx.launching import extra_variables
from tests.integration.support import Ansible, environment_for
from tests.support.emulator import ROOT

PAGE = (ROOT / "docs/upstream.md").read_text(encoding="utf-8")
ROWS = {
    text: (before, after)
    for texts, before, after in re.findall(r"^\| (`'.*) \| (.*) \| (.*) \|$", PAGE, re.MULTILINE)
    for text in re.findall(r"`'(.*?)'`", texts)
}
STOPS = [text for text, (_before, after) in ROWS.items() if "Colons in unquoted values" in after]
FIRST_WITH_IT = (2, 19)
KINDS = {bool: "true", int: "the number {}", float: "the number {}", type(None): "null", str: "a date"}
"""What the page calls a value that was no text; a date is shown as a text."""


def shown(ansible: Ansible, folder: Path, answers: dict[str, str]) -> tuple[int, str]:
    """Run a play that shows extra variables as JSON, and return its exit code and output."""
    variables = folder / "extra.yml"
    variables.write_text(extra_variables(answers, {}), encoding="utf-8")
    play = folder / "play.yml"
    names = ", ".join(f"'{name}': {name}" for name in answers)
    task = {"ansible.builtin.debug": {"msg": f"BEGIN{{{{ {{{names}}} | to_json }}}}END"}}
    play.write_text(json.dumps([{"hosts": "localhost", "gather_facts": False, "tasks": [task]}]), encoding="utf-8")
    done = subprocess.run(
        [ansible.program, play, "-e", f"@{variables}"],
        env={**environment_for(folder, ansible.collections), "ANSIBLE_STDOUT_CALLBACK": "ansible.builtin.oneline"},
        check=False,
        capture_output=True,
        text=True,
    )
    return done.returncode, done.stdout + done.stderr


def called(text: str, value: Any) -> str:
    """Return what the page calls a value."""
    return "the text" if value == text and not re.fullmatch(r"\d{4}-.*", text) else KINDS[type(value)].format(value)


def test_a_text_with_quotes_loses_them(installed: Ansible, tmp_path: Path) -> None:
    answers = {f"answer{number}": text for number, text in enumerate(ROWS) if text not in STOPS}
    code, output = shown(installed, tmp_path, answers)
    assert code == 0, output
    found = re.search("BEGIN(.*)END", output)
    assert found, output
    values = json.loads(found[1].replace('\\"', '"'))
    side = installed.core >= FIRST_WITH_IT
    for name, text in answers.items():
        assert ROWS[text][side].startswith(called(text, values[name])), text


def test_the_page_on_awx_says_how_to_write_each_of_them() -> None:
    page = (ROOT / "docs/awx.md").read_text(encoding="utf-8")
    table = page.partition("### Answers that ansible-core reads as something else")[2].partition(
        "\nOnly a whole answer"
    )[0]
    rows = [line.split(" | ")[0] for line in table.splitlines() if line.startswith("| `")]
    named = {text for row in rows for text in re.findall(r"`(.+?)`", row)}
    # An empty answer is one that was not given, whatever it arrives as; 1_000 stands for 0x1F there.
    assert ROWS.keys() - named == {"", "1_000"}


@pytest.mark.parametrize("text", STOPS)
def test_a_text_that_stops_the_run(text: str, installed: Ansible, tmp_path: Path) -> None:
    code, output = shown(installed, tmp_path, {"answer": text})

    assert (code != 0) is (installed.core >= FIRST_WITH_IT)
    assert ("Colons in unquoted values" in output) is (installed.core >= FIRST_WITH_IT)
