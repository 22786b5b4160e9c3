# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""From an HTTP request to a reply: paths, sessions, errors, the log."""

from __future__ import annotations

import logging
import re
import tempfile
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote

from aiohttp import HttpVersion11, web

from . import unknowns
from .events.entry import Actor
from .events.journal import ACTOR, NOBODY, Journal
from .events.webhooks import Webhooks
from .options import Options
from .page.observer import ROOT, LogEntry, Observer
from .processes import Processes
from .routes import Needs, Route, find_route
from .seed import load
from .server import Call, Server
from .state.database import NotAStateError
from .state.keeper import Keeper
from .store.files import Files
from .store.names import Names
from .store.relations import Relations
from .store.store import Store, now_ms
from .unkind.fates import Fates
from .unkind.gateway import Gateway
from .users.accounts import Accounts
from .users.secrets import RequestSecrets
from .users.sessions import Session, Sessions, auth_cookie
from .web.body import read_body
from .web.carriers import has_csrf_token, shown_by
from .web.distance import Distance
from .web.errors import (
    ElvisError,
    NotModelledError,
    bad_request,
    error_reply,
    not_logged_in,
    wrong_csrf_token,
)
from .web.nodes import Balancer
from .web.parameters import Parameters, query_pairs

_LOG = logging.getLogger("emulator")

NOT_MODELLED = "Not modelled, answered with 404"
MAX_NAMED_CALLS = 100
MAX_SHOWN = 200


class Visit(NamedTuple):
    """Where a request landed, and the cookies that its reply sets on top of its own."""

    node: int
    cookies: list[str]


class App:
    """One emulated server, without the network."""

    def __init__(self, options: Options) -> None:
        self._folder = None if options.data else tempfile.TemporaryDirectory(prefix="elvis-emulator-")
        self._files = options.data / "files" if options.data else Path(self._folder.name if self._folder else "")
        self._files.mkdir(parents=True, exist_ok=True)
        shared = options.node_sessions == "shared"
        sessions = Sessions(options.idle_timeout, options.token_lifetime, options.seats, shared=shared)
        self._gateway = Gateway(options.unkindness, Fates(options.unkindness.seed))
        files, journal = Files(self._files, keeps_dropped=options.data is not None), Journal()
        store = Store(files, options.store_rules, self._gateway.fates, options.nodes)
        webhooks = Webhooks(options.webhook_attempts, options.webhook_pause)
        store.listen(journal.happened)
        journal.listen(webhooks.happened)
        self._server = Server(
            options=options,
            accounts=Accounts(options.users, options.superuser, options.lockout),
            sessions=sessions,
            store=store,
            processes=Processes(),
            names=Names(removes=options.invalid_names == "removed"),
            secrets=RequestSecrets(),
            journal=journal,
            webhooks=webhooks,
            spool=self._files,
            relations=Relations(store.index_delays),
        )
        store.listen(self._server.relations.happened)
        self._distance = Distance(options.latency)
        self._balancer = Balancer(options.nodes)
        self._keeper = Keeper(self._server, options.data) if options.data else None
        if options.load:
            self._load(options.load)
        self.observer = Observer(self._server)
        self._unknown_calls = UnknownCalls()

    def _load(self, source: Path) -> None:
        if self._keeper and not self._keeper.is_new:
            raise NotAStateError(f"{self._server.options.data} has assets already, which --load would mix with others")
        load(self._server, source)
        if self._keeper:
            self._keeper.put_everything()

    def close(self) -> None:
        """Stop background work and delete every file that is not to be kept."""
        self._server.processes.cancel_all()
        self._server.webhooks.close()
        if self._keeper:
            self._keeper.close()
        self._server.store.close()
        self._server.journal.close()
        if self._folder:
            self._folder.cleanup()

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        """Answer any request; this never fails, so that no client ever sees a 500."""
        path = _clean(request.rel_url.raw_path)
        if path == ROOT or path.startswith(f"{ROOT}/"):
            self.observer.connections.observer_asked(request.protocol)
            return self.observer.answer(request.method, path)
        self.observer.connections.client_asked(request.protocol)
        # A connection may have had another user's request before.
        ACTOR.set(NOBODY)
        await self._distance.cover()
        parameters = Parameters()
        node, sticky = self._balancer.choose(request.headers.get("Cookie", ""))
        visit = Visit(node, [sticky] if sticky else [])
        try:
            reply, error = await self._reply(request, path, parameters, visit)
        finally:
            parameters.discard_uploads()
        if self._keeper:
            self._keeper.flush()
        for cookie in visit.cookies:
            reply.headers.add("Set-Cookie", cookie)
        self._note(request, parameters, reply.status, error, node)
        return reply

    async def _reply(
        self, request: web.BaseRequest, path: str, parameters: Parameters, visit: Visit
    ) -> tuple[web.StreamResponse, ElvisError | None]:
        """Return a reply, and the failure that it tells of."""
        prefix = self._server.options.prefix
        if prefix and not path.startswith(f"{prefix}/"):
            # Outside the prefix it is a proxy that answers, in HTML.
            return web.Response(status=404, text="<html><body>Not found</body></html>", content_type="text/html"), None
        path = path.removeprefix(prefix)
        try:
            return await self._answer(request, path, parameters, visit), None
        except ElvisError as failure:
            error = failure
        except Exception:  # noqa: BLE001 - whatever it is, the client must not see it
            # A fault of this server, or something a client sent that nobody thought of: told on stderr, not by a 500.
            _LOG.exception("Unexpected failure of %s %s", request.method, path)
            error = bad_request("The request can't be understood")
        return error_reply(error, self._hides_errors(path)), error

    async def _answer(
        self, request: web.BaseRequest, path: str, parameters: Parameters, visit: Visit
    ) -> web.StreamResponse:
        await _let_client_continue(request)
        parameters.query.extend(query_pairs(request.rel_url.raw_query_string))
        await read_body(request, parameters, self._files)
        route, variables = find_route(request.method, path)
        parameters.known = route.json_keys
        if parameters.is_json and request.content_type == "application/json":
            # A handler that does not read it would not refuse its unknown keys.
            parameters.json_body()
        session = self._session_for(route, request, visit)
        user, client_type = (session.user, session.client_type) if session else ("", "")
        ACTOR.set(Actor(user, client_type, request.remote or ""))
        call = Call(self._server, request, variables, parameters, session, visit.node)
        return self._gateway.refuse(call, path) or self._gateway.reply(call, path, route.handler(call))

    def _session_for(self, route: Route, request: web.BaseRequest, visit: Visit) -> Session | None:
        """Return the session of a request; raise an error when it is not what the route needs."""
        for shown in shown_by(request.headers):
            session = self._server.sessions.use(shown.token, visit.node)
            if session is None:
                continue
            wants_token = route.needs in (Needs.CSRF_TOKEN, Needs.CSRF_TOKEN_OR_SECRET) and shown.carrier == "cookie"
            if wants_token and not has_csrf_token(session, request.headers):
                raise wrong_csrf_token(self._server.options.csrf_error)
            if shown.carrier == "cookie":
                self._renew(session, visit)
            return session
        if route.needs in (Needs.NOTHING, Needs.CSRF_TOKEN_OR_SECRET):
            return None
        raise not_logged_in()

    def _renew(self, session: Session, visit: Visit) -> None:
        every = self._server.options.renew_cookie
        session.cookie_calls += 1
        if every and session.cookie_calls % every == 0:
            self._server.sessions.renew(session)
            visit.cookies.append(auth_cookie(session))

    def _hides_errors(self, path: str) -> bool:
        return self._server.options.errors == "ok" and path.startswith(unknowns.HIDES_ERRORS)

    def _note(
        self, request: web.BaseRequest, parameters: Parameters, status: int, error: ElvisError | None, node: int
    ) -> None:
        query, form = parameters.names()
        # A path may hold a session id after a semicolon.
        path = re.sub(r"(;|%3b)[^/]*", "", request.rel_url.raw_path, flags=re.IGNORECASE)
        carrier = next((shown.carrier for shown in shown_by(request.headers)), None)
        headers = list(request.headers)
        modelled = not isinstance(error, NotModelledError)
        if not modelled:
            self._unknown_calls.note(request.method, path)
        code = error.code if error else None
        names = query, form, headers, carrier
        self.observer.note(
            LogEntry(now_ms(), ACTOR.get().user, request.method, path, *names, status, code, modelled, node)
        )


class UnknownCalls:
    """Names the calls that are not modelled on stderr, each once: a 404 is not a real server's word then."""

    def __init__(self) -> None:
        self._named: set[tuple[str, str]] = set()

    def note(self, method: str, path: str) -> None:
        call = method[:MAX_SHOWN], path[:MAX_SHOWN]
        if call not in self._named and len(self._named) < MAX_NAMED_CALLS:
            self._named.add(call)
            _LOG.warning("%s: %s %s", NOT_MODELLED, *call)


def _clean(raw_path: str) -> str:
    """Return a path without what clients put into it needlessly: `;jsessionid=…`, double slashes, one at the end."""
    segments = (unquote(segment.partition(";")[0]) for segment in raw_path.split("/"))
    return "/" + "/".join(segment for segment in segments if segment)


async def _let_client_continue(request: web.BaseRequest) -> None:
    # Clients with a large body wait for this line before they send it.
    if request.version == HttpVersion11 and request.headers.get("Expect", "").lower() == "100-continue":
        await request.writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        request.writer.output_size = 0
