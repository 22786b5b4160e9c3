# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes the certificates that tests of TLS need, good ones and others."""

from __future__ import annotations

import ssl
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import trustme
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

LOOPBACK = ip_address("127.0.0.1")
DAY = timedelta(days=1)
NOW = datetime.now(tz=timezone.utc)  # noqa: UP017 - mypy reads this as 3.10 has it
LAST_WEEK, YESTERDAY, TOMORROW, NEXT_WEEK = NOW - 7 * DAY, NOW - DAY, NOW + DAY, NOW + 7 * DAY


@dataclass(frozen=True)
class Certificates:
    """A folder for certificates and keys, and a CA whose certificate is in ca.pem."""

    folder: Path
    ca: trustme.CA = field(default_factory=trustme.CA)

    def __post_init__(self) -> None:
        self.ca.cert_pem.write_to_path(self.path("ca.pem"))

    def path(self, name: str) -> str:
        return str(self.folder / name)

    def issue(self, name: str, *identities: str, ca: trustme.CA | None = None, **more: Any) -> str:
        """Return the path of a file with a new certificate, its chain and its key. `more` is for trustme."""
        (ca or self.ca).issue_cert(*identities, **more).private_key_and_cert_chain_pem.write_to_path(self.path(name))
        return self.path(name)

    def issue_apart(self, name: str, identity: str) -> tuple[str, str]:
        """Return the path of a file with a new certificate and of one with its key."""
        issued = self.ca.issue_cert(identity)
        issued.cert_chain_pems[0].write_to_path(self.path(f"{name}.pem"))
        issued.private_key_pem.write_to_path(self.path(f"{name}-key.pem"))
        return self.path(f"{name}.pem"), self.path(f"{name}-key.pem")

    def sign_itself(self, name: str, begin: datetime = LAST_WEEK, end: datetime = NEXT_WEEK) -> str:
        """Return the path of a file with a certificate for this machine that no CA has issued, and its key."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
        certificate = (
            x509.CertificateBuilder(subject, subject, key.public_key(), 1, begin, end)
            .add_extension(
                x509.SubjectAlternativeName([x509.DNSName("localhost"), x509.IPAddress(LOOPBACK)]), critical=False
            )
            .sign(key, hashes.SHA256())
        )
        private = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        Path(self.path(name)).write_bytes(private + certificate.public_bytes(serialization.Encoding.PEM))
        return self.path(name)


def serving(certificate: str) -> ssl.SSLContext:
    """Return how a server speaks TLS with the certificate and the key in a file."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


def asking_for_a_client_certificate(certificate: str, ca_file: str) -> ssl.SSLContext:
    """Return how a server speaks TLS with clients that have a certificate of a CA, and with no others."""
    context = serving(certificate)
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_verify_locations(ca_file)
    return context
