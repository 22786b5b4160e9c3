# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options that say how to reach a server, the same on every module."""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  validate_certs:
    description:
      - Whether the server must prove with its TLS certificate that it is the one O(server_url) names.
      - V(false) lets anybody in between read the password. Use O(ca_path) for a certificate of your own CA instead.
      - If not set, the value of the environment variable E(ELVIS_VALIDATE_CERTS) is used.
    type: bool
    default: true
  ca_path:
    description:
      - A file with the certificates of the CAs to trust, in PEM format, or a directory prepared by C(openssl rehash).
      - If not set, the value of the environment variable E(ELVIS_CA_PATH) is used. Without that, the CAs are those of
        the first of the variables E(REQUESTS_CA_BUNDLE), E(CURL_CA_BUNDLE) and E(SSL_CERT_FILE) that is set, or those
        of the Python library C(requests).
    type: path
  client_cert:
    description:
      - A file with the certificate that proves this client to the server, in PEM format; it may hold the key as well.
    type: path
  client_key:
    description:
      - The file with the key of O(client_cert), in PEM format and not encrypted.
    type: path
  proxy:
    description:
      - The proxy for this server, for example V(http://proxy.example.com:3128). It may hold a user and a password.
      - With V(socks5h://proxy.example.com:1080) a SOCKS proxy, which needs the Python library PySocks. The proxy
        resolves the server's name; with V(socks5://) this machine does.
      - If not set, the environment variables E(HTTP_PROXY), E(HTTPS_PROXY), E(ALL_PROXY) and E(NO_PROXY) apply. If set,
        they do not.
    type: str
  timeout:
    description:
      - Seconds that a call may take as a whole, further tries and the waits between them included.
    type: float
    default: 30
  retries:
    description:
      - How often a call is tried again at most.
      - Reads and a logout are repeated when the connection broke or the server answered 408, 429, 502, 503 or 504.
        A login is repeated only when nothing of it was sent, so a wrong password reaches the server once.
    type: int
    default: 2
  http_agent:
    description:
      - The C(User-Agent) header.
    type: str
    default: damops.elvis
  extra_headers:
    description:
      - Further headers for every request to the server, the login and the logout included. They are for a gateway or a
        zero-trust proxy in front of it that wants a key or a service token.
      - All values are secret. They are sent to O(server_url) alone, and to no proxy that only passes TLS on.
      - C(Authorization) is for sessions with O(damops.elvis.elvis_login#module:auth_method=cookie). Headers that the
        session or the request sets itself are refused, such as C(Host), C(Cookie), C(X-CSRF-TOKEN), C(Connection),
        C(Transfer-Encoding) and all that begin with C(Content-).
      - If not set, the value of the environment variable E(ELVIS_EXTRA_HEADERS) is used, a JSON object.
    version_added: 0.2.0
    type: dict
requirements:
  - Python 3.9 or newer
  - requests 2.25.1 or newer
notes:
  - Where the connection is local, the work is done in the playbook process, which is many times faster.
    On another host, and with C(async), C(become), C(environment) or another C(ansible_python_interpreter), the module
    runs on the target, which then needs what is listed under requirements. The variable C(damops_elvis_execution) with
    the value V(controller) or V(target) chooses. The result is the same.
  - The environment variables E(ELVIS_SERVER_URL) and its like are read where the playbook runs, wherever the task does
    its work. Only when the C(environment) of the task or its play names one of them, they are read on the target.
  - Where an option is a list, a text with line breaks is a list of its lines, and an empty text is an option that was
    not given. So an answer to an AWX survey can be passed on as it is.
  - The task warns of a server that is reached by plain C(http), unless it is on the same machine, and of
    O(validate_certs=false).
"""
