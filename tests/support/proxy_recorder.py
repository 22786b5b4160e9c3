# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a proxy that tests started does on top: it writes down what it is asked, and knows every name."""

from __future__ import annotations

import json
import os
from pathlib import Path

from proxy.http.parser import HttpParser
from proxy.http.proxy import HttpProxyBasePlugin

VARIABLE = "ELVIS_TEST_PROXY_RECORD"
"""The environment variable that names the file for the record."""


class Recorder(HttpProxyBasePlugin):
    def before_upstream_connection(self, request: HttpParser) -> HttpParser:
        seen = {
            "method": (request.method or b"").decode(),
            "target": f"{(request.host or b'').decode()}:{request.port}",
            "headers": sorted(name.decode().lower() for name in request.headers or ()),
        }
        with Path(os.environ[VARIABLE]).open("a", encoding="utf-8") as record:
            record.write(json.dumps(seen) + "\n")
        return request

    def resolve_dns(self, _host: str, _port: int) -> tuple[str, None]:
        return "127.0.0.1", None
