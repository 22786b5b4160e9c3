# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each kind of answer to a survey: what a playbook takes, and what it says of one that can't be right."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from tests.awx.jobs import Order, run
from tests.integration.support import Ansible
from tests.support.emulator import ROOT

PLAYBOOKS = {
    "import": "playbooks/import.yml",
    "report": "playbooks/report.yml",
    "request": "examples/awx/request.yml",
    "fleet": "examples/fleet/import.yml",
    "who": "playbooks/who_is_on.yml",
}
QUOTES = 'Write it in quotes, such as "012345", or with the name of a field, such as name:012345.'
PATTERN = "Write a comma behind the pattern."
NAME = "Write a comma behind the name."
FOLDER = "Set it to the folder to import"
NO_PATH = "which is no absolute path. " + FOLDER
REPORTS = "Set it to a folder on that machine, such as /srv/reports."
KEPT_REPORTS = "Set it to a whole number from 1 to 9999."
ROUNDS = "Set it to a whole number from 1 to 99."
TAKEN = ""
ROWS: list[tuple[str, str, object, str]] = [
    # A text that ansible-core 2.19 and later type again, and how the page says to write it.
    ("report", "elvis_query", "012345", f"elvis_query arrived as 5349, which may not be what was typed. {QUOTES}"),
    ("report", "elvis_query", "12:30", f"elvis_query arrived as 750, which may not be what was typed. {QUOTES}"),
    ("report", "elvis_query", "1.10", "elvis_query arrived as 1.1, which"),
    ("report", "elvis_query", "0x1F", "elvis_query arrived as 31, which"),
    ("report", "elvis_query", "1_000", "elvis_query arrived as 1000, which"),
    ("report", "elvis_query", "yes", "elvis_query arrived as True, which"),
    ("report", "elvis_query", "off", "elvis_query arrived as False, which"),
    ("report", "elvis_query", "2026-11-30", "elvis_query arrived as 2026-11-30, which"),
    ("report", "elvis_query", '"012345"', TAKEN),
    ("report", "elvis_query", '"yes"', TAKEN),
    ("report", "elvis_query", "*:*", TAKEN),
    ("report", "elvis_query", "~", TAKEN),
    ("report", "elvis_query", "12:30 ", TAKEN),
    ("import", "elvis_patterns", "1.10", f"elvis_patterns arrived as 1.1, which may not be what was typed. {PATTERN}"),
    ("import", "elvis_patterns", "on", f"elvis_patterns arrived as True, which may not be what was typed. {PATTERN}"),
    ("import", "elvis_patterns", "1.10,", TAKEN),
    ("import", "elvis_patterns", "1.*\n0815\n", TAKEN),
    ("import", "elvis_excludes", "0815", TAKEN),
    ("import", "elvis_excludes", "012", f"elvis_excludes arrived as 10, which may not be what was typed. {PATTERN}"),
    ("import", "elvis_excludes", "012,", TAKEN),
    ("report", "elvis_fields", "1.10", f"elvis_fields arrived as 1.1, which may not be what was typed. {NAME}"),
    ("report", "elvis_fields", "no", f"elvis_fields arrived as False, which may not be what was typed. {NAME}"),
    ("report", "elvis_fields", "no,", TAKEN),
    ("report", "elvis_fields", "name, 012", TAKEN),
    ("import", "elvis_host", "0815.5", f"elvis_host arrived as 815.5, which may not be what was typed. {NAME}"),
    ("import", "elvis_host", "815", f"elvis_host arrived as 815, which may not be what was typed. {NAME}"),
    ("import", "elvis_host", "0815", TAKEN),
    ("import", "elvis_host", "0815,", TAKEN),
    ("request", "elvis_path", "12:30", "elvis_path arrived as 750, which"),
    ("request", "elvis_path", "404", "elvis_path arrived as 404, which"),
    ("request", "elvis_path", "services/ping", TAKEN),
    # A host that the inventory lacks.
    (
        "import",
        "elvis_host",
        "filer01",
        "elvis_host is filer01, and the inventory has no such host. It has 0815, nas02.",
    ),
    ("report", "elvis_host", "NAS02", "elvis_host is NAS02, and the inventory has no such host."),
    ("report", "elvis_host", "nas02.example.com", "the inventory has no such host."),
    ("report", "elvis_host", "nas*", "elvis_host is nas*, and the inventory has no such host."),
    ("import", "elvis_host", "nas02,0815", "elvis_host is nas02,0815, and the inventory has no such host."),
    ("import", "elvis_host", "local host", "elvis_host is local host, and the inventory has no such host."),
    ("import", "elvis_host", "ungrouped", TAKEN),
    ("import", "elvis_host", " nas02 ", TAKEN),
    ("import", "elvis_host", "", TAKEN),
    # Lines with a name and a value.
    ("import", "elvis_metadata", "12:30", "elvis_metadata arrived as 750, which"),
    ("import", "elvis_metadata", "status New", 'elvis_metadata has the line "status New". Set it to lines, each with'),
    ("import", "elvis_metadata", "status:New", 'elvis_metadata has the line "status:New". Set it to lines'),
    ("fleet", "elvis_metadata", "status: New\nNew", 'elvis_metadata has the line "New". Set it to lines'),
    ("import", "elvis_metadata", "a b: c", 'elvis_metadata has the line "a b: c".'),
    ("import", "elvis_metadata", "status: New\nstatus: Old", "two lines with the same name. Give each name once."),
    ("request", "elvis_parameters", "q: a\nq : b", "elvis_parameters has two lines with the same name."),
    ("import", "elvis_metadata", "caption: 0123\n\ntime: 12:30\r\n a: b: c\nempty:", TAKEN),
    ("import", "elvis_metadata", "caption: {{ 7 * 7 }}\nother: *\nlast: # no comment", TAKEN),
    # Paths.
    ("import", "elvis_src", "inbox", f"elvis_src is inbox, {NO_PATH}"),
    ("import", "elvis_src", "~/inbox", f"elvis_src is ~/inbox, {NO_PATH}"),
    ("import", "elvis_src", "./inbox", f"elvis_src is ./inbox, {NO_PATH}"),
    ("import", "elvis_src", "1.10", f"elvis_src is 1.1, {NO_PATH}"),
    ("import", "elvis_src", "/", f"elvis_src is /, which is the root folder. {FOLDER}"),
    ("import", "elvis_src", "", f"elvis_src is empty. {FOLDER}"),
    ("import", "elvis_src", "   ", f"elvis_src is empty. {FOLDER}"),
    ("import", "elvis_src", " /srv/in box ", TAKEN),
    ("import", "elvis_path", "", "elvis_path is empty. Set it to its folder in the DAM"),
    ("import", "elvis_path", "Demo Zone", "elvis_path is Demo Zone, which is no absolute path."),
    ("import", "elvis_path", "\t/Demo Zone/Inbox\n", TAKEN),
    ("fleet", "elvis_src", "inbox", "elvis_src is inbox, which is no absolute path."),
    ("fleet", "elvis_path", "Fleet", "elvis_path is Fleet, which is no absolute path."),
    ("fleet", "elvis_src", "", TAKEN),
    ("import", "elvis_metadata_src", "captions.csv", "elvis_metadata_src is captions.csv, which is no absolute path."),
    ("import", "elvis_move_to", "done", "elvis_move_to is done, which is no absolute path."),
    ("import", "elvis_ca_path", "ca.pem", "elvis_ca_path is ca.pem, which is no absolute path."),
    ("report", "elvis_dest", "", "elvis_dest is empty. Set it to the file for the report"),
    ("report", "elvis_dest", "report.csv", "elvis_dest is report.csv, which is no absolute path."),
    ("report", "elvis_dest", "/srv/report.txt", "does not end in .csv, .jsonl, .ndjson, .json or .xlsx. Set it to the"),
    ("report", "elvis_dest", "/srv/report", "elvis_dest is /srv/report, whose name does not end in"),
    ("report", "elvis_dest", " /srv/report.CSV ", TAKEN),
    # Numbers.
    ("import", "elvis_rounds", "abc", f"elvis_rounds is abc. {ROUNDS}"),
    ("import", "elvis_rounds", 0, f"elvis_rounds is 0. {ROUNDS}"),
    ("import", "elvis_rounds", 100, f"elvis_rounds is 100. {ROUNDS}"),
    ("import", "elvis_rounds", 1.5, f"elvis_rounds is 1.5. {ROUNDS}"),
    ("import", "elvis_rounds", -1, f"elvis_rounds is -1. {ROUNDS}"),
    ("import", "elvis_rounds", True, f"elvis_rounds is True. {ROUNDS}"),
    ("import", "elvis_rounds", " 8 ", TAKEN),
    ("import", "elvis_rounds", 99, TAKEN),
    ("import", "elvis_report", "reports", f"elvis_report is reports, which is no absolute path. {REPORTS}"),
    ("import", "elvis_report", "/", f"elvis_report is /, which is the root folder. {REPORTS}"),
    ("import", "elvis_report_keep", 0, f"elvis_report_keep is 0. {KEPT_REPORTS}"),
    ("import", "elvis_report_keep", "all", f"elvis_report_keep is all. {KEPT_REPORTS}"),
    ("import", "elvis_report_keep", " 9999 ", TAKEN),
    ("import", "elvis_min_age", -1, "elvis_min_age is -1. Set it to whole seconds, such as 60."),
    ("import", "elvis_min_age", "1h", "elvis_min_age is 1h. Set it to whole seconds, such as 60."),
    ("import", "elvis_min_age", 0, TAKEN),
    ("import", "elvis_concurrency", 17, "elvis_concurrency is 17. Set it to a whole number from 1 to 16."),
    ("report", "elvis_limit", 0, "elvis_limit is 0. Set it to the number of assets to report at most"),
    ("who", "elvis_seats", "many", "elvis_seats is many. Set it to the number of seats"),
    # One of several.
    ("import", "elvis_uploaded", "burn", "elvis_uploaded is burn. Set it to keep, remove or move."),
    ("import", "elvis_uploaded", "Keep", "elvis_uploaded is Keep. Set it to keep, remove or move."),
    ("import", "elvis_uploaded", "remove", TAKEN),
    ("import", "elvis_metadata_on", "never", "elvis_metadata_on is never. Set it to create or always."),
    ("report", "elvis_delimiter", "x", "elvis_delimiter is x. Set it to , or ;."),
    ("report", "elvis_delimiter", ";", TAKEN),
    ("request", "elvis_method", "PUT", "elvis_method is PUT. Set it to GET or POST."),
    ("import", "elvis_in_container", "maybe", "elvis_in_container is maybe. Set it to true or false."),
    ("import", "elvis_in_container", "yes", TAKEN),
    ("report", "elvis_bom", 2, "elvis_bom is 2. Set it to true or false."),
]
"""Each with its playbook, its variable, what was typed and what is said."""


def checks(playbook: str) -> dict[str, Any]:
    """Return what a playbook wants of each answer."""
    first, *_others = yaml.safe_load((ROOT / PLAYBOOKS[playbook]).read_text(encoding="utf-8"))
    wanted: dict[str, Any] = first["vars"]["elvis_answers"]
    return wanted


@pytest.fixture(scope="module")
def said(installed: Ansible) -> list[str]:
    """What one job says of each answer, checked for itself."""
    tasks = [
        {
            "ansible.builtin.include_tasks": {
                "file": str(ROOT / "playbooks/tasks/check_answers.yml"),
                "apply": {"ignore_errors": True},
            },
            "vars": {"elvis_answers": {name: checks(playbook)[name]}, name: f"{{{{ typed{number} }}}}"},
        }
        for number, (playbook, name, _typed, _sentence) in enumerate(ROWS)
    ]
    play = {"hosts": "localhost", "gather_facts": False, "tasks": tasks}
    answers = {f"typed{number}": typed for number, (_playbook, _name, typed, _sentence) in enumerate(ROWS)}
    hosts: dict[str, dict[str, Any]] = {"localhost": {"ansible_connection": "local"}, "nas02": {}, "0815": {}}
    job = run(installed, Order(play, answers=answers, hosts=hosts, environment={}))
    found = [
        TAKEN if event["event"] == "runner_on_skipped" else str(event["event_data"]["res"]["msg"])
        for event in job.events
        if event["event"] in {"runner_on_failed", "runner_on_skipped"}
    ]
    assert len(found) == len(ROWS), job.output
    return found


@pytest.mark.parametrize("number", range(len(ROWS)), ids=lambda number: f"{ROWS[number][1]}-{ROWS[number][2]}")
def test_an_answer(number: int, said: list[str]) -> None:
    sentence = ROWS[number][3]

    assert (said[number] == TAKEN) is (sentence == TAKEN)
    assert sentence in said[number]
