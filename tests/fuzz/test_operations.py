# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whole operations against a server that answers anything: a result, or an error of a known reason, and no secret."""

from __future__ import annotations

import base64
import json
import tempfile
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, get_args
from urllib.parse import quote, urlsplit

import pytest
from hypothesis import given, strategies as st

from ansible_collections.damops.elvis.plugins.module_utils._dam import index_lag
from ansible_collections.damops.elvis.plugins.module_utils._elvis import response
from ansible_collections.damops.elvis.plugins.module_utils._elvis.session import is_token
from ansible_collections.damops.elvis.plugins.module_utils._errors import ElvisError, Reason
from ansible_collections.damops.elvis.plugins.module_utils._operations import (
    asset_info,
    download,
    folder,
    login,
    logout,
    metadata,
    request,
    session_info,
    upload,
    webhook,
)
from ansible_collections.damops.elvis.plugins.module_utils._task.operation import Operation
from tests.fuzz.puppet import Puppet
from tests.fuzz.strategies import ECHO, MARK, HttpResponse, Nonsense, echoes, passwords, replies, short_secrets, tokens
from tests.support.answers import bearer_grant, cookie_grant
from tests.support.operations import run

TRIES = 2
REASONS = set(get_args(Reason)) - {"internal", "missing_library"}
MOST_REQUESTS = {
    "/services/login": 1,
    "/services/apilogin": 1,
    "/services/logout": TRIES,
    "/services/profile": TRIES,
    "/services/ping": TRIES,
    "/logout": TRIES,
    # Before and after a logout, and to verify it.
    "/services/search": 3 * TRIES,
    "/services/update": 1,
    # Each is sent again only after a look that shows that it was not done.
    **dict.fromkeys(("/services/create", "/services/updatebulk", "/services/remove"), TRIES),
    **dict.fromkeys(("/services/browse", "/services/createFolder"), 4 * TRIES),
    "/services/admin/webhook": 1 + TRIES,
    "/services/admin/webhook/w1": 1,
    "/services/process/info": 3 * TRIES,
}

Echo = Callable[[str], str]
Script = list[HttpResponse | Nonsense]
methods = st.sampled_from(["bearer", "cookie"])
scripts = st.lists(replies, min_size=1, max_size=4)


class Stage:
    """What plays an operation, and looks at what comes of it."""

    def __init__(self, puppet: Puppet, stranger: Puppet) -> None:
        self._puppet = puppet
        self._stranger = stranger

    def play(
        self, operation: Operation, secret: str, echo: Echo, script: Sequence[HttpResponse | Nonsense], **options: Any
    ) -> dict[str, Any] | ElvisError:
        """Run an operation with a secret that the server repeats in its own way."""
        self._puppet.play(*(reply.filled(echo(secret), self._stranger.url) for reply in script))
        try:
            outcome: dict[str, Any] | ElvisError = run(operation, timeout=8, retries=TRIES - 1, **options)
        except ElvisError as error:
            outcome = error
            self._look_at(error, secret)
        finally:
            assert self._stranger.connections == 0
            asked = Counter(urlsplit(request.path).path for request in self._puppet.requests)
            # Where files are is for the server to say.
            assert all(count <= MOST_REQUESTS.get(path, TRIES) for path, count in asked.items()), asked
            # A webhook that lacks its name is removed again, by the id in that reply.
            known = (*MOST_REQUESTS, "/services/admin/webhook/")
            assert all(path.startswith(known) for path in asked if path.startswith("/services/")), asked
        return outcome

    def _look_at(self, error: ElvisError, secret: str) -> None:
        assert error.reason in REASONS, error.message
        shown = " ".join([error.message, *map(str, (error.elvis_error or {}).values())])
        shown.encode()
        assert len(error.message) < 3000
        assert MARK.lower() not in shown.lower()
        assert base64.b64encode(secret.encode()).decode() not in shown


@pytest.fixture(scope="session")
def stage(puppet: Puppet, stranger: Puppet) -> Stage:
    return Stage(puppet, stranger)


@given(passwords, echoes, scripts, methods, st.booleans(), st.booleans())
def test_a_login(
    stage: Stage,
    puppet: Puppet,
    secret: str,
    echo: Echo,
    script: Script,
    auth_method: str,
    granted: bool,
    by_proxy: bool,
) -> None:
    # Often what comes after a login that was granted is what counts.
    grant = Nonsense({"bearer": bearer_grant(), "cookie": cookie_grant()}[auth_method])
    proxy = f"http://alice:{quote(secret, safe='')}@{urlsplit(puppet.url).netloc}" if by_proxy else None
    outcome = stage.play(
        login.OPERATION,
        secret,
        echo,
        [grant, *script] if granted else script,
        server_url="http://dam.example.com" if by_proxy else puppet.url,
        auth_method=auth_method,
        username="alice",
        password=secret,
        return_profile=True,
        proxy=proxy,
    )
    if isinstance(outcome, dict):
        assert all(line.isascii() and line.isprintable() for line in outcome["headers"].values())


def _session(url: str, secret: str, auth_method: str) -> dict[str, Any]:
    proofs = {
        "bearer": {"auth_token": secret},
        "cookie": {"cookie": f"authToken={secret}; AWSELB=balancer", "csrf_token": f"c{secret}"},
    }
    return {"server_url": url, "auth_method": auth_method, **proofs[auth_method]}


def _check_result(outcome: dict[str, Any] | ElvisError, secret: str) -> None:
    if isinstance(outcome, dict):
        assert json.dumps(secret)[1:-1].lower() not in json.dumps(outcome).lower()


@given(tokens, echoes, scripts, methods, st.sampled_from(["service", "redirect"]), st.booleans())
def test_a_logout(
    stage: Stage, puppet: Puppet, secret: str, echo: Echo, script: Script, auth_method: str, mode: str, verify: bool
) -> None:
    session = _session(puppet.url, secret, auth_method)
    outcome = stage.play(logout.OPERATION, secret, echo, script, session=session, mode=mode, verify=verify)
    assert isinstance(outcome, ElvisError) or outcome["logout_success"] in (True, None)


@given(tokens, echoes, scripts, methods, st.booleans())
def test_a_look_at_a_session(
    stage: Stage, puppet: Puppet, secret: str, echo: Echo, script: Script, auth_method: str, ping: bool
) -> None:
    session = _session(puppet.url, secret, auth_method)
    # A ping shows no session, so there is nothing to repeat.
    known = (lambda _secret: "") if ping else echo
    outcome = stage.play(session_info.OPERATION, secret, known, script, session=session, ping=ping)
    _check_result(outcome, secret)


CALLS: dict[str, dict[str, Any]] = {
    "a read": {"path": "services/search"},
    "a read by POST": {"path": "services/search", "method": "POST", "form": {"q": "*"}},
    "a write": {"path": "services/update", "method": "POST", "form": {"id": "x"}},
    "all of a search": {"path": "services/search", "paginate": True, "query": {"num": 1}, "limit": 5},
    "a process": {"path": "services/update", "method": "POST", "wait": True, "wait_timeout": 0.001},
}


@given(tokens, echoes, scripts, methods, st.sampled_from(list(CALLS.values())), st.booleans())
def test_a_call(
    stage: Stage,
    puppet: Puppet,
    secret: str,
    echo: Echo,
    script: Script,
    auth_method: str,
    call: dict[str, Any],
    kept: bool,
) -> None:
    session = _session(puppet.url, secret, auth_method)
    with tempfile.TemporaryDirectory() as folder:
        dest = {"dest": str(Path(folder, "kept"))} if kept and not call.get("wait") else {}
        outcome = stage.play(request.OPERATION, secret, echo, script, session=session, **call, **dest)
        assert {path.name for path in Path(folder).iterdir()} <= {"kept"}
    _check_result(outcome, secret)


# How far a process is counts as data, which is shown.
def _good(answer: Any) -> HttpResponse:
    return HttpResponse(200, [], answer, is_json=True, tells_length=True)


HIT = {
    "id": "a1",
    "originalUrl": "/file/a1",
    "metadata": {"assetPath": "/Z/in/a.jpg", "status": ECHO, "tags": [ECHO], "gtin": "a", "versionNumber": 1},
}
FOUND, NOTHING = (_good({"totalHits": len(hits), "hits": hits}) for hits in ([HIT], []))
NO_ENTRIES, ZONE, IN_ZONE = (
    _good([{"name": path, "assetPath": path, "directory": True} for path in paths])
    for paths in ((), ("/Z", f"/{ECHO}"), ("/Z/in", f"/Z/{ECHO}"))
)
PING = _good({"available": True, "version": "6.107.0"})
HOOK = _good([{"id": "w1", "name": "x", "url": f"https://eda.example.com/{ECHO}", "eventTypes": [ECHO]}])

WORKS: dict[str, tuple[Operation, dict[str, Any], Script]] = {
    "folders": (folder.OPERATION, {"path": ["/Z/in"]}, [NO_ENTRIES, ZONE, NOTHING]),
    "no folders": (
        folder.OPERATION,
        {"path": ["/Z/in"], "state": "absent", "recursive": True},
        [IN_ZONE, FOUND, IN_ZONE],
    ),
    "a list": (asset_info.OPERATION, {"ids": ["a1"], "fields": ["status", "id"]}, [FOUND]),
    "a report": (
        asset_info.OPERATION,
        {"query": "x", "fields": ["status", "tags"], "dest": "{folder}/report.csv"},
        [FOUND],
    ),
    "rows": (metadata.OPERATION, {"assets": [{"id": "a1", "metadata": {"status": "New"}}]}, [FOUND, _good([HIT])]),
    "a new file": (
        upload.OPERATION,
        {"src": ["{folder}/a.jpg"], "path": "/Z/in", "uploaded": "remove"},
        [PING, IN_ZONE, NOTHING, NO_ENTRIES],
    ),
    "another file": (
        upload.OPERATION,
        {"src": ["{folder}/a.jpg"], "path": "/Z/in", "metadata": {"status": "New"}, "metadata_on": "always"},
        [PING, IN_ZONE, FOUND],
    ),
    "a matched file": (
        upload.OPERATION,
        {"src": ["{folder}/a.jpg"], "path": "/Z/in", "match": {"field": "gtin", "pattern": "^(a)"}},
        [PING, IN_ZONE, FOUND],
    ),
    "a download": (download.OPERATION, {"ids": ["a1"], "dest": "{folder}/dest"}, [FOUND]),
    "a webhook": (
        webhook.OPERATION,
        {"name": "x", "url": "https://eda.example.com/", "event_types": []},
        [HOOK],
    ),
    "a new webhook": (
        webhook.OPERATION,
        {"name": "x", "url": "https://a.example.com/", "event_types": []},
        [NO_ENTRIES],
    ),
}


@pytest.mark.parametrize("name", WORKS)
@given(tokens, echoes, scripts, methods, st.integers(0, 4))
def test_work(
    stage: Stage,
    puppet: Puppet,
    name: str,
    secret: str,
    echo: Echo,
    script: Script,
    auth_method: str,
    good: int,
) -> None:
    operation, given_options, answers = WORKS[name]
    session = _session(puppet.url, secret, auth_method)
    with tempfile.TemporaryDirectory() as place, pytest.MonkeyPatch.context() as patch:
        patch.setattr(index_lag, "INDEX_LAG", 0)
        patch.setattr(index_lag, "FIRST_LOOK", 0.001)
        patch.setattr(response, "SHORTEST_HOLD", 0.001)
        Path(place, "a.jpg").write_text("content", encoding="utf-8")
        options = json.loads(json.dumps(given_options).replace("{folder}", place))
        short = {"process_timeout": 1, "index_wait": 0.01}
        many = {name: seconds for name, seconds in short.items() if name in operation.argument_spec}
        patch.setitem(MOST_REQUESTS, "/services/search", 1000)
        patch.setitem(MOST_REQUESTS, "/services/ping", 1000)
        patch.setitem(MOST_REQUESTS, "/services/browse", 1000)
        # Often what comes after answers as they should be is what counts.
        outcome = stage.play(operation, secret, echo, [*answers[:good], *script], session=session, **options, **many)
        assert {path.name for path in Path(place).iterdir()} <= {"a.jpg", "dest", "report.csv"}
    _check_result(outcome, secret)


@given(short_secrets, scripts, methods, st.sampled_from([call for call in CALLS.values() if "wait" not in call]))
def test_next_to_a_short_secret_no_words_are_shown(
    stage: Stage, puppet: Puppet, secret: str, script: Script, auth_method: str, call: dict[str, Any]
) -> None:
    if not is_token(secret):
        secret = "x"
    for operation, options in (
        (login.OPERATION, {"server_url": puppet.url, "username": "alice", "password": secret}),
        (request.OPERATION, {"session": _session(puppet.url, secret, auth_method), **call}),
    ):
        # What is found in no message is the mark, which the server puts wherever it puts words.
        stage.play(operation, MARK, str, script, **options)
