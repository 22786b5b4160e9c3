# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""One call in real playbooks: files, searches, processes, failures, check mode, and the documented examples."""

from __future__ import annotations

import hashlib
import importlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.integration.support import Ansible, Result, Run
from tests.support.emulator import start_emulator

pytestmark = pytest.mark.same_everywhere

CONTENT = bytes(range(256)) * 1000
TASKS = """
- damops.elvis.elvis_login:
    username: alice
    password: wonderland
    auth_method: "{{ method }}"
  register: elvis
- damops.elvis.elvis_request:
    session: "{{ elvis.session }}"
    path: services/create
    method: POST
    form:
      assetPath: "/Demo/{{ item }}.bin"
      metadata: "{{ {'status': 'New', 'number': item} | to_json }}"
    files:
      Filedata: "{{ folder }}/sent.bin"
  loop: "{{ range(5) | list }}"
  register: created
- damops.elvis.elvis_request:
    session: "{{ elvis.session }}"
    path: "{{ created.results[0].body.originalUrl }}"
    dest: "{{ folder }}/{{ execution }}.bin"
  register: fetched
- damops.elvis.elvis_request:
    session: "{{ elvis.session }}"
    path: "{{ created.results[0].body.originalUrl }}"
    dest: "{{ folder }}/{{ execution }}.bin"
  register: same
- damops.elvis.elvis_request:
    session: "{{ elvis.session }}"
    path: services/search
    query: {q: 'folderPath:"/Demo"', sort: name, num: 2}
    paginate: true
  register: found
- damops.elvis.elvis_request:
    session: "{{ elvis.session }}"
    path: services/search
    query: {q: 'folderPath:"/Demo"', sort: name, num: 2}
    paginate: true
    dest: "{{ folder }}/{{ execution }}.jsonl"
  register: listed
- damops.elvis.elvis_request:
    session: "{{ elvis.session }}"
    path: services/search
    query: {q: 'folderPath:"/Demo"'}
    paginate: true
    limit: 4
  register: too_many
  ignore_errors: true
- damops.elvis.elvis_request:
    session: "{{ elvis.session }}"
    path: services/remove
    method: POST
    form: {q: 'folderPath:"/Demo"', async: true}
    wait: true
  register: removed
- damops.elvis.elvis_request:
    session: "{{ elvis.session }}"
    path: services/logout
    method: POST
  register: refused
  ignore_errors: true
- damops.elvis.elvis_request:
    session: "{{ elvis.session }}"
    path: services/search
    form: {q: x}
    json: {q: x}
  register: not_valid
  ignore_errors: true
- damops.elvis.elvis_logout:
    session: "{{ elvis.session }}"
- damops.elvis.elvis_request:
    session: "{{ elvis.session }}"
    path: services/search
    query: {q: x}
  register: over
  ignore_errors: true
"""


@dataclass(frozen=True)
class Outcome:
    """What came of the tasks, on the machine and on the server."""

    folder: Path
    execution: str
    run: Run
    sessions: list[dict[str, Any]]
    secrets: list[str]

    @property
    def results(self) -> dict[str, Result]:
        return self.run.results


@pytest.fixture(scope="module", params=["bearer", "cookie"])
def outcome(request: pytest.FixtureRequest, ansible: Ansible, tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    folder = tmp_path_factory.mktemp("files")
    (folder / "sent.bin").write_bytes(CONTENT)
    with start_emulator("--prefix", "/app") as server:
        values = {"folder": str(folder), "execution": ansible.execution, "method": request.param}
        defaults = {"group/damops.elvis.elvis": {"server_url": server.url, "timeout": 60}}
        run = ansible.play(TASKS, "-v", vars=values, module_defaults=defaults)
        assert run.returncode == 0, run.output
        session = run.results["elvis"]["session"]
        secrets = [session[name] for name in ("auth_token", "csrf_token", "cookie") if session[name]]
        return Outcome(folder, ansible.execution, run, server.sessions(), secrets)


def test_files_go_up_in_a_loop(outcome: Outcome) -> None:
    items = outcome.results["created"]["results"]
    assert [item["body"]["metadata"]["fileSize"]["value"] for item in items] == [len(CONTENT)] * 5
    assert {item["body"]["metadata"]["status"] for item in items} == {"New"}
    assert {item["changed"] for item in items} == {True}


def test_a_file_comes_down_once(outcome: Outcome) -> None:
    fetched, same = outcome.results["fetched"], outcome.results["same"]
    dest = outcome.folder / f"{outcome.execution}.bin"
    assert dest.read_bytes() == CONTENT
    assert (fetched["changed"], same["changed"]) == (True, False)
    assert (fetched["dest"], fetched["size"]) == (str(dest), len(CONTENT))
    assert fetched["checksum"] == same["checksum"] == hashlib.sha256(CONTENT).hexdigest()


def test_a_search_is_read_to_its_end(outcome: Outcome) -> None:
    found, listed = outcome.results["found"], outcome.results["listed"]
    names = [f"{number}.bin" for number in range(5)]
    assert [hit["metadata"]["name"] for hit in found["body"]["hits"]] == names
    assert (found["changed"], listed["changed"], listed["body"]) == (False, True, {"totalHits": 5})
    lines = (outcome.folder / f"{outcome.execution}.jsonl").read_text().splitlines()
    assert [json.loads(line)["metadata"]["name"] for line in lines] == names


def test_a_process_is_waited_for(outcome: Outcome) -> None:
    removed = outcome.results["removed"]
    assert (removed["changed"], removed["body"]["state"], removed["body"]["processedCount"]) == (True, "done", 5)


def test_progress_is_shown_in_the_playbooks_process(outcome: Outcome) -> None:
    shown = "Read 4 of 5 hits" in outcome.run.output and "done, progress 100" in outcome.run.output
    assert shown is (outcome.execution == "controller")


@pytest.mark.parametrize(
    ("name", "reason", "words"),
    [
        ("too_many", "bad_request", "finds 5 hits, and limit is 4"),
        ("refused", "bad_request", "use damops.elvis.elvis_logout"),
        ("not_valid", "bad_request", "mutually exclusive"),
        ("over", "not_logged_in", "Its token would have expired at 20"),
    ],
)
def test_failures(outcome: Outcome, name: str, reason: str, words: str) -> None:
    result = outcome.results[name]
    assert (result["failed"], result["changed"], result["reason"]) == (True, False, reason)
    assert words in result["msg"]


def test_the_session_is_closed_and_its_secrets_are_nowhere(outcome: Outcome) -> None:
    assert outcome.sessions == []
    assert outcome.secrets
    for secret in outcome.secrets:
        assert secret not in outcome.run.output
    left = {path.name for path in outcome.folder.iterdir()}
    assert left == {"sent.bin", f"{outcome.execution}.bin", f"{outcome.execution}.jsonl"}


CHECKED = """
- damops.elvis.elvis_login:
    server_url: "{{ url }}"
    username: alice
    password: wonderland
  check_mode: "{{ is_simulated }}"
  register: elvis
- module_defaults:
    damops.elvis.elvis_request:
      session: "{{ elvis.session }}"
  check_mode: true
  block:
    - damops.elvis.elvis_request:
        path: services/search
        query: {q: "id:0"}
      register: read
    - damops.elvis.elvis_request:
        path: services/search
        query: {q: "id:0"}
        paginate: true
        dest: "{{ folder }}/hits.jsonl"
      register: written
    - damops.elvis.elvis_request:
        path: services/createFolder
        method: POST
        form: {path: /Checked}
      register: changed
"""


@pytest.mark.parametrize("is_simulated", [False, True], ids=["real", "simulated"])
def test_check_mode(ansible: Ansible, tmp_path: Path, is_simulated: bool) -> None:
    with start_emulator() as server:
        values = {"url": server.url, "folder": str(tmp_path), "is_simulated": is_simulated}
        results = ansible.play(CHECKED, vars=values).results
        sent = [seen["path"].rpartition("/")[2] for seen in server.requests()]
    del results["elvis"]
    changed = {name: result["changed"] for name, result in results.items()}
    assert changed == {"read": False, "written": True, "changed": True}
    assert sent == ([] if is_simulated else ["apilogin", "search", "search"])
    unanswered = {name for name, result in results.items() if result["status"] is None}
    assert unanswered == (set(results) if is_simulated else {"changed"})
    assert {result.get("simulated", False) for result in results.values()} == {is_simulated}
    assert list(tmp_path.iterdir()) == []


def test_the_documented_examples_run(ansible: Ansible, tmp_path: Path) -> None:
    (tmp_path / "incoming").mkdir()
    (tmp_path / "outgoing").mkdir()
    (tmp_path / "incoming/beach.jpg").write_bytes(CONTENT)
    module = importlib.import_module("ansible_collections.damops.elvis.plugins.modules.elvis_request")
    examples = yaml.safe_load(module.EXAMPLES.replace("/srv/", f"{tmp_path}/"))
    with start_emulator() as server:
        env = {"ELVIS_SERVER_URL": server.url, "ELVIS_USERNAME": "alice", "ELVIS_PASSWORD": "wonderland"}
        run = ansible.play(examples[:1], env=env)
        assert run.returncode == 0, run.output
        assert server.sessions() == []
    assert run.results["found"]["body"]["totalHits"] == 1
    assert run.results["approved"]["body"]["processedCount"] == 1
    assert (tmp_path / "outgoing/beach.jpg").read_bytes() == CONTENT
    assert len((tmp_path / "outgoing/demo_zone.jsonl").read_text().splitlines()) == 2
