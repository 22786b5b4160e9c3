# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whom a TLS connection trusts, and what it shows of itself. Private to damops.elvis.

To read a bundle of CAs takes longer than all else that a small call costs, and it seldom changes. So a context is made
once, for the check of a task's options and for all its connections. One that is made before a worker is forked is
inherited by it.
"""

from __future__ import annotations

import os
import ssl
import threading
from collections.abc import Hashable
from typing import NamedTuple

from .._errors import CallFailure, Kind

try:
    from requests.utils import DEFAULT_CA_BUNDLE_PATH, extract_zipped_paths
    from urllib3.util.ssl_ import create_urllib3_context
except ImportError:
    pass  # transport tells

VARIABLES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE")
"""What names the trusted CAs where nobody else does: for requests, for curl, for OpenSSL. The first one counts."""
MOST_KEPT = 16


class UnusableFile(CallFailure):
    """A file with certificates or a key can't be read, or there is something else in it.

    :ivar path: which one
    :ivar problem: what happened to it
    """

    def __init__(self, kind: Kind, what: str, path: str, problem: OSError) -> None:
        super().__init__(kind, f"{what}, {path}, {_in_words(problem)}", "unsent")
        self.path = path
        self.problem = problem


class TlsOptions(NamedTuple):
    """Whom to trust, and what to show.

    :param verify: whether the other side must prove who it is
    :param ca_path: a file of trusted CAs, or a directory of them; without it, the environment's or those of requests
    :param client_cert: the file of the certificate to show, if any
    :param client_key: the file of its key, where that is another one
    """

    verify: bool = True
    ca_path: str | None = None
    client_cert: str | None = None
    client_key: str | None = None

    @property
    def trusted(self) -> str | None:
        """The file or directory of the CAs, None where nothing is verified."""
        if not self.verify:
            return None
        of_environment = next(filter(None, map(os.environ.get, VARIABLES)), None)
        if self.ca_path or of_environment:
            return self.ca_path or of_environment
        path: str = extract_zipped_paths(DEFAULT_CA_BUNDLE_PATH)  # type: ignore[no-untyped-call] # it has no types
        return path


_lock = threading.Lock()
_made: dict[Hashable, ssl.SSLContext] = {}


def tls_context(options: TlsOptions) -> ssl.SSLContext:
    """Return the context for a connection: the same one as long as neither the options nor the files change.

    :raises UnusableFile: when a file can't be used
    """
    trusted, certificate, key = options.trusted, options.client_cert, options.client_key
    # An application that puts another class in its place, as truststore does, is followed as well.
    known = (ssl.SSLContext, options.verify, *map(_version, (trusted, certificate, key)))
    with _lock:
        if known not in _made:
            while len(_made) >= MOST_KEPT:
                del _made[next(iter(_made))]
            _made[known] = _make(trusted, certificate, key)
        return _made[known]


def _version(path: str | None) -> Hashable:
    """Return what tells a file from another one, and from what it was before."""
    if path is None:
        return None
    try:
        found = os.stat(path)  # noqa: PTH116 - once a call: a path object takes longer
    except OSError:
        return path, None
    return path, found.st_ino, found.st_size, found.st_mtime_ns


def _make(trusted: str | None, certificate: str | None, key: str | None) -> ssl.SSLContext:
    context = create_urllib3_context(cert_reqs=ssl.CERT_REQUIRED if trusted else ssl.CERT_NONE)
    if trusted:
        kind = "capath" if os.path.isdir(trusted) else "cafile"  # noqa: PTH112 - as above
        try:
            context.load_verify_locations(**{kind: trusted})
        except OSError as error:
            raise UnusableFile("ca_file", "the file of the trusted CAs", trusted, error) from None
    if certificate:
        try:
            # An empty password makes an encrypted key an error, where OpenSSL would stop and ask on the terminal.
            context.load_cert_chain(certificate, key, password="")
        except OSError as error:
            raise UnusableFile(
                "client_certificate_file", "the file of the client certificate", certificate, error
            ) from None
    return context


def _in_words(problem: OSError) -> str:
    if isinstance(problem, ssl.SSLError):
        if "NO_CERTIFICATE_OR_CRL_FOUND" in (problem.reason or ""):
            return "holds no certificate"
        return f"can't be used: {(problem.reason or 'it is not in PEM format').lower().replace('_', ' ')}"
    if isinstance(problem, FileNotFoundError):
        return "is not there"
    return f"can't be read: {os.strerror(problem.errno).lower() if problem.errno else 'it cannot be opened'}"
