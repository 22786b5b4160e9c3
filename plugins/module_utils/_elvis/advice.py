# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a failure means for a task: the reason that a playbook branches on, and what a person reads and does.

Private to damops.elvis.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timezone
from typing import NamedTuple
from urllib.parse import urlsplit

from .._errors import CallFailure, ElvisError, ErrorReply, Kind, Reason
from .._http.proxies import proxy_between
from .._http.transport import ConnectionOptions
from .._text import TIME_FORMAT
from .redaction import Redactor
from .response import ElvisFailure
from .server_url import place_of_proxy, without_query
from .session import Session

TRUNCATED = "The server, or a proxy or load balancer in front of it, cuts its answers short: check their logs."
LESS_AT_ONCE = "Ask for less at once, as with a smaller num in a search, or save the answer to a file with dest."
CLIENT_CERTIFICATE = "Check client_cert: it must be valid, and from a CA that the server asks for."
NO_SUCH_CALL = "Check server_url: it may lack the path prefix of the server."
"""What a 404 means for a call that every server knows."""
NOT_THERE = "Check the path or the id, and whether this user may see it in Elvis."
CLOCK = "or set the clock of the machine that runs this task, if that is what is wrong."
NARROW = (
    "Narrow the search, or split it, for example by assetCreated. limit can be raised, but Elvis itself returns no hit"
    " beyond the first 10,000."
)


class Meaning(NamedTuple):
    """What a kind of failure means for a task."""

    reason: Reason
    advice: str


MEANINGS: dict[Kind, Meaning] = {
    "no_connection": Meaning(
        "unreachable",
        "Check server_url (the port, http or https) and the firewall, and whether the server is running.",
    ),
    "name_not_resolved": Meaning("unreachable", "Check the host in server_url, and the name resolution."),
    "connection_lost": Meaning(
        "unreachable",
        "Check server_url (the port, http or https), the name resolution and the firewall, and whether the server is"
        " running.",
    ),
    "timeout": Meaning(
        "timeout", "Check that the server is running and not overloaded, or give it more time with the option timeout."
    ),
    "tls": Meaning("tls", "Check the server's certificate; name the CA that issued it with ca_path."),
    "tls_hung_up": Meaning("tls", "Check that it speaks TLS on this port, and check its log."),
    "tls_not_spoken": Meaning("tls", "Check the port in server_url, and whether it must be http://."),
    "tls_too_old": Meaning("tls", "Switch on TLS 1.2 or newer at the server."),
    "tls_broken": Meaning(
        "tls", "Find out what changes data between here and the server: a proxy, a firewall, a bad cable."
    ),
    "ca_file": Meaning("tls", "Check ca_path, or the variables REQUESTS_CA_BUNDLE, CURL_CA_BUNDLE and SSL_CERT_FILE."),
    "certificate": Meaning("tls", "Give the server a certificate that can be verified."),
    "certificate_expired": Meaning("tls", f"Renew it on the server, {CLOCK}"),
    "certificate_not_yet_valid": Meaning("tls", f"Give the server one that is valid now, {CLOCK}"),
    "certificate_of_other_host": Meaning(
        "tls", "Use a name that it is valid for in server_url, or give the server a certificate for this one."
    ),
    "certificate_self_signed": Meaning(
        "tls",
        "If it is the right one, name its file with ca_path. One that is not valid now has to be replaced on the server"
        " first.",
    ),
    "certificate_issuer_unknown": Meaning(
        "tls",
        "Name the file with the certificate of that CA with ca_path. If it is in there, the server does not send the"
        " certificates between that and its own.",
    ),
    "client_certificate_file": Meaning(
        "tls", "Check client_cert and client_key: each is a file in PEM format, not encrypted."
    ),
    "client_certificate_missing": Meaning("tls", "Name one, with its key, with client_cert and client_key."),
    "client_certificate_refused": Meaning("tls", CLIENT_CERTIFICATE),
    "proxy": Meaning(
        "proxy", "Check the proxy: the option proxy, or the variables HTTP_PROXY, HTTPS_PROXY and NO_PROXY."
    ),
    "proxy_malformed": Meaning(
        "proxy",
        "Percent-encode the user and the password in it, such as %20 for a blank, %23 for # and %40 for @:"
        " http://user:password@proxy.example.com:3128.",
    ),
    "proxy_login": Meaning(
        "proxy", "Write them into its address, percent-encoded: http://user:password@proxy.example.com:3128."
    ),
    "proxy_tls": Meaning(
        "proxy", "Check that its address must begin with https://; name the CA of its certificate with ca_path."
    ),
    "library": Meaning(
        "missing_library",
        "Put that right in the Python that does the work, or set ansible_python_interpreter to another one.",
    ),
    "unsendable": Meaning("bad_request", "Check server_url and the options for characters that don't belong there."),
    "not_http": Meaning(
        "bad_response",
        "Check that server_url is the address of the Elvis server itself, with its path prefix if it has one, and not"
        " that of a portal or a sign-on proxy in front of it.",
    ),
    "broken_off": Meaning("bad_response", TRUNCATED),
    "too_large": Meaning("bad_response", LESS_AT_ONCE),
    "request_too_large": Meaning(
        "bad_request",
        "The file, or what else was sent, is too large for the server or for a gateway in front of it. Raise the limit"
        " there, as client_max_body_size of nginx, or send less.",
    ),
    "unconfirmed": Meaning("bad_response", "The server may have stored it. Run the task again: it looks first."),
    "too_long": Meaning(
        "bad_response",
        "Look at the asset in Elvis, and check what is in front of the server. What was here before stays.",
    ),
    "storage": Meaning("storage", "Check the disk, the quota and the rights on the machine that runs this task."),
    "file_changed": Meaning("conflict", "Send it when nothing writes to it any more."),
    "refused": Meaning("refused", "Check the user name and the password."),
    "not_logged_in": Meaning(
        "not_logged_in",
        "The session is over (it was logged out, was idle for too long or has expired), or it belongs to another"
        " server. Log in again.",
    ),
    "forbidden": Meaning("forbidden", "Check what this user may do in Elvis."),
    "not_found": Meaning("not_found", NOT_THERE),
    "conflict": Meaning("conflict", "Something else is working on the same object: try again later."),
    "already_exists": Meaning(
        "conflict", "Another try does not help: choose another name, or change what is there already."
    ),
    "bad_request": Meaning(
        "bad_request", "Check the method and the parameters of the call against the server's version."
    ),
    "not_elvis": Meaning(
        "bad_response",
        "Check that server_url is the address of the Elvis server itself, with its path prefix if it has one, and not"
        " that of a portal or a sign-on proxy in front of it.",
    ),
    "server": Meaning("server", "Check the log of the server, and of any proxy in front of it, and try again later."),
    "too_many_hits": Meaning("bad_request", NARROW),
    "hits_end_early": Meaning("conflict", NARROW),
    "hits_changed": Meaning(
        "conflict",
        "Assets may have been added, removed or changed meanwhile. Sort by a field that does not change, as with"
        " sort: assetCreated-asc, narrow q, or try again at a quieter time.",
    ),
    "unknown_state": Meaning(
        "bad_response",
        "Check whether it has done its work, and please report this state, so that the collection learns it.",
    ),
    "still_running": Meaning("timeout", "Give it more time with wait_timeout."),
}


class Explainer:
    """Makes of the failure of a call the error that a task shows.

    :param redactor: keeps secrets out of the server's own words
    """

    def __init__(
        self, server_url: str, connection: ConnectionOptions, session: Session | None, redactor: Redactor
    ) -> None:
        self._server_url = server_url
        self._connection = connection
        self._session = session
        self._redactor = redactor

    def explain(
        self, failure: CallFailure, tried: str, special: Mapping[Reason, str], outcome_unknown: str
    ) -> ElvisError:
        """Return what was tried, where, what came back, what to do.

        :param special: what to do, where that is more than the kind of a failure alone tells
        :param outcome_unknown: what to know when the call was sent and no answer came
        """
        reason, advice = MEANINGS[failure.kind]
        sentences = (
            f"{tried}: {self._summary(failure)}.",
            special.get(reason) or advice,
            self._expiry() if reason == "not_logged_in" else None,
            # What looks like the place in a malformed address may be a part of the password.
            self._proxy() if reason == "proxy" and failure.kind != "proxy_malformed" else None,
            self._certificate() if failure.kind.startswith("certificate") else None,
            outcome_unknown if failure.delivery == "unknown" else None,
        )
        elvis_error = self._error_to_show(failure.elvis_error) if isinstance(failure, ElvisFailure) else None
        is_uncertain = failure.delivery == "unknown"
        message = " ".join(filter(None, sentences))
        return ElvisError(message, reason, failure.status, elvis_error, is_uncertain=is_uncertain)

    def _summary(self, failure: CallFailure) -> str:
        if not isinstance(failure, ElvisFailure):
            return failure.summary.rstrip(".")
        words = f": {self._redactor.quote(failure.server_message)}" if failure.server_message else ""
        # What is cut off an address may be a part of a secret, so that is masked first.
        address = without_query(self._redactor.mask(failure.redirect_url or ""))
        redirect = f", to: {self._redactor.quote(address)}" if address else ""
        return f"{failure.summary}{redirect}{words}".rstrip(".")

    def fit_to_show(self, words: str) -> str:
        """Return words of the server's as a message may have them."""
        return self._redactor.quote(words)

    def _expiry(self) -> str | None:
        expiry = self._session.expiry if self._session else None
        if expiry is None:
            return None
        tense = "expired" if expiry <= datetime.now(tz=timezone.utc) else "would have expired"
        return f"Its token {tense} at {expiry.strftime(TIME_FORMAT)}."

    def _proxy(self) -> str | None:
        place = place_of_proxy(proxy_between(self._server_url, self._connection.proxy) or "")
        whose = "the option proxy" if self._connection.proxy else "the environment"
        return f"The proxy is {place}, from {whose}." if place else None

    def _certificate(self) -> str:
        """Return how to see the certificate, which Python does not show once it refused it."""
        host, port = urlsplit(self._server_url).hostname or "", urlsplit(self._server_url).port or 443
        place = place_of_proxy(proxy_between(self._server_url, self._connection.proxy) or "")
        way = f" -proxy {place}" if place else ""
        address = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        shown = "openssl x509 -noout -subject -issuer -dates -ext subjectAltName"
        return f"To see it: 'openssl s_client -connect {address} -servername {host}{way} </dev/null | {shown}'."

    def _error_to_show(self, error: ErrorReply | None) -> ErrorReply | None:
        if error is None:
            return None
        name, message = (words and self._redactor.quote(words) for words in (error["errorname"], error["message"]))
        return ErrorReply(errorcode=error["errorcode"], errorname=name, message=message)
