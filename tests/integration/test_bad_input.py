# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What can't work is refused before anything is sent, in words that say what to do and hold no secret.

A row for each kind: what Ansible's own validation says, what an operation says, and what holds a secret. Every single
mistake is a row of the unit tests.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from tests.integration.support import Ansible, Run
from tests.support.emulator import Emulator, start_emulator

pytestmark = pytest.mark.same_everywhere

PASSWORD = "looking-glass-password"
TOKEN = "looking-glass-token"
SECRETS = (PASSWORD, TOKEN)


def encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


CRED = encoded(f"alice:{PASSWORD}")


@dataclass(frozen=True)
class Row:
    """Options, where URL stands for the server; what the message says; the reason, where it isn't bad input itself."""

    options: dict[str, Any]
    says: str
    reason: str = "bad_request"


ALICE = {"username": "alice", "password": PASSWORD}
LOGIN = {"server_url": "URL", **ALICE}
BEARER = {"server_url": "URL", "auth_method": "bearer", "auth_token": TOKEN}
COOKIE = {
    "server_url": "URL",
    "auth_method": "cookie",
    "auth_token": TOKEN,
    "cookie": f"authToken={TOKEN}",
    "csrf_token": TOKEN,
}


NOWHERE_BY_TLS = {"server_url": "https://127.0.0.1:9"}
"""What is in a file of certificates is looked at only where TLS is spoken."""

LOGINS = {
    "no_server": Row(ALICE, "server_url"),
    "server_with_user": Row(LOGIN | {"server_url": f"http://alice:{PASSWORD}@127.0.0.1"}, "must not hold a user"),
    "server_with_query": Row(LOGIN | {"server_url": f"http://127.0.0.1/?a={TOKEN}"}, "must not have a query"),
    "server_with_line_break": Row(LOGIN | {"server_url": "URL\n"}, "Give the address of the Elvis server"),
    "no_credentials": Row({"server_url": "URL"}, "ELVIS_USERNAME and ELVIS_PASSWORD, or ELVIS_CRED"),
    "two_passwords": Row(LOGIN | {"cred": encoded(f"alice:{TOKEN}")}, "make them agree"),
    "cred_not_base64": Row({"server_url": "URL", "cred": f"alice:{PASSWORD}"}, "base64 of user:password"),
    "cred_without_user": Row({"server_url": "URL", "cred": encoded(f":{PASSWORD}")}, "with both parts"),
    "method_unknown": Row(LOGIN | {"auth_method": "basic"}, "bearer, cookie"),
    "client_type_without_api": Row(LOGIN | {"auth_method": "cookie", "client_type": "ops"}, "must start with api_"),
    "client_type_of_session": Row(LOGIN | {"client_type": "api_ops"}, "client_type can't be used with auth_method"),
    "option_unknown": Row(LOGIN | {"passwort": PASSWORD}, "Did you mean password?"),
    "ca_missing": Row(LOGIN | {"ca_path": "/nowhere/ca.pem"}, "ca_path /nowhere/ca.pem can't be read", "tls"),
    "ca_not_pem": Row(LOGIN | NOWHERE_BY_TLS | {"ca_path": "NOT_PEM"}, "can't be used", "tls"),
    "proxy_without_host": Row(LOGIN | {"proxy": f"http://:{PASSWORD}@"}, "Give one like http://proxy.example.com"),
    "timeout_zero": Row(LOGIN | {"timeout": 0}, "timeout must be more than 0"),
    "timeout_not_a_number": Row(LOGIN | {"timeout": "soon"}, "timeout"),
    "agent_with_line_break": Row(LOGIN | {"http_agent": f"ops\r\nX-Token: {TOKEN}"}, "http_agent"),
}

LOGOUTS = {
    "nothing": Row({}, "Pass on what elvis_login returned"),
    "both": Row({"session": BEARER, "auth_token": TOKEN}, "mutually exclusive"),
    "token_with_line_break": Row({"server_url": "URL", "auth_token": f"{TOKEN}\r\nX-Evil: 1"}, "line break"),
    "token_is_a_session": Row({"server_url": "URL", "auth_token": BEARER}, "auth_token"),
    "session_with_unknown_method": Row({"session": BEARER | {"auth_method": "basic"}}, "bearer, cookie"),
    "session_with_unknown_key": Row({"session": BEARER | {"auth_tokn": TOKEN}}, "Did you mean session.auth_token?"),
    "session_with_bad_cookie": Row({"session": COOKIE | {"cookie": f"a={TOKEN}\r\nX: 1"}}, "cookie has a line break"),
    "session_with_token_of_a_wrong_type": Row({"session": BEARER | {"auth_token": [TOKEN]}}, "auth_token"),
    "session_with_simulated_of_a_wrong_type": Row({"session": BEARER | {"simulated": "maybe"}}, "simulated"),
    "session_is_all_that_the_login_returned": Row(
        {"session": {"changed": True, "headers": {}, "session": BEARER}}, "session has the whole result of the login"
    ),
    "session_is_a_list": Row({"session": [TOKEN]}, "dictionary requested"),
    "session_is_a_text": Row({"session": TOKEN}, "ansible-doc damops.elvis.elvis_logout"),
    "session_simulated": Row({"session": BEARER | {"simulated": True}}, "Run the login without check mode"),
    "url_of_redirect": Row({"session": BEARER, "logout_success_url": "/goodbye"}, "is for mode: redirect only"),
    "mode_unknown": Row({"session": BEARER, "mode": "browser"}, "service, redirect"),
}

REQUESTS = {
    # As a template that has no value does.
    "json_null": Row(
        {"session": BEARER, "path": "services/search", "method": "POST", "json": None}, "Null alone sends nothing"
    ),
}

TABLES = {"elvis_login": LOGINS, "elvis_logout": LOGOUTS, "elvis_request": REQUESTS}

CASES = [(module, name) for module, rows in TABLES.items() for name in rows]


@pytest.fixture(scope="module")
def server() -> Iterator[Emulator]:
    with start_emulator() as emulator:
        yield emulator


@pytest.fixture(scope="module")
def runs(ansible: Ansible, server: Emulator, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Run]:
    not_pem = tmp_path_factory.mktemp("files") / "not.pem"
    not_pem.write_text("This is no certificate.\n", encoding="utf-8")

    def real(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: real(item) for key, item in value.items()}
        if isinstance(value, str):
            return value.replace("URL", server.url).replace("NOT_PEM", str(not_pem))
        return value

    return {
        module: ansible.table(module, {name: real(row.options) for name, row in rows.items()}, "-vvv")
        for module, rows in TABLES.items()
    }


@pytest.mark.parametrize(("module", "name"), CASES)
def test_says_what_to_do(module: str, name: str, runs: dict[str, Run]) -> None:
    row, result = TABLES[module][name], runs[module].results[name]

    assert (result["failed"], result["changed"]) == (True, False)
    assert (result["reason"], result["status"], result["elvis_error"]) == (row.reason, None, None)
    assert row.says in result["msg"]


@pytest.mark.parametrize("module", TABLES)
@pytest.mark.parametrize("secret", [*SECRETS, CRED, encoded(PASSWORD)])
def test_shows_no_secret(module: str, secret: str, runs: dict[str, Run]) -> None:
    assert secret not in runs[module].output


@pytest.mark.usefixtures("runs")
def test_sends_nothing(server: Emulator) -> None:
    assert (server.connections(), server.requests()) == (0, [])
