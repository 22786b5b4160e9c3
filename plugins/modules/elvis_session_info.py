# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

DOCUMENTATION = r"""
module: elvis_session_info
version_added: 0.1.0
short_description: Tell whether a session of Elvis (WoodWing Assets) is alive, and whose it is
description:
  - A first task needs O(session).
  - Asks the server about a session that M(damops.elvis.elvis_login) opened, or about a token.
  - A session that is over is an answer and no failure. It fails only when the server can't be asked.
  - With O(ping=true) it tells whether a server is up, for which nobody needs to log in.
author:
  - damops contributors (@damops)
options:
  ping:
    description:
      - Whether to ask about the server instead of a session. It is the one that O(server_url), the environment variable
        E(ELVIS_SERVER_URL) or O(session) names. The session is not used, so its idle time-out goes on.
      - A server that can't be reached, or whose answer is not that of an Elvis server, is a failure. To wait until one
        is up, use C(until) and C(retries).
    type: bool
    default: false
extends_documentation_fragment:
  - damops.elvis.session
  - damops.elvis.connection
  - damops.elvis.attributes
attributes:
  check_mode:
    details:
      - The server is asked as always, since that changes nothing. With a simulated session nothing is sent.
notes:
  - Asking about a session counts as its use. Its idle time-out (30 minutes by default) starts again.
  - With cookies and a CSRF token, a refusal may mean that the CSRF token is wrong while the session lives on. Then a
    search, for which Elvis needs none, decides.
  - An empty O(session), as V(elvis.session | default({}\)) gives when the login itself failed, is not alive.
seealso:
  - module: damops.elvis.elvis_login
  - module: damops.elvis.elvis_logout
  - module: damops.elvis.elvis_request
"""

EXAMPLES = r"""
- name: Wait until the server is up
  damops.elvis.elvis_session_info:
    server_url: https://dam.example.com
    ping: true
  register: server
  until: server.available | default(false)
  retries: 30
  delay: 10

- name: Work on the server, and log out whatever happens
  block:
    - name: Log in with ELVIS_SERVER_URL, ELVIS_USERNAME and ELVIS_PASSWORD from the environment
      damops.elvis.elvis_login:
      register: elvis

    - name: See who is logged in
      damops.elvis.elvis_session_info:
        session: "{{ elvis.session }}"
      register: me

    - name: Stop unless that is a user of the API, with ten minutes left
      ansible.builtin.assert:
        that:
          - me.alive
          - "'ROLE_API' in me.authorities"
          - me.expires_in > 600
      when: not ansible_check_mode
  always:
    - name: Log out
      damops.elvis.elvis_logout:
        session: "{{ elvis.session | default({}) }}"

- name: Ask about a token
  damops.elvis.elvis_session_info:
    server_url: https://dam.example.com
    auth_token: "{{ token }}"
  register: info
"""

RETURN = r"""
alive:
  description: Whether the session is alive. V(true) for a simulated one.
  returned: success, without O(ping)
  type: bool
  sample: true
username:
  description: Whose session it is. When the server does not tell, what the session itself says.
  returned: success, without O(ping)
  type: str
  sample: alice
groups:
  description: The groups of that user. V(null) when the server does not tell.
  returned: success, without O(ping)
  type: list
  elements: str
  sample: [Editors]
authorities:
  description: What that user may do. V(null) when the server does not tell.
  returned: success, without O(ping)
  type: list
  elements: str
  sample: [ROLE_USER]
expires_at:
  description: When the token expires, as UTC in ISO 8601. V(null) when neither session nor token tells.
  returned: success, without O(ping)
  type: str
  sample: "2026-11-22T11:14:08Z"
expires_in:
  description: The seconds until then, 0 when it is past. V(null) when that is not known.
  returned: success, without O(ping)
  type: int
  sample: 3521
server_version:
  description: The server's version. V(null) when neither session nor server tells.
  returned: success
  type: str
  sample: 6.107.0
available:
  description: Whether the server can be used. V(null) with a simulated session.
  returned: success, with O(ping)
  type: bool
  sample: true
state:
  description: What the server says of itself. V(null) with a simulated session.
  returned: success, with O(ping)
  type: str
  sample: running
simulated:
  description: That O(session) was simulated by a login in check mode, so nothing was sent.
  returned: in check mode, with a simulated session
  type: bool
  sample: true
reason:
  description:
    - Why it failed, for a C(rescue) section to branch on. See RV(damops.elvis.elvis_login#module:reason).
  returned: failure
  type: str
  sample: unreachable
status:
  description: The HTTP status of the reply, V(null) when there was none.
  returned: failure
  type: int
  sample: 503
elvis_error:
  description:
    - The error that Elvis reported, V(null) when it reported none. For a session that is over, the refusal.
  returned: failure, and success without O(ping)
  type: dict
  sample:
    errorcode: 401
    errorname: AuthenticationCredentialsNotFoundException
    message: Not logged in
"""

from ..module_utils._operations.session_info import OPERATION
from ..module_utils._task.module import run_module


def main() -> None:
    run_module(OPERATION)


if __name__ == "__main__":
    main()
