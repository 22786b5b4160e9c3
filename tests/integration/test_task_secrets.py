# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a callback can read of a task, and of the blocks, the role and the play around it: nothing secret rendered."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.integration.support import Ansible
from tests.integration.watching import GATEWAY_KEY, OTHERS, Seen, Watch, watch
from tests.support.emulator import Emulator, start_emulator

HIDDEN = "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER"
HEADERS = {"X-Api-Key": "{{ gateway_key }}"}
LOGIN = """
- damops.elvis.elvis_login: {server_url: "{{ url }}"}
  register: elvis
"""
PRINT = {"ansible.builtin.debug": {"msg": "{{ ansible_failed_task }}"}}
WORK: list[dict[str, Any]] = yaml.safe_load("""
- damops.elvis.elvis_session_info:
  register: plain
- damops.elvis.elvis_request: {path: services/ping}
  loop: [1, 2]
  register: looped
- damops.elvis.elvis_session_info:
  until: retried.attempts > 1
  retries: 2
  delay: 0
  register: retried
- damops.elvis.elvis_request: {path: services/ping}
  delegate_to: localhost
  register: delegated
- damops.elvis.elvis_folder: {path: /Users/alice/new}
  check_mode: true
  register: checked
- damops.elvis.elvis_session_info:
  async: 60
  poll: 1
  register: polled
""")
"""What a session is needed for and none is given."""
FAILURES: list[dict[str, Any]] = [
    {"damops.elvis.elvis_session_info": {"pong": True}, "register": "refused"},
    {"damops.elvis.elvis_request": {"path": "services/{{ item }}"}, "loop": ["none"], "register": "in_loop"},
    {
        "damops.elvis.elvis_request": {"path": "services/none"},
        "until": "tried is succeeded",
        "retries": 1,
        "delay": 0,
        "register": "tried",
    },
]
REPEATED: dict[str, Any] = {
    "damops.elvis.elvis_request": {"path": "services/ping", "query": {"key": "{{ gateway_key }}"}},
    "register": "repeated",
}
"""Says once more what a variable says in place of a secret option."""
ELSEWHERE = [{"ansible.builtin.debug": {"msg": "a task of another collection"}}]

in_both_places = pytest.mark.parametrize("ansible", ["auto", "target"], indirect=True)


def guarded(failing: dict[str, Any], **keywords: Any) -> dict[str, Any]:
    """Return a block that prints the task that failed in it."""
    return {"block": [{"block": [failing], **keywords}], "rescue": [PRINT]}


@pytest.fixture(scope="module")
def server() -> Iterator[Emulator]:
    with start_emulator() as emulator:
        yield emulator


@pytest.fixture
def look(ansible: Ansible, server: Emulator, tmp_path: Path) -> Any:
    """Runs tasks that may apply the role `inner`, which does the work; what has `async` is done on the target."""

    def run(tasks: list[dict[str, Any]], **keywords: Any) -> Seen:
        role = tmp_path / "roles/inner/tasks/main.yml"
        role.parent.mkdir(parents=True)
        role.write_text(yaml.safe_dump(keywords.pop("role", WORK)), encoding="utf-8")
        more = {"ANSIBLE_ROLES_PATH": str(tmp_path / "roles"), **keywords.pop("more", {})}
        return watch(ansible, server.url, yaml.safe_dump(tasks), Watch(6), more=more, **keywords)

    return run


def check_work(seen: Seen) -> None:
    results = seen.run.results
    assert results["plain"]["username"] == "alice"
    assert [item["status"] for item in results["looped"]["results"]] == [200, 200]
    assert results["retried"]["attempts"] == 2
    assert results["delegated"]["status"] == 200
    assert results["checked"]["changed"] is True
    assert results["polled"]["alive"] is True


def check_failures(seen: Seen) -> None:
    assert "has no option pong" in seen.run.results["refused"]["msg"]
    for name in ("in_loop", "tried"):
        assert seen.run.results[name]["failed"] is True
    # They were printed.
    assert seen.run.output.count('"action": "damops.elvis.') == len(FAILURES)


@in_both_places
def test_variables_say_what_is_secret(look: Any) -> None:
    """So does the documentation: no task carries it, whatever its module."""
    of_session = {"damops_elvis_session": "{{ elvis.session }}"}
    inside = [*ELSEWHERE, {"ansible.builtin.include_role": {"name": "inner"}}, REPEATED, *map(guarded, FAILURES)]
    variables = {"damops_elvis_username": "alice", "damops_elvis_password": "{{ password }}"}
    refused = {"damops.elvis.elvis_login": {"server_url": "{{ url }}"}}
    of_refused = {"damops_elvis_username": "bob", "damops_elvis_password": "{{ wrong_password }}"}
    seen = look(
        [
            *yaml.safe_load(LOGIN),
            {"block": inside, "vars": of_session},
            guarded({**refused, "vars": of_refused}),
            guarded({**refused, "loop": [1], "register": "login_in_loop"}, vars=of_refused),
            {"damops.elvis.elvis_logout": {"session": "{{ elvis.session }}"}, "register": "logout"},
        ],
        vars={**variables, "damops_elvis_extra_headers": HEADERS},
        more={"ELVIS_USERNAME": "", "ELVIS_PASSWORD": ""},
        keep=[task["register"] for task in WORK],
    )

    assert seen.leaks == []
    check_work(seen)
    assert seen.run.results["repeated"]["status"] == 200
    assert seen.run.results["logout"]["logout_success"] is True
    assert "Invalid username or password" in seen.run.output


@in_both_places
def test_the_role_as_its_page_shows_it(look: Any, tmp_path: Path) -> None:
    work = tmp_path / "work.yml"
    work.write_text(yaml.safe_dump([*WORK, *ELSEWHERE, *map(guarded, FAILURES)]), encoding="utf-8")
    seen = look(
        [
            {
                "ansible.builtin.include_role": {"name": "damops.elvis.session"},
                "vars": {"elvis_session_tasks": str(work)},
            }
        ],
        module_defaults={
            "group/damops.elvis.elvis": {"server_url": "{{ url }}"},
            "damops.elvis.elvis_login": {"auth_method": "cookie"},
        },
        vars={"damops_elvis_username": "alice", "damops_elvis_password": "{{ password }}"},
        keep=["session_login", *(task["register"] for task in [*WORK, *FAILURES])],
    )

    assert seen.leaks == []
    assert seen.run.results["session_login"]["session"]["csrf_token"]
    check_work(seen)
    check_failures(seen)


@pytest.mark.parametrize("ansible", ["auto"], indirect=True)
@pytest.mark.parametrize("level", ["play", "block", "role"])
def test_module_defaults_leave_nothing_on_our_tasks(level: str, look: Any, ansible: Ansible) -> None:
    """Before ansible-core 2.19 those of other collections carry what is rendered, and none of our code runs there."""
    defaults = {
        "group/damops.elvis.elvis": {"server_url": "{{ url }}", "extra_headers": HEADERS},
        "damops.elvis.elvis_login": {"username": "alice", "password": "{{ password }}"},
    }
    session = {"damops.elvis.elvis_session_info": {"session": "{{ elvis.session }}"}}
    session["damops.elvis.elvis_request"] = session["damops.elvis.elvis_folder"] = {"session": "{{ elvis.session }}"}
    login: list[dict[str, Any]] = [{"damops.elvis.elvis_login": {}, "register": "elvis"}]
    work = {"block": WORK, "module_defaults": session}
    failures = [guarded(failing, module_defaults=session) for failing in FAILURES]
    tasks = {
        "play": [*login, work, *failures],
        "block": [{"block": [*login, work], "module_defaults": defaults}, *failures],
        "role": [*login, *failures],
    }
    keywords: dict[str, Any] = {
        "play": {"module_defaults": defaults},
        "block": {},
        "role": {
            "roles": [{"role": "inner", "module_defaults": defaults}],
            "role": [*login, work],
            "module_defaults": {"group/damops.elvis.elvis": {"server_url": "{{ url }}"}},
            "keep": [task["register"] for task in WORK],
        },
    }
    seen = look(tasks[level], **keywords[level])

    if ansible.core < (2, 19):
        seen = Seen(seen.run, {place: text for place, text in seen.by.items() if place != OTHERS})
    assert seen.leaks == []
    check_work(seen)
    check_failures(seen)


ASYNC: dict[str, dict[str, Any]] = {
    "of_environment": {},
    "text": {"extra_headers": '{"X-Api-Key": "{{ gateway_key }}"}'},
    "pairs": {"extra_headers": "X-Api-Key={{ gateway_key }}"},
    "unknown_in_session": {"session": {"auth_tokn": "{{ elvis.session.auth_token }}"}},
    "form": {"method": "POST", "form": {"newPassword": "{{ password }}"}},
}
"""Options of elvis_request."""


@pytest.mark.parametrize("ansible", ["auto"], indirect=True)
def test_what_ansible_shows_of_the_arguments_of_an_async_task(look: Any) -> None:
    session = {"session": "{{ elvis.session }}", "path": "services/ping"}
    tasks = [
        {
            "damops.elvis.elvis_request": {**session, **options},
            "async": 60,
            "poll": 1,
            "register": name,
            "ignore_errors": True,
        }
        for name, options in ASYNC.items()
    ]
    # Where a release leaves the choice, they are to be shown.
    more = {"ELVIS_EXTRA_HEADERS": f'{{"X-Api-Key": "{GATEWAY_KEY}"}}', "ANSIBLE_INJECT_INVOCATION": "true"}
    seen = look([*yaml.safe_load(LOGIN), *tasks], more=more)

    assert seen.leaks == []
    results = seen.run.results
    assert seen.run.output.count('"invocation": {') == len(ASYNC)
    assert f'"auth_tokn": "{HIDDEN}"' in seen.run.output
    for name in ("of_environment", "text", "pairs", "form"):
        assert results[name]["status"] == 200, results[name]
