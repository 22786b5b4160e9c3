# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is measured: playbooks, and a shell script."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

import yaml

USERNAME, PASSWORD = "alice", "wonderland"
HOSTS, FORKS = 50, 10

CHEAP_TASKS = 100
"""So many that a slow start of one playbook does not show."""
DEAR_TASKS = 10
ITEMS = 100
LOOPS = 5
DEAR_ITEMS = 5

DEAD_TOKEN = "logged-out-long-ago"
GUARDED = {"ANSIBLE_CALLBACKS_ENABLED": "damops.elvis.session_guard"}

ACTION_PLUGINS = Path(__file__).parent / "action_plugins"
"""Where ansible-playbook finds the tasks `bare_login` and `profiled_login` (ANSIBLE_ACTION_PLUGINS)."""

Task = Mapping[str, Any]
NOTHING: Task = {"ansible.builtin.assert": {"that": True, "quiet": True}}
NO_VARIABLES: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True)
class Scenario:
    """One playbook.

    :param count: the tasks, or items of a loop, that it has
    :param hosts: on how many hosts it runs; without any, on the implicit localhost
    :param is_secure: whether its server speaks TLS
    """

    tasks: list[Task]
    count: int = 1
    hosts: int = 0
    variables: Mapping[str, str] = field(default_factory=dict)
    environment: Mapping[str, str] = field(default_factory=dict)
    is_secure: bool = False

    def write(self, folder: Path) -> list[str | Path]:
        """Write the playbook into a folder and return the arguments of ansible-playbook."""
        playbook = write_playbook(folder, self.tasks, "all" if self.hosts else "localhost", self.variables)
        return [playbook, "-i", write_inventory(folder, self.hosts), "-f", str(FORKS)] if self.hosts else [playbook]


def write_playbook(folder: Path, tasks: list[Task], hosts: str, variables: Mapping[str, str] = NO_VARIABLES) -> Path:
    """Write a playbook into a new folder, and return it."""
    folder.mkdir()
    play = {"hosts": hosts, "gather_facts": False, "vars": dict(variables), "tasks": list(map(dict, tasks))}
    playbook = folder / "playbook.yml"
    playbook.write_text(yaml.safe_dump([play], sort_keys=False), encoding="utf-8")
    return playbook


def write_inventory(folder: Path, count: int) -> Path:
    """Write an inventory of so many names for this machine into a folder, and return it."""
    inventory = folder / "inventory.yml"
    local = {"ansible_connection": "local", "ansible_python_interpreter": "{{ ansible_playbook_python }}"}
    hosts = {f"host{number}": None for number in range(count)}
    inventory.write_text(yaml.safe_dump({"all": {"vars": local, "hosts": hosts}}), encoding="utf-8")
    return inventory


def scenarios(url: str, secure_url: str, bundle: Path) -> dict[str, Scenario]:
    """Return every playbook, by its name; where it begins with https, the server speaks TLS.

    :param bundle: the file of the CAs, which the environment names but for one of them
    """
    debug: Task = {"ansible.builtin.debug": {"msg": "nothing"}}
    trusting = {"SSL_CERT_FILE": str(bundle)}
    # Its server is told by itself, as the bundle is.
    option = [_login(secure_url, ca_path=str(bundle))] * CHEAP_TASKS
    return {
        "empty": Scenario([]),
        "assert": Scenario([NOTHING] * CHEAP_TASKS, CHEAP_TASKS),
        "three asserts": Scenario([NOTHING] * 3),
        "debug loop": Scenario([_looped(debug, ITEMS)] * LOOPS, LOOPS * ITEMS),
        **_on_one_server(url, {"ELVIS_SERVER_URL": url}, ""),
        **_on_one_server(secure_url, trusting, "https "),
        "https login, option": Scenario(option, CHEAP_TASKS, is_secure=True),
        "bare login": Scenario(
            [{"bare_login": {"url": url, "user": _user()}}] * CHEAP_TASKS,
            CHEAP_TASKS,
            environment={"ANSIBLE_ACTION_PLUGINS": str(ACTION_PLUGINS)},
        ),
        "nothing": Scenario([NOTHING]),
        "nothing, guarded": Scenario([NOTHING], environment=GUARDED),
    }


def _on_one_server(url: str, environment: Mapping[str, str], prefix: str) -> dict[str, Scenario]:
    """Return what is measured with and without TLS."""
    on_target = {"damops_elvis_execution": "target"}
    dead = {"server_url": url, "auth_method": "bearer", "auth_token": DEAD_TOKEN}
    logout_dead = {"damops.elvis.elvis_logout": {"session": dead}}
    uri_login = {"ansible.builtin.uri": _form(f"{url}/services/apilogin", _user())}
    uri_logout_dead = {"ansible.builtin.uri": _form(f"{url}/services/logout", {}, DEAD_TOKEN)}
    each = {
        "login": Scenario([_login(url)] * CHEAP_TASKS, CHEAP_TASKS),
        "uri": Scenario([uri_login] * DEAR_TASKS, DEAR_TASKS),
        "on target": Scenario([_login(url)] * DEAR_TASKS, DEAR_TASKS, variables=on_target),
        "loop": Scenario([_looped(logout_dead, ITEMS)] * LOOPS, LOOPS * ITEMS),
        "uri loop": Scenario([_looped(uri_logout_dead, DEAR_ITEMS)], DEAR_ITEMS),
        "in and out": Scenario(login_and_logout(url)),
        "in and out, guarded": Scenario(login_and_logout(url), environment=GUARDED),
        "session": Scenario(_session(url)),
    }
    if prefix:
        # The largest, and the same with and without.
        each["hosts"] = Scenario(login_and_logout(url), hosts=HOSTS)
        each["uri hosts"] = Scenario(_in_and_out_by_uri(url), hosts=HOSTS)
    return {
        prefix + name: replace(scenario, environment={**scenario.environment, **environment}, is_secure=bool(prefix))
        for name, scenario in each.items()
    }


def script(url: str, folder: Path) -> Path:
    """Write the shell script that makes the calls of the scenario "session" with curl, and return it."""
    # No secret is an argument, as it is none of a task: other users of the machine see those.
    (folder / "credentials").write_text(f"username={USERNAME}&password={PASSWORD}", encoding="utf-8")
    path = folder / "session.sh"
    path.write_text(
        f"""set -eu
url={shlex.quote(url)}
cd {shlex.quote(str(folder))}
reply=$(curl --silent --show-error --fail --data @credentials "$url/services/apilogin")
token=${{reply#*'"authToken":"'}}
printf 'Authorization: Bearer %s' "${{token%%\\"*}}" > header
curl --silent --show-error --fail --header @header "$url/services/search?q=&num=0" > answer
curl --silent --show-error --fail --header @header --request POST "$url/services/logout" > answer
""",
        encoding="utf-8",
    )
    return path


def _session(url: str) -> list[Task]:
    login, logout = login_and_logout(url)
    search = {"session": "{{ elvis.session }}", "path": "/services/search", "query": {"q": "", "num": 0}}
    return [login, {"damops.elvis.elvis_request": search}, logout]


def login_and_logout(url: str) -> list[Task]:
    """Return the task that registers a login as elvis, and the one that ends its session."""
    return [
        {**_login(url), "register": "elvis"},
        {"damops.elvis.elvis_logout": {"session": "{{ elvis.session }}"}},
    ]


def _in_and_out_by_uri(url: str) -> list[Task]:
    return [
        {"ansible.builtin.uri": _form(f"{url}/services/apilogin", _user()), "register": "elvis"},
        {"ansible.builtin.uri": _form(f"{url}/services/logout", {}, "{{ elvis.json.authToken }}")},
    ]


def _looped(task: Task, items: int) -> Task:
    return {**task, "loop": list(range(items))}


def _login(url: str, **options: str) -> Task:
    return {"damops.elvis.elvis_login": {"server_url": url, **_user(), **options}}


def _user() -> dict[str, str]:
    return {"username": USERNAME, "password": PASSWORD}


def _form(url: str, body: Mapping[str, str], token: str | None = None) -> dict[str, Any]:
    headers = {"headers": {"Authorization": f"Bearer {token}"}} if token else {}
    return {"url": url, "method": "POST", "body_format": "form-urlencoded", "body": dict(body), **headers}
