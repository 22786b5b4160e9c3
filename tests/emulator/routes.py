# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which call goes where, and what it needs."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum

from . import assets, bulk, folders, login, system, unknowns
from .call import Handler
from .errors import not_found, wrong_method


class Needs(Enum):
    """What a call asks of its caller."""

    NOTHING = 0
    SESSION = 1
    # Of a session that came to be by /services/login and shows its cookie; a Bearer header suffices as well.
    CSRF_TOKEN = 2


@dataclass(frozen=True)
class Route:
    needs: Needs
    handler: Handler


NOTHING, SESSION, CSRF = Needs.NOTHING, Needs.SESSION, Needs.CSRF_TOKEN
API_WRITE = CSRF if unknowns.API_WRITES_NEED_CSRF else SESSION

TABLE: list[tuple[str, str, Needs, Handler]] = [
    ("POST", "/services/login", NOTHING, login.login),
    ("POST", "/services/apilogin", NOTHING, login.apilogin),
    ("POST", "/services/logout", CSRF, login.logout),
    ("GET POST", "/logout", NOTHING, login.redirect_logout),
    ("POST", "/services/profile", CSRF, login.profile),
    ("GET POST", "/services/ping", NOTHING, system.ping),
    ("GET POST", "/alive.txt", SESSION, system.alive),
    ("GET", "/services/system/metrics", NOTHING, system.metrics),
    ("GET", "/private-api/system/active-users", SESSION, system.active_users),
    ("GET POST", "/services/search", SESSION, assets.search),
    ("GET POST", "/services/browse", SESSION, assets.browse),
    ("POST", "/services/create", CSRF, assets.create),
    ("POST", "/services/update", CSRF, assets.update),
    ("POST", "/services/checkout/{id}", CSRF, assets.checkout),
    ("POST", "/services/undocheckout/{id}", CSRF, assets.undo_checkout),
    ("GET", "/file/{id}/{rest}", SESSION, assets.download),
    ("POST", "/services/updatebulk", CSRF, bulk.update_bulk),
    ("POST", "/services/remove", CSRF, bulk.remove),
    ("POST", "/services/copy", CSRF, bulk.copy),
    ("POST", "/services/move", CSRF, bulk.move),
    ("POST", "/services/process/info", CSRF, bulk.process_info),
    ("POST", "/services/process/cancel", CSRF, bulk.process_cancel),
    ("POST", "/services/createFolder", CSRF, folders.create_folder),
    ("POST", "/api/folder", API_WRITE, folders.api_create),
    ("GET", "/api/folder/get", SESSION, folders.api_get_by_path),
    ("GET POST", "/api/folder/list", SESSION, folders.api_list),
    ("GET POST", "/api/folder/search", SESSION, folders.api_search),
    ("GET", "/api/folder/{id}", SESSION, folders.api_get),
    ("PUT", "/api/folder/{id}", API_WRITE, folders.api_update),
    ("DELETE", "/api/folder/{id}", API_WRITE, folders.api_delete),
]

_VARIABLES = {"{id}": "([^/]+)", "{rest}": "((?s:.+))"}


def find_route(method: str, path: str) -> tuple[Route, tuple[str, ...]]:
    """Return the route of a call and the variables in its path; raise a 404 or a 405."""
    methods, variables = (_FIXED[path], ()) if path in _FIXED else _find_by_pattern(path)
    route = methods.get("GET" if method == "HEAD" else method)
    if route is None:
        raise wrong_method(method)
    return route, variables


def _find_by_pattern(path: str) -> tuple[dict[str, Route], tuple[str, ...]]:
    for pattern, methods in _BY_PATTERN:
        match = pattern.fullmatch(path)
        if match:
            return methods, match.groups()
    raise not_found("No such service")


def _by_path() -> dict[str, dict[str, Route]]:
    by_path: dict[str, dict[str, Route]] = {}
    for methods, path, needs, handler in TABLE:
        for method in methods.split():
            by_path.setdefault(path, {})[method] = Route(needs, handler)
    return by_path


def _as_pattern(path: str) -> re.Pattern[str]:
    return re.compile("".join(_VARIABLES.get(part, re.escape(part)) for part in re.split(r"(\{\w+\})", path)))


_FIXED = {path: methods for path, methods in _by_path().items() if "{" not in path}
_BY_PATTERN = [(_as_pattern(path), methods) for path, methods in _by_path().items() if "{" in path]
