# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Asks a running server for all that it holds: `elvis-emulator snapshot`."""

from __future__ import annotations

import argparse
import http.client
import os
import shutil
import ssl
import sys
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

from .page.observer import SNAPSHOT

DESCRIPTION = """\
Write all that a running server holds into one file: assets with their files, versions and histories, folders,
relations, webhooks, keys, presets. `elvis-emulator serve --load FILE` starts a server with it.
The file holds secrets, those of webhooks for one, and only its owner may read it."""
SECONDS_TO_ANSWER = 600


def main(arguments: Sequence[str]) -> int:
    """Write a snapshot; return the exit code."""
    parser = argparse.ArgumentParser(
        prog="elvis-emulator snapshot", description=DESCRIPTION, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("url", type=_address, help="the address that the server printed when it started")
    parser.add_argument("file", type=Path, help="what is there is replaced")
    parser.add_argument("--tls-ca", type=Path, metavar="FILE", help="who signed the server's certificate (PEM)")
    given = parser.parse_args(arguments)
    draft = given.file.with_name(f"{given.file.name}.part")
    try:
        _fetch(given.url, given.tls_ca, draft)
        draft.replace(given.file)
    except (OSError, http.client.HTTPException) as problem:
        draft.unlink(missing_ok=True)
        print(f"No snapshot of {given.url.geturl()}: {problem}", file=sys.stderr)
        return 1
    print(f"Wrote {given.file}, {given.file.stat().st_size} bytes")
    return 0


def _fetch(url: SplitResult, ca: Path | None, draft: Path) -> None:
    connection: http.client.HTTPConnection
    if url.scheme == "https":
        context = ssl.create_default_context(cafile=ca)
        connection = http.client.HTTPSConnection(url.netloc, timeout=SECONDS_TO_ANSWER, context=context)
    else:
        connection = http.client.HTTPConnection(url.netloc, timeout=SECONDS_TO_ANSWER)
    with closing(connection):
        connection.request("GET", SNAPSHOT)
        reply = connection.getresponse()
        if reply.status != http.HTTPStatus.OK:
            raise OSError(f"HTTP {reply.status} for {SNAPSHOT}; is this an Elvis emulator?")
        draft.unlink(missing_ok=True)
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            shutil.copyfileobj(reply, file)


def _address(text: str) -> SplitResult:
    url = urlsplit(text)
    if url.scheme not in ("http", "https") or not url.hostname:
        raise argparse.ArgumentTypeError("expected an address such as http://127.0.0.1:8787")
    return url
