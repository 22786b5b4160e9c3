# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What no task can do without: the bare requests that it makes, and the reading of a bundle of CAs."""

from __future__ import annotations

import os
import ssl
import struct
import time
from dataclasses import dataclass
from pathlib import Path

import certifi
import requests
import trustme

from tests.bench.scenarios import DEAD_TOKEN, PASSWORD, USERNAME

CALLS = 200


@dataclass(frozen=True)
class Limits:
    """What was measured in one round, in seconds.

    :param reading: of the bundle, in a process that was forked for it
    :param login: a login by ``requests`` from a warm Python, whose TLS context is there already, with its handshake
    :param call: a logout by ``requests`` on a connection that is open
    """

    reading: float
    login: float
    call: float


def make_certificates(folder: Path) -> tuple[Path, Path]:
    """Make a server's certificate, with its key, and a bundle of CAs, the usual one and ours; return both."""
    ca = trustme.CA()
    certificate, bundle = folder / "server.pem", folder / "bundle.pem"
    ca.issue_cert("127.0.0.1").private_key_and_cert_chain_pem.write_to_path(certificate)
    bundle.write_bytes(Path(certifi.where()).read_bytes() + ca.cert_pem.bytes())
    return certificate, bundle


def measure(url: str, bundle: Path) -> Limits:
    """Measure the limits against a server that speaks TLS."""
    return Limits(_in_fork(bundle), _login(url, bundle), _call(url, bundle))


def _in_fork(bundle: Path) -> float:
    source, sink = os.pipe()
    process = os.fork()
    if not process:
        start = time.perf_counter()
        ssl.create_default_context(cafile=str(bundle))
        os.write(sink, struct.pack("d", time.perf_counter() - start))
        os._exit(0)
    os.waitpid(process, 0)
    (seconds,) = struct.unpack("d", os.read(source, 8))
    os.close(source)
    os.close(sink)
    return float(seconds)


class _Warm(requests.adapters.HTTPAdapter):
    def __init__(self, context: ssl.SSLContext) -> None:
        self._context = context
        super().__init__()

    def init_poolmanager(self, *args: object, **kwargs: object) -> None:
        super().init_poolmanager(*args, ssl_context=self._context, **kwargs)  # type: ignore[arg-type]

    def cert_verify(self, conn: object, url: str, verify: object, cert: object) -> None:
        """Leave that to the context."""


def _session(context: ssl.SSLContext) -> requests.Session:
    session = requests.Session()
    session.trust_env = False
    session.mount("https://", _Warm(context))
    return session


def _login(url: str, bundle: Path) -> float:
    context = ssl.create_default_context(cafile=str(bundle))
    start = time.perf_counter()
    for _number in range(CALLS):
        with _session(context) as session:
            session.post(
                f"{url}/services/apilogin", data={"username": USERNAME, "password": PASSWORD}
            ).raise_for_status()
    return (time.perf_counter() - start) / CALLS


def _call(url: str, bundle: Path) -> float:
    with _session(ssl.create_default_context(cafile=str(bundle))) as session:
        headers = {"Authorization": f"Bearer {DEAD_TOKEN}"}
        session.post(f"{url}/services/logout", headers=headers)
        start = time.perf_counter()
        for _number in range(CALLS):
            session.post(f"{url}/services/logout", headers=headers)
        return (time.perf_counter() - start) / CALLS
