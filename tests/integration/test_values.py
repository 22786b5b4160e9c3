# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whatever a value looks like or is wrapped in: the server gets it, and the playbook gets plain data, whole."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import yaml

from tests.integration.support import BIN, Ansible, Result, environment_for
from tests.support.emulator import Emulator, start_emulator
from tests.support.scripted import json_reply, scripted_server

# Ansible replaces a secret option's value wherever it occurs in what a module returns, and these occur everywhere.
PASSWORDS = {"letter": "a", "product": "elvis", "digit": "1", "word": "true", "scheme": "http", "quote": '"'}
LOGIN_AND_OUT = """
- damops.elvis.elvis_login: {server_url: "{{ url }}", username: USER, password: "{{ passwords.USER }}", METHOD}
  register: USER_login
- damops.elvis.elvis_logout: {session: "{{ USER_login.session }}", verify: true}
  register: USER_logout
"""
METHODS = {"bearer": "return_profile: true", "cookie": "auth_method: cookie"}


@pytest.fixture(scope="module")
def server() -> Iterator[Emulator]:
    users = [option for user, password in PASSWORDS.items() for option in ("--user", f"{user}:{password}")]
    with start_emulator("--prefix", "/elvis", "--user", "alice:wonderland", *users) as emulator:
        yield emulator


@pytest.fixture(scope="module", params=METHODS)
def short_passwords(request: pytest.FixtureRequest, ansible: Ansible, server: Emulator) -> dict[str, Result]:
    tasks = "".join(LOGIN_AND_OUT.replace("USER", user).replace("METHOD", METHODS[request.param]) for user in PASSWORDS)
    return ansible.play(tasks, vars={"url": server.url, "passwords": PASSWORDS}).results


@pytest.mark.parametrize("user", PASSWORDS)
def test_a_short_password_damages_nothing(user: str, short_passwords: dict[str, Result], server: Emulator) -> None:
    login, logout = short_passwords[f"{user}_login"], short_passwords[f"{user}_logout"]
    session = login["session"]

    assert (session["server_url"], session["username"]) == (server.url, user)
    assert session["server_version"] == login["server_version"] == "6.107.0.1"
    assert login["msg"] == (f"Logged in to {server.url} as {user} (Elvis 6.107.0.1), until {session['expires_at']}.")
    if session["auth_method"] == "bearer":
        assert login["headers"] == {"Authorization": f"Bearer {session['auth_token']}"}
        assert login["user_profile"]["email"].startswith(f"{user}@")
    else:
        assert login["headers"] == {"Cookie": session["cookie"], "X-CSRF-TOKEN": session["csrf_token"]}
    # The token opens the server, so it is whole.
    assert logout["logout_success"] is True


class Vaulted(str):
    """A text that is written as a vaulted one."""


class Unsafe(str):
    """A text that is no template, whatever it looks like."""


yaml.SafeDumper.add_representer(Vaulted, lambda dumper, text: dumper.represent_scalar("!vault", text, style="|"))
yaml.SafeDumper.add_representer(Unsafe, lambda dumper, text: dumper.represent_scalar("!unsafe", text))

USERS = {"alice": "wonderland", "{{ curly }}": "{% braces %}", "bob": "b o b"}


def vaulted(folder: Path, text: str) -> Vaulted:
    """Encrypt a text with the vault password in the folder."""
    done = subprocess.run(
        [BIN / "ansible-vault", "encrypt_string", "--vault-password-file", folder / "vault"],
        input=text,
        env=environment_for(folder, folder),
        check=True,
        capture_output=True,
        text=True,
    )
    lines = [line.strip() for line in done.stdout.splitlines()]
    return Vaulted("\n".join(lines[lines.index("!vault |") + 1 :]) + "\n")


@pytest.fixture(scope="module")
def wrapped(ansible: Ansible, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Result]:
    folder = tmp_path_factory.mktemp("vault")
    (folder / "vault").write_text("open sesame", encoding="utf-8")
    alice = {"username": vaulted(folder, "alice"), "password": vaulted(folder, "wonderland")}
    curly = {"username": Unsafe("{{ curly }}"), "password": Unsafe("{% braces %}")}
    lookup = "{{ lookup('ansible.builtin.env', 'NAME') }}"
    rows: dict[str, dict[str, Any]] = {
        "vaulted": alice,
        "vaulted_variable": {"username": "{{ vaulted.username }}", "password": "{{ vaulted.password }}"},
        "made_of_vaulted": {"cred": "{{ (vaulted.username ~ ':' ~ vaulted.password) | b64encode }}"},
        "unsafe": curly,
        "unsafe_variable": {"username": "{{ unsafe.username }}", "password": "{{ unsafe.password }}"},
        "looked_up": {"username": lookup, "password": "{{ lookup('ansible.builtin.env', 'WORD') }}"},
        "converted": {"cred": "Ym9iOmIgbyBi", "timeout": "{{ '20' }}", "return_profile": "{{ 'yes' }}"},
    }
    with start_emulator(*(f"--user={user}:{password}" for user, password in USERS.items())) as server:
        tasks = [
            {
                "damops.elvis.elvis_login": {"server_url": server.url, "auth_method": method, **options},
                "register": f"{name}_{method}",
            }
            for name, options in rows.items()
            for method in METHODS
        ]
        last = tasks[0]["register"]
        tasks.append({"damops.elvis.elvis_logout": {"session": f"{{{{ {last}.session }}}}"}, "register": "logout"})
        return ansible.play(
            tasks,
            "--vault-password-file",
            str(folder / "vault"),
            env={"NAME": "bob", "WORD": "b o b"},
            vars={"vaulted": alice, "unsafe": curly},
        ).results


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize(
    ("name", "username"),
    [
        ("vaulted", "alice"),
        ("vaulted_variable", "alice"),
        ("made_of_vaulted", "alice"),
        ("unsafe", "{{ curly }}"),
        ("unsafe_variable", "{{ curly }}"),
        ("looked_up", "bob"),
        ("converted", "bob"),
    ],
)
def test_a_wrapped_value_reaches_the_server(name: str, username: str, method: str, wrapped: dict[str, Result]) -> None:
    session = wrapped[f"{name}_{method}"]["session"]

    # What is vaulted would be an object here that says so.
    assert session["username"] == username
    assert isinstance(session["auth_token"], str)


def test_a_session_is_plain_data_to_the_next_task(wrapped: dict[str, Result]) -> None:
    assert wrapped["logout"]["logout_success"] is True


OMITTED = "{{ nobody | default(omit) }}"
OMISSIONS: dict[str, dict[str, Any]] = {
    "an option that is a list": {"elvis_asset_info": {"query": "id:0", "fields": ["name", OMITTED, "status"]}},
    "a list of a parameter": {"elvis_request": {"path": "search", "query": {"q": "id:0", "f": ["a", OMITTED, "b"]}}},
    "a list in JSON": {"elvis_request": {"path": "x", "method": "POST", "json": [["a", OMITTED], {"b": [OMITTED]}]}},
}


def test_what_is_omitted_in_a_list_reaches_no_server(ansible: Ansible) -> None:
    """Before ansible-core 2.19, Ansible itself leaves out the value of an option, and hands on an item of a list."""
    with scripted_server(json_reply(200, {"totalHits": 0, "hits": []})) as server:
        session = {"server_url": server.url, "auth_method": "bearer", "auth_token": "a-token-of-nobody"}
        tasks = [
            {"name": name, f"damops.elvis.{module}": {"session": session, **options}}
            for name, task in OMISSIONS.items()
            for module, options in task.items()
        ]
        run = ansible.play(tasks)

    assert run.returncode == 0, run.output
    fields, parameter, json_text = server.requests
    assert parse_qs(urlsplit(fields.path).query or fields.body.decode())["metadataToReturn"] == [
        "assetPath,name,status"
    ]
    assert parameter.path == "/search?q=id%3A0&f=a&f=b"
    assert json.loads(json_text.body) == [["a"], {"b": []}]
