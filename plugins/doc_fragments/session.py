# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options that say with which session a module works."""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  session:
    description:
      - What M(damops.elvis.elvis_login) returned as RV(damops.elvis.elvis_login#module:session), whole and unchanged.
      - A session that was simulated in check mode is accepted in check mode only.
      - Mutually exclusive with O(auth_token).
    type: dict
    suboptions:
      server_url:
        description: The server that issued the session. Required.
        type: str
      auth_method:
        description: How it was opened. Required.
        type: str
        choices: [bearer, cookie]
      auth_token:
        description: The token. Required for V(bearer).
        type: str
      csrf_token:
        description: The CSRF token of a V(cookie) login.
        type: str
      cookie:
        description:
          - The whole Cookie header of a V(cookie) login. Required for V(cookie).
          - After a V(bearer) login, what a load balancer set as well.
        type: str
      username:
        description: Who is logged in.
        type: str
      server_version:
        description: The server's version.
        type: str
      expires_at:
        description: When the token expires, as UTC in ISO 8601.
        type: str
      simulated:
        description: Whether a login in check mode made it up.
        type: bool
        default: false
  server_url:
    description:
      - The server that issued O(auth_token), for example V(https://dam.example.com) or V(https://dam.example.com/app).
      - With O(session) it is not needed, since the session names its server. If both are given they must agree.
      - If neither is given, or O(session) is empty, the value of the environment variable E(ELVIS_SERVER_URL) is used.
    type: str
  auth_token:
    description:
      - The token alone, as C(/services/apilogin) returned it. Needs O(server_url).
      - Mutually exclusive with O(session).
    type: str
"""
