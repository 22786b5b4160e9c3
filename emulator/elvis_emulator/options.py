# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The command line: what can be set, and the defaults."""

from __future__ import annotations

import argparse
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from . import unknowns
from .store.rules import StoreRules
from .unkind.options import CHAOS, Unkindness, add_options, store_rules, unkindness

DEFAULT_USERS = ("alice:wonderland", "api:api", "admin:changemenow")

DESCRIPTION = """\
An Elvis / Assets Server to test against: sessions, search, assets and folders, in memory.
It prints one line with its address when it is ready, and stops on SIGINT or SIGTERM.
`elvis-emulator snapshot` writes all that it holds into one file."""


@dataclass(frozen=True)
class Options:
    """How one server behaves; the field names are the option names."""

    host: str
    port: int
    errors: str
    csrf_error: int
    users: dict[str, str]
    superuser: str
    seats: int | None
    idle_timeout: float
    token_lifetime: float
    lockout: int | None
    prefix: str
    landing_page: str
    latency: float
    most_hits: int
    invalid_names: str
    load: Path | None
    data: Path | None
    store_rules: StoreRules
    unkindness: Unkindness
    tls_cert: Path | None
    tls_key: Path | None
    stop_with_stdin: bool
    nodes: int
    node_sessions: str
    renew_cookie: int | None
    webhook_attempts: int
    webhook_pause: float


def read_options(arguments: Sequence[str]) -> Options:
    """Turn a command line into options, or leave with a message, as argparse does."""
    parser = _parser()
    given = parser.parse_args(arguments)
    if given.chaos is not None:
        parser.set_defaults(**CHAOS)
        given = parser.parse_args(arguments)
    if given.tls_key and not given.tls_cert:
        parser.error("--tls-key needs --tls-cert")
    return Options(
        host=given.host,
        port=given.port,
        errors=given.errors,
        csrf_error=given.csrf_error,
        users=dict(given.user or map(_user, DEFAULT_USERS)),
        superuser=given.superuser,
        seats=given.seats,
        idle_timeout=given.idle_timeout,
        token_lifetime=given.token_lifetime,
        lockout=given.lockout,
        prefix=given.prefix,
        landing_page=given.landing_page,
        latency=given.latency / 1000,
        most_hits=given.most_hits,
        invalid_names=given.invalid_names,
        load=given.load,
        data=given.data,
        store_rules=store_rules(given),
        unkindness=unkindness(given),
        tls_cert=given.tls_cert,
        tls_key=given.tls_key,
        stop_with_stdin=given.stop_with_stdin,
        nodes=given.nodes,
        node_sessions=given.node_sessions,
        renew_cookie=given.renew_cookie,
        webhook_attempts=given.webhook_attempts,
        webhook_pause=given.webhook_pause / 1000,
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="elvis-emulator serve", description=DESCRIPTION, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    network = parser.add_argument_group("network")
    network.add_argument("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
    network.add_argument("--port", type=_port, default=8787, help="port; 0 takes a free one (default: %(default)s)")
    network.add_argument(
        "--prefix", type=_prefix, default="", metavar="PATH", help="serve everything below this path, such as /app"
    )
    network.add_argument("--tls-cert", type=Path, metavar="FILE", help="serve https with this certificate (PEM)")
    network.add_argument(
        "--tls-key", type=Path, metavar="FILE", help="key of the certificate, when it is not in the same file"
    )
    network.add_argument(
        "--latency", type=_not_negative, default=0.0, metavar="MS", help="wait this long before every reply"
    )
    network.add_argument(
        "--stop-with-stdin",
        action="store_true",
        help="stop when standard input ends too, as it does when the program that holds it is gone",
    )

    sessions = parser.add_argument_group("users and sessions")
    sessions.add_argument(
        "--user",
        type=_user,
        action="append",
        metavar="NAME:PASSWORD",
        help="an account, split at the first colon; repeatable; replaces the default accounts "
        + ", ".join(DEFAULT_USERS),
    )
    sessions.add_argument(
        "--superuser", default="admin", metavar="NAME", help="who may see the active users (default: %(default)s)"
    )
    sessions.add_argument("--seats", type=_count, metavar="N", help="refuse a login when N sessions live")
    sessions.add_argument(
        "--idle-timeout",
        type=_positive,
        default=1800.0,
        metavar="S",
        help="end a session this long after its last call (default: 1800)",
    )
    sessions.add_argument(
        "--token-lifetime",
        type=_positive,
        default=3600.0,
        metavar="S",
        help="end a session this long after its login (default: 3600)",
    )
    sessions.add_argument(
        "--lockout", type=_count, metavar="N", help="refuse an account after N wrong passwords, the right one too"
    )
    sessions.add_argument(
        "--landing-page",
        default=unknowns.DEFAULT_LANDING_PAGE,
        metavar="PATH",
        help="where /logout redirects to when the call names no address (default: %(default)s)",
    )

    assets = parser.add_argument_group("assets")
    assets.add_argument(
        *("--load", "--seed"),
        type=_existing,
        metavar="FILE|FOLDER",
        help="start with what a snapshot holds, or with a copy of the files in a folder as assets",
    )
    assets.add_argument(
        "--data",
        type=Path,
        metavar="FOLDER",
        help="keep all assets in this folder, and go on with those that are there; --load fills one that is empty",
    )
    assets.add_argument(
        "--most-hits",
        type=_count,
        default=unknowns.MOST_HITS,
        metavar="N",
        help="refuse a search for hits beyond the Nth (default: %(default)s)",
    )
    assets.add_argument(
        "--invalid-names",
        choices=("refused", "removed"),
        default=unknowns.INVALID_NAMES,
        help="what becomes of characters that a name may not have (default: %(default)s)",
    )
    _add_cluster(parser)
    add_options(parser)

    errors = parser.add_argument_group("errors")
    errors.add_argument(
        "--errors",
        choices=("ok", "status"),
        default="ok",
        help="a failing /services call answers HTTP 200 (ok) or the real status; other calls always answer the real "
        "status (default: %(default)s)",
    )
    errors.add_argument(
        "--csrf-error",
        type=int,
        choices=unknowns.CSRF_ERROR_CODES,
        default=unknowns.DEFAULT_CSRF_ERROR_CODE,
        help="the error of a missing or wrong CSRF token (default: %(default)s)",
    )
    return parser


def _add_cluster(parser: argparse.ArgumentParser) -> None:
    cluster = parser.add_argument_group("cluster and webhooks")
    cluster.add_argument(
        "--nodes", type=_count, default=1, metavar="N", help="be N nodes behind a load balancer with a sticky cookie"
    )
    cluster.add_argument(
        "--node-sessions",
        choices=("shared", "own"),
        default=unknowns.DEFAULT_NODE_SESSIONS,
        help="whether a session is known to all nodes or only to the one of its login (default: %(default)s)",
    )
    cluster.add_argument(
        "--renew-cookie",
        type=_count,
        metavar="N",
        help="give a session a new authToken cookie at each Nth call with one",
    )
    cluster.add_argument(
        "--webhook-attempts",
        type=_count,
        default=unknowns.WEBHOOK_ATTEMPTS,
        metavar="N",
        help="how often an event is sent before its webhook is marked as failed (default: %(default)s)",
    )
    cluster.add_argument(
        "--webhook-pause",
        type=_not_negative,
        default=unknowns.WEBHOOK_PAUSE * 1000,
        metavar="MS",
        help="the pause after the first failure, which doubles each time (default: %(default)s)",
    )


def _user(text: str) -> tuple[str, str]:
    name, colon, password = text.partition(":")
    if not (name and colon):
        raise argparse.ArgumentTypeError("expected NAME:PASSWORD")
    return name, password


def _prefix(text: str) -> str:
    path = text.strip("/")
    return f"/{path}" if path else ""


def _port(text: str) -> int:
    port = int(text)
    if not 0 <= port <= 65535:
        raise argparse.ArgumentTypeError("expected 0 to 65535")
    return port


def _existing(text: str) -> Path:
    path = Path(text)
    if not path.exists():
        raise argparse.ArgumentTypeError(f"no file and no folder: {text}")
    return path


def _count(text: str) -> int:
    count = int(text)
    if count < 1:
        raise argparse.ArgumentTypeError("expected 1 or more")
    return count


def _positive(text: str) -> float:
    number = float(text)
    if number <= 0 or not math.isfinite(number):
        raise argparse.ArgumentTypeError("expected more than 0")
    return number


def _not_negative(text: str) -> float:
    number = float(text)
    if number < 0 or not math.isfinite(number):
        raise argparse.ArgumentTypeError("expected 0 or more")
    return number
