# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the examples and the pages show runs as it stands, and does what they say."""

from __future__ import annotations

import importlib
import json
import re
import textwrap
import time
from pathlib import Path
from typing import Any

import certifi
import pytest
import yaml

from ansible_collections.damops.elvis.plugins.module_utils._elvis.services import SERVICES
from tests.integration.support import Ansible
from tests.support.assets import READS, logged_in
from tests.support.emulator import ROOT, Emulator

EXAMPLES = ROOT / "examples"
POWERSHELL = EXAMPLES / "powershell"
GIVEN_A_SESSION = {"handover_middle"}
"""A script logs in for these."""
# But for those of the guides, which test_guides.py runs
ALL_WITH_COLLECTION = [
    path
    for path in sorted(EXAMPLES.rglob("*.yml"))
    if "damops.elvis.elvis_" in path.read_text(encoding="utf-8")
    and path.stem not in GIVEN_A_SESSION
    and not (ROOT / f"docs/guides/{path.stem}.md").exists()
]
PAGES = [
    *(ROOT / name for name in ("README.md", "CONTRIBUTING.md")),
    *sorted(page for name in ("docs", "examples", "roles") for page in (ROOT / name).rglob("*.md")),
]
MODULES = [path.stem for path in sorted((ROOT / "plugins/modules").glob("elvis_*.py"))]
BLOCK = re.compile(r"^(?P<indent> *)```ya?ml\n(?P<text>.*?)^(?P=indent)```$", re.MULTILINE | re.DOTALL)
BLOCKS = {
    f"{page.relative_to(ROOT)}-{number}": textwrap.dedent(block["text"])
    for page in PAGES
    for number, block in enumerate(BLOCK.finditer(page.read_text(encoding="utf-8")), start=1)
}
# A block that is a whole playbook
SHOWN = {name: text for name, text in BLOCKS.items() if text.startswith("---\n- name: ")}
# By their first key, blocks that are for something else than a playbook: a changelog fragment, a requirements.yml,
# variables of an inventory or of a job, options of a task, fields of a job template; and what AWX's own collection does
NOT_FOR_A_PLAYBOOK = re.compile(
    r"^((bugfixes|collections|ansible_connection|answer|session|metadata_src|query|forks):"
    r"| +(awx\.awx|community\.general)\.)",
    re.MULTILINE,
)


SUPERUSER = {"ELVIS_USERNAME": "admin", "ELVIS_PASSWORD": "changemenow"}
"""Who registers webhooks."""


def credentials(server: Emulator, password: str = "wonderland") -> dict[str, str]:
    return {"ELVIS_SERVER_URL": server.url, "ELVIS_USERNAME": "alice", "ELVIS_PASSWORD": password}


def paths(server: Emulator) -> list[str]:
    return [request["path"] for request in server.requests()]


def test_the_readme_names_all_there_is() -> None:
    plugins = (
        path.stem for kind in ("modules", "callback", "filter") for path in (ROOT / "plugins" / kind).glob("[!_]*.py")
    )
    playbooks = (path.stem for path in (ROOT / "playbooks").glob("*.yml"))
    roles = (path.name for path in (ROOT / "roles").iterdir())
    table = (ROOT / "README.md").read_text(encoding="utf-8").partition("| what is in it |")[2].partition("\n\n")[0]

    assert set(re.findall(r"`damops\.elvis\.(\w+)`", table)) == {*plugins, *playbooks, *roles}


def test_the_session_from_login_to_logout(installed: Ansible, server: Emulator) -> None:
    run = installed.playbook(EXAMPLES / "session.yml", env=credentials(server))

    assert run.returncode == 0, run.output
    assert f"alice at {server.url}" in run.stdout
    assert "The server no longer knows the token." in run.stdout
    assert server.sessions() == []


@pytest.mark.parametrize(
    ("name", "expected"),
    [("uri.yml", ["createFolder"]), ("collection.yml", ["browse", "search", "createFolder"])],
)
def test_what_powershell_does(name: str, expected: list[str], installed: Ansible, server: Emulator) -> None:
    run = installed.playbook(POWERSHELL / name, env=credentials(server))

    assert run.returncode == 0, run.output
    asked = list(dict.fromkeys(path.rpartition("/")[2] for path in paths(server)))
    assert asked == ["apilogin", *expected, "logout"]
    assert all(request["query"] == [] for request in server.requests())
    assert server.sessions() == []


def test_uri_is_content_with_a_refused_login(installed: Ansible, server: Emulator) -> None:
    run = installed.playbook(POWERSHELL / "uri.yml", env=credentials(server, "looking-glass"))

    assert run.returncode == 0, run.output
    assert paths(server) == ["/services/apilogin", "/services/createFolder", "/services/logout"]


def test_the_collection_is_not(installed: Ansible, server: Emulator) -> None:
    run = installed.playbook(POWERSHELL / "collection.yml", env=credentials(server, "looking-glass"))

    assert run.returncode == 2
    assert "Invalid username or password" in run.output
    assert paths(server) == ["/services/apilogin"]


NEEDED = {"change.yml": {"elvis_query": "status:New", "elvis_metadata": "status: Final", "elvis_max_change": 9999}}
"""Variables that an example has no default for."""


@pytest.mark.parametrize("path", ALL_WITH_COLLECTION, ids=lambda path: path.name)
def test_check_mode_writes_nothing(path: Path, installed: Ansible, server: Emulator) -> None:
    # What is for many machines has one, what is for many folders too.
    who = {**credentials(server), **(SUPERUSER if path.name == "register.yml" else {})}
    given = json.dumps(NEEDED.get(path.name, {}))
    run = installed.playbook(path, "--inventory", "details,", "--check", "-e", given, env=who)

    assert run.returncode == 0, run.output
    # Where a check needs a real session to tell the truth, the login and the logout say so.
    has_session = "check_mode: false" in path.read_text(encoding="utf-8")
    requests = [request for request in server.requests() if request["method"] != "GET"]
    sent = [request["path"] for request in requests if not request["path"].endswith(READS)]
    assert sent == (["/services/apilogin", "/services/logout"] if has_session else [])
    assert server.sessions() == []


@pytest.mark.parametrize("name", SHOWN)
def test_playbook_of_a_page(name: str, installed: Ansible, server: Emulator, tmp_path: Path) -> None:
    playbook = tmp_path / "playbook.yml"
    playbook.write_text(SHOWN[name], encoding="utf-8")

    run = installed.playbook(playbook, env=credentials(server))

    assert run.returncode == 0, run.output
    assert "/services/logout" in paths(server)
    assert server.sessions() == []


def as_playbook(text: str) -> list[dict[str, Any]] | None:
    """Make a playbook of plays, of tasks or of what a play says beside them; None when it is for something else."""
    if NOT_FOR_A_PLAYBOOK.search(text):
        return None
    shown = yaml.safe_load(text)
    if isinstance(shown, list):
        return shown if "hosts" in shown[0] else [{"hosts": "localhost", "tasks": shown}]
    return [{"hosts": "localhost", **shown, "tasks": [{"damops.elvis.elvis_login": None}]}]


def test_syntax_of_what_is_no_whole_playbook(installed: Ansible, tmp_path: Path) -> None:
    written = []
    for name in BLOCKS.keys() - SHOWN.keys():
        if playbook := as_playbook(BLOCKS[name]):
            written.append(tmp_path / f"{name.replace('/', '-')}.yml")
            written[-1].write_text(yaml.safe_dump(playbook, sort_keys=False), encoding="utf-8")

    # Some are for hosts that are not here.
    elsewhere = {"ANSIBLE_HOST_PATTERN_MISMATCH": "ignore"}
    run = installed.playbook(written[0], *map(str, written[1:]), "--syntax-check", env=elsewhere)

    assert run.returncode == 0, run.output
    assert all(f"playbook: {path}" in run.stdout for path in written)


def test_the_page_for_those_who_have_loops_names_each_call_and_its_module() -> None:
    page = (ROOT / "docs/guides/from_requests.md").read_text(encoding="utf-8")
    rows = [line for line in page.splitlines() if line.startswith("| `")]
    for service in SERVICES:
        if service.module and not service.path.startswith("services/admin/webhook/"):
            assert any(f"`{service.path}`" in row and f"`{service.module}`" in row for row in rows), service.path
    assert {name for row in rows for name in re.findall(r"elvis_\w+", row)} < set(MODULES)


@pytest.mark.parametrize("module", MODULES)
def test_examples_of_a_module(module: str, installed: Ansible, server: Emulator, tmp_path: Path) -> None:
    examples: str = importlib.import_module(f"ansible_collections.damops.elvis.plugins.modules.{module}").EXAMPLES
    # What somebody has to approve first: test_plan.py.
    examples = re.sub(r"    - name: [^\n]*approved\n(?:(?:      [^\n]*)?\n)*?(?=    - |  always:)", "", examples)
    for shown, here in {
        "https://dam.example.com/app": server.url,
        "https://dam.example.com": server.url,
        "/etc/pki/dam-ca.pem": certifi.where(),
        "/srv": str(tmp_path),
    }.items():
        examples = examples.replace(shown, here)
    for name in ("outgoing", "incoming", "reports", "inbox", "out", "scanner", "logos", "shop", "pictures"):
        (tmp_path / name).mkdir()
    for name in ("inbox/cover.jpg", "out/cover.jpg", "out/cover.pdf", "out/back.pdf", "logos/logo.svg"):
        (tmp_path / name).write_text("content", encoding="utf-8")
    (tmp_path / "incoming/beach.jpg").write_bytes(b"a picture")
    (tmp_path / "inbox/captions.csv").write_text(
        "path;Caption;tags;subjects\n/Demo Zone/Inbox/cover.jpg;A cover;sea;\n", encoding="utf-8"
    )
    (tmp_path / "shop/articles.csv").write_text("Art. No.;Price\n12345678;5\n", encoding="utf-8")
    (tmp_path / "pictures/12345678.jpg").write_bytes(b"a picture")
    with logged_in(server) as dam:
        dam.create("/Demo Zone/Products/chair.jpg", cf_articleNumber="12345678", cf_price=4)
        for name in ("cover", "back"):
            dam.create(f"/Demo Zone/Inbox/{name}.jpg", headline="as it was", Caption="as it was", tags="sea")
        dam.create("/Demo Zone/Print/page.pdf")
        dam.create("/Demo Zone/Logos/logo.svg")
        for name in ("Pages/layout.indd", "Pictures/harbour.jpg", "Pictures/boat.jpg", "Pictures/harbour-small.jpg"):
            dam.create(f"/Demo Zone/{name}")
        dam.folder("/Demo Zone/Issues/2026-47")
    values = {
        "elvis_username": "alice",
        "elvis_password": "wonderland",
        "elvis_cred": "YWxpY2U6d29uZGVybGFuZA==",
        "token": "{{ of_token.session.auth_token }}",
    }
    log_in = "- damops.elvis.elvis_login:\n  register: of_token\n"

    # Webhooks are for a superuser.
    who = {**credentials(server), **(SUPERUSER if module == "elvis_webhook" else {})}

    run = installed.play(log_in + examples, vars=values, env=who)

    assert run.returncode == 0, run.output


@pytest.mark.parametrize(("hours", "within", "told"), [(0, 1, True), (12, 1, False), (0, 87600, True)])
def test_what_is_checked_out_over_night(
    hours: int, within: int, told: bool, installed: Ansible, server: Emulator, tmp_path: Path
) -> None:
    report = tmp_path / "report.csv"
    with logged_in(server) as dam:
        dam.post(f"checkout/{dam.create('/Demo Zone/out.indd')}")
        # The times are whole seconds.
        time.sleep(2)
        variables = {"hours": hours, "within_hours": within, "report": str(report)}
        run = installed.playbook(EXAMPLES / "eda/overnight.yml", "-e", json.dumps(variables), env=credentials(server))
        assert run.returncode == 0, run.output
        assert report.exists() is told
        if told:
            assert report.read_text(encoding="utf-8").splitlines()[1].startswith("/Demo Zone/out.indd;alice;20")
