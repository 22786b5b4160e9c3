# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What depends on the date holds in a year, in two, and when the seconds since 1970 no longer fit into 32 bits."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import jwt
import pytest
import trustme
from cryptography import x509

from ansible_collections.damops.elvis.plugins.module_utils._elvis.token import expires_at

TODAY = datetime.now(tz=timezone.utc).replace(microsecond=0)  # noqa: UP017 - mypy reads this as 3.10 has it
DAYS = pytest.mark.parametrize("days", [400, 800, 30 * 365])


@DAYS
def test_a_token_tells_when_it_expires(days: int) -> None:
    that_day = TODAY + timedelta(days=days)
    token = jwt.encode({"exp": int(that_day.timestamp())}, "k" * 32, algorithm="HS256")
    assert expires_at(token) == f"{that_day:%Y-%m-%dT%H:%M:%SZ}"


@DAYS
def test_the_certificates_of_the_tests_are_valid(days: int) -> None:
    that_day = TODAY + timedelta(days=days)
    ca = trustme.CA()
    leaf = ca.issue_cert("127.0.0.1").cert_chain_pems[0].bytes()
    for pem in (ca.cert_pem.bytes(), leaf):
        certificate = x509.load_pem_x509_certificate(pem)
        assert certificate.not_valid_before_utc <= that_day <= certificate.not_valid_after_utc
