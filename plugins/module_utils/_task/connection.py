# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reads the connection options, and refuses what can't work before anything is sent. Private to damops.elvis."""

from __future__ import annotations

import os
import re
import socket
import ssl
import sys
from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from .._elvis.server_url import is_loopback
from .._errors import ElvisError
from .._http.adapter import WrongLibrary
from .._http.proxies import is_well_formed
from .._http.transport import IMPORT_ERROR, ConnectionOptions
from .._http.trust import UnusableFile, tls_context
from .extra_headers import check_extra_headers

WHAT_FILE = "Name a file in PEM format, not encrypted, on the machine that runs this task."
LONGEST_TIMEOUT = 24 * 60 * 60
"""Seconds; sockets refuse a time-out that is much longer."""
PROXY_SCHEMES = frozenset({"http", "https", "socks5", "socks5h", "socks4", "socks4a"})
_HASHED = re.compile(r"[0-9a-f]{8}\.[0-9]+")
"""The names by which OpenSSL looks for certificates in a directory."""
_AGENT = re.compile(r"[\x21-\x7e]([\x20-\x7e]*[\x21-\x7e])?")


def read_connection(params: Mapping[str, Any]) -> ConnectionOptions:
    """Return the connection that the options describe.

    :raises ElvisError: when an option can't work, or the ``requests`` library is missing
    """
    if isinstance(IMPORT_ERROR, WrongLibrary):
        raise ElvisError(
            f"{sys.executable} on {socket.gethostname()} has {IMPORT_ERROR}, which is not the one that requests is made"
            " for: no time-out can be kept with it. Another library, such as niquests with its urllib3-future, may have"
            " replaced it. Set ansible_python_interpreter to a Python without that, or install it in one of its own.",
            "missing_library",
        )
    if IMPORT_ERROR is not None:
        raise ElvisError(
            f"The Python library requests is missing: {sys.executable} on {socket.gethostname()} can't import it."
            f" Install it there ({sys.executable} -m pip install requests, or the package python3-requests),"
            " or set ansible_python_interpreter to a Python that has it.",
            "missing_library",
        )
    connection = ConnectionOptions.of(params)
    _check_numbers(connection)
    _check_agent(connection.http_agent)
    _check_proxy(connection.proxy)
    check_extra_headers(connection)
    _check_files(connection)
    return connection


def check_tls(connection: ConnectionOptions, server_url: str) -> None:
    """Refuse, before anything is sent, certificates that can't be used; a way without TLS needs none.

    :raises ElvisError: when TLS can't work with the options
    """
    if not any((address or "").lower().startswith("https:") for address in (server_url, connection.proxy)):
        return
    try:
        tls_context(connection.tls)
    except UnusableFile as unusable:
        error = unusable
    else:
        return
    option = "ca_path" if error.kind == "ca_file" else "client_cert"
    if error.path != getattr(connection, option):
        # The environment named it, and who sends says so.
        return
    if isinstance(error.problem, ssl.SSLError) and error.problem.reason == "KEY_VALUES_MISMATCH":
        mismatch = f"The key that is given for client_cert {error.path} belongs to another certificate."
        raise ElvisError(mismatch, "tls")
    raise _unusable(option, error.path, error.problem)


def warnings_of(connection: ConnectionOptions, server_url: str) -> Iterator[str]:
    """Yield what a person should know of this way before it is taken."""
    if server_url.startswith("http://") and not is_loopback(server_url):
        yield f"{server_url} is not https: anybody on the way can read and change what is sent and what is answered."
    if server_url.startswith("https://") and not connection.validate_certs:
        yield (
            f"validate_certs is false: nothing proves that {server_url} is the server it says it is."
            " Name the certificate of its CA with ca_path instead."
        )


def _check_numbers(connection: ConnectionOptions) -> None:
    if not 0 < connection.timeout <= LONGEST_TIMEOUT:
        raise ElvisError(f"timeout must be more than 0 and at most {LONGEST_TIMEOUT} seconds.", "bad_request")
    if connection.retries < 0:
        raise ElvisError("retries must be 0 or more.", "bad_request")


def _check_agent(http_agent: str) -> None:
    if not _AGENT.fullmatch(http_agent):
        raise ElvisError("http_agent has a character that no HTTP header may carry, or is empty.", "bad_request")


def _check_proxy(proxy: str | None) -> None:
    if proxy is None:
        return
    try:
        parts = urlsplit(proxy)
        is_usable = is_well_formed(proxy) and parts.scheme in PROXY_SCHEMES and parts.port != 0 and bool(parts.hostname)
    except ValueError:
        is_usable = False
    if not is_usable:
        raise ElvisError(
            "proxy is not the address of an HTTP or SOCKS proxy. Give one like http://proxy.example.com:3128 or"
            " socks5h://proxy.example.com:1080, and percent-encode the user and the password in it.",
            "bad_request",
        )


def _check_files(connection: ConnectionOptions) -> None:
    # Whether there is something to read. What is in a file is looked at where TLS is spoken.
    if connection.client_key and not connection.client_cert:
        raise ElvisError("client_key needs client_cert, the certificate it belongs to.", "bad_request")
    for option in ("ca_path", "client_key", "client_cert"):
        path = getattr(connection, option)
        try:
            if path and option == "ca_path" and os.path.isdir(path):  # noqa: PTH112 - once a task: it takes less time
                _check_directory(path, os.listdir(path))  # noqa: PTH208 - names, no paths
            elif path:
                os.close(os.open(path, os.O_RDONLY))
        except OSError as error:
            raise _unusable(option, path, error) from None


def _check_directory(ca_path: str, names: Iterable[str]) -> None:
    if not any(map(_HASHED.fullmatch, names)):
        raise ElvisError(
            f"ca_path {ca_path} is a directory in which OpenSSL finds no certificate."
            f" Prepare it: 'openssl rehash {ca_path}'.",
            "tls",
        )


def _unusable(option: str, path: str, problem: OSError) -> ElvisError:
    if isinstance(problem, ssl.SSLError):
        detail = (problem.reason or "it is not in PEM format").lower().replace("_", " ")
        return ElvisError(f"{option} {path} can't be used: {detail}. {WHAT_FILE}", "tls")
    detail = os.strerror(problem.errno).lower() if problem.errno else "it can't be opened"
    return ElvisError(f"{option} {path} can't be read: {detail}. {WHAT_FILE}", "tls")
