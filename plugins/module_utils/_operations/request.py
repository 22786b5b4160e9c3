# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Makes one call to a server and judges the answer by Elvis' rules. Private to damops.elvis."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import math
import re
from collections.abc import Collection, Mapping
from typing import Any, NamedTuple

from .._dam.processes import process_id_of, wait_for
from .._dam.search import Listing, read_listing, read_pages
from .._elvis.client import Client, Request
from .._elvis.content import check_file, read_content
from .._elvis.decoding import content_type
from .._elvis.endpoint import parse_endpoint
from .._elvis.fields import encode_fields
from .._elvis.server_url import parse_server_url
from .._elvis.services import SERVICES, SIGNED_ON_REQUEST, UNKNOWN, Service
from .._elvis.session import Session
from .._errors import ElvisError, Reason
from .._files.atomic_file import AtomicFile, SavedFile, atomic_file
from .._http.request import Fields
from .._http.transport import HttpResponse
from .._task.arguments import ArgumentSpec
from .._task.body import read_body
from .._task.call import Call, TaskOptions
from .._task.files import missing_files, multipart_upload
from .._task.operation import Result, session_operation
from .._text import escaped

ANY_SERVER = "http://unknown.invalid"
"""Stands for the server where only the path of a call is looked at."""

ARGUMENTS: ArgumentSpec = {
    "path": {"type": "str", "required": True},
    "method": {"type": "str", "choices": ["GET", "POST", "PUT", "DELETE"], "default": "GET"},
    "query": {"type": "dict"},
    "form": {"type": "dict"},
    "json": {"type": "raw"},
    "body": {"type": "raw"},
    "content_type": {"type": "str"},
    "files": {"type": "dict"},
    "dest": {"type": "path"},
    "paginate": {"type": "bool", "default": False},
    "limit": {"type": "int", "default": 10_000},
    "wait": {"type": "bool", "default": False},
    "wait_timeout": {"type": "float", "default": 600},
}
MUTUALLY_EXCLUSIVE = [("form", "json"), ("files", "json"), *(("body", other) for other in ("form", "json", "files"))]
NULL_NEEDS_BODY = [("json", None, ["body"])]
"""To Ansible a null is an option that was not given, so a body that is nothing but null would be left out unsaid."""

SECRET_HEADERS = frozenset({"authorization", "proxy-authorization", "set-cookie", "set-cookie2", "x-csrf-token"})
OUTCOME_UNKNOWN = "Look in Elvis before you run the task again: it would send the call once more."
NAMING = ("source", "target", "path", "folderPath", "assetPath", "id", "ids")
"""Parameters that name what a call is about."""
LONGEST_NAMED = 200
"""Characters of such a value in a message. No longer one is cut off: the end of a secret would not be found."""
NO_SUCH_SERVICE = (
    "This collection does not know that service either. Compare path with the pages of the server's version, and check"
    " whether this user may see what the call is about."
)


_PAGED = ", ".join(service.path for service in SERVICES if service.paging)


class _Plan(NamedTuple):
    """What a task wants, known to make sense.

    :param listing: which hits are wanted of an answer that is read to its end
    :param wait: the seconds to wait for a process that the call starts, None not to wait
    """

    request: Request
    service: Service
    only_reads: bool
    listing: Listing | None
    wait: float | None


class _Outcome(NamedTuple):
    """What came of a call; ``found_all_done`` tells that there was nothing left for it to change."""

    reply: HttpResponse
    body: Any
    kept: SavedFile | None = None
    found_all_done: bool = False


def run(call: Call) -> Result:
    """Make the call; in check mode only when it reads."""
    session, client = call.opened
    plan = _read_plan(call, session)
    with _draft(call) as draft:
        if call.check_mode and not plan.only_reads:
            return _unsent(plan, session, draft)
        outcome = _make(client, plan, draft, call)
    _warn_of_errors(outcome.body, call)
    return _result(outcome, plan, client)


def _simulate(call: Call) -> Result:
    session = call.opened.session
    plan = _read_plan(call, session)
    with _draft(call) as draft:
        return _unsent(plan, session, draft)


def _secret_names(options: TaskOptions) -> Collection[str]:
    session = options.get("session")
    of_session = session.get("server_url") if isinstance(session, Mapping) else None
    server_url = of_session or options.get("server_url") or ANY_SERVER
    try:
        path, method = str(options.get("path")), str(options.get("method"))
        service = parse_endpoint(path, parse_server_url(str(server_url)), method).service
        return service.secrets_in(is_signed=_asks_for_signed(options))
    except ElvisError:
        # What is wrong is said when the call is to be made.
        return ()


def _asks_for_signed(options: TaskOptions) -> bool:
    """Tell whether a task asks for addresses that need no login, in whatever way it gives its parameters."""
    given = (_value_of(SIGNED_ON_REQUEST, options.get(name)) for name in ("path", "query", "form", "json", "body"))
    return any(value.casefold() not in ("", "false", "no", "off", "0", "none", "null") for value in given)


def _value_of(name: str, parameters: Any) -> str:
    """Return the value of a parameter in data or in a text, as a text; empty when it is not there."""
    if isinstance(parameters, Mapping):
        return next((str(value) for key, value in parameters.items() if str(key).casefold() == name.casefold()), "")
    found = re.search(rf"{name}\W+(\w+)", parameters, re.IGNORECASE) if isinstance(parameters, str) else None
    return found[1] if found else ""


OPERATION = session_operation(
    ARGUMENTS,
    run,
    _simulate,
    constraints={"mutually_exclusive": MUTUALLY_EXCLUSIVE, "required_if": NULL_NEEDS_BODY},
    secret_names=_secret_names,
)


def _draft(call: Call) -> contextlib.AbstractContextManager[AtomicFile | None]:
    dest = call.options["dest"]
    return atomic_file(dest, only_compare=call.check_mode) if dest else contextlib.nullcontext()


def _read_plan(call: Call, session: Session) -> _Plan:
    options = call.options
    method = options["method"]
    endpoint = parse_endpoint(options["path"], session.server_url, method)
    _check_options(options, endpoint.service)
    query = endpoint.query + encode_fields("query", options["query"] or {})
    form = encode_fields("form", options["form"] or {})
    files = options["files"] or {}
    missing = missing_files(files) if call.check_mode else []
    for path in missing:
        call.warn(f"{path} is not there: a run without check mode needs it.")
    only_reads = method in endpoint.service.reads
    named = call.opened.client.without_secrets(_named([*query, *form]))
    request = Request(
        "make the call",
        method,
        endpoint.path,
        query=query,
        form=form if method != "GET" else None,
        content=read_body(options),
        upload=multipart_upload(files, form) if files and not missing else None,
        accept="application/json, */*;q=0.8",
        repeatable=only_reads,
        advice={} if endpoint.service is not UNKNOWN else {"not_found": NO_SUCH_SERVICE},
        outcome_unknown="" if only_reads else f"Nobody knows whether the server did it{named}. {OUTCOME_UNKNOWN}",
    )
    listing = None
    if options["paginate"] and endpoint.service.paging:
        listing = read_listing(request, endpoint.service.paging, [*query, *form], options["limit"])
    return _Plan(request, endpoint.service, only_reads, listing, options["wait_timeout"] if options["wait"] else None)


def _named(parameters: Fields) -> str:
    """Return the words for what a call is about, as far as its parameters tell."""
    named = ", ".join(
        f"{name} {escaped(value)}" for name, value in parameters if name in NAMING and len(value) <= LONGEST_NAMED
    )
    return f" ({named})" if named else ""


def _check_options(options: TaskOptions, service: Service) -> None:
    given = {name for name in ("form", "files", "dest", "paginate", "wait") if options[name]}
    given |= {name for name in ("json", "body") if options[name] is not None}
    in_body = {"form", "json", "body", "files"}
    method = options["method"]
    mistakes = (
        (method == "GET" and given & in_body, "form, json, body and files need method: POST or PUT"),
        (method == "DELETE" and "files" in given, "files needs method: POST or PUT"),
        (
            "paginate" in given and (service.paging is None or method not in service.reads),
            f"paginate is for what answers page by page, by GET or POST: {_PAGED}",
        ),
        (
            "paginate" in given and given & {"json", "body", "files", "wait"},
            "paginate can't be used with json, body, files or wait",
        ),
        ({"wait", "dest"} <= given, "wait can't be used with dest: what starts a process returns no file"),
        (not 0 < options["wait_timeout"] < math.inf, "wait_timeout must be more than 0, and a number of seconds"),
    )
    for is_made, mistake in mistakes:
        if is_made:
            raise ElvisError(f"{mistake}.", "bad_request")


def _make(client: Client, plan: _Plan, draft: AtomicFile | None, call: Call) -> _Outcome:
    if plan.listing:
        return _read_all(client, plan.listing, draft, call)
    if draft:
        return _fetch(client, plan, draft)
    return _ask(client, plan, call)


def _ask(client: Client, plan: _Plan, call: Call) -> _Outcome:
    def read(reply: HttpResponse) -> _Outcome:
        body = client.without_secrets(read_content(reply))
        return _Outcome(reply, body, found_all_done=_found_all_done(plan.service, reply, body))

    outcome = client.call(plan.request, read)
    if plan.wait is None:
        return outcome
    process_id = process_id_of(outcome.body)
    if process_id is None:
        if isinstance(outcome.body, dict) and outcome.body.get("processId") is not None:
            call.warn("Nothing was waited for: the processId that the server returned is not an id.")
        return outcome
    status = wait_for(client, process_id, plan.wait, call.tell)
    return _Outcome(status.reply, status.answer)


def _found_all_done(service: Service, reply: HttpResponse, answer: Any) -> bool:
    return service.judge is not None and not service.judge(reply, answer)


def _fetch(client: Client, plan: _Plan, draft: AtomicFile) -> _Outcome:
    request = plan.request

    def keep(reply: HttpResponse) -> _Outcome:
        answer = check_file(reply, request.path)
        found_all_done = _found_all_done(plan.service, reply, answer)
        return _Outcome(reply, None, draft.keep(), found_all_done)

    advice: dict[Reason, str] = {
        "bad_response": f"{draft.place} was left as it was. Check the server, and any proxy in front of it."
    }
    return client.call(dataclasses.replace(request, save=draft.fill, advice=advice), keep)


def _read_all(client: Client, listing: Listing, draft: AtomicFile | None, call: Call) -> _Outcome:
    """Read all hits, into a file as one JSON object a line where there is one."""
    hits: list[Any] = []
    count = 0
    with client.judging(listing.request):
        for page in read_pages(client, listing):
            count += len(page.hits)
            call.tell(f"Read {count} of {page.total} hits")
            if draft:
                draft.write(b"".join(json.dumps(hit).encode() + b"\n" for hit in page.hits))
            else:
                hits += page.hits
        body = {listing.paging.total: page.total, **({} if draft else {listing.paging.items: hits})}
        return _Outcome(page.reply, body, draft.keep() if draft else None)


def _result(outcome: _Outcome, plan: _Plan, client: Client) -> Result:
    reply, kept = outcome.reply, outcome.kept
    headers = {name.lower(): value for name, value in reply.headers.items()}
    shown = {name: value for name, value in headers.items() if name not in SECRET_HEADERS}
    of_file = kept._asdict() if kept else {"changed": False}
    return {
        **of_file,
        "changed": not (plan.only_reads or outcome.found_all_done) or of_file["changed"],
        "msg": f"{plan.request.method} {client.server_url}{plan.request.path}: HTTP {reply.status}.",
        "status": reply.status,
        "body": outcome.body,
        "content_type": client.without_secrets(content_type(reply)[0]) or None,
        "response_headers": client.without_secrets(shown),
    }


def _unsent(plan: _Plan, session: Session, draft: AtomicFile | None) -> Result:
    call = f"{plan.request.method} {session.server_url}{plan.request.path}"
    return {
        "changed": not plan.only_reads or (draft is not None and not draft.place.exists()),
        "msg": f"Check mode: nothing was sent; would call {call}.",
        **dict.fromkeys(("status", "body", "content_type", "response_headers")),
    }


def _warn_of_errors(body: Any, call: Call) -> None:
    """Tell of a call on many assets that failed for some of them: for Elvis that is not an error."""
    count = body.get("errorCount") if isinstance(body, dict) else None
    if isinstance(count, int) and count > 0:
        call.warn(f"The server failed for {count} of the assets (errorCount).")
