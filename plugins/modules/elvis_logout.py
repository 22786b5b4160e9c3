# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

DOCUMENTATION = r"""
module: elvis_logout
version_added: 0.1.0
short_description: Log out of Elvis (WoodWing Assets) for certain
description:
  - A first task needs O(session).
  - Ends a session that M(damops.elvis.elvis_login) opened, or the one of a token, and gives its licence seat back.
  - A session that is over already is neither a failure nor a change. Anything that leaves it open, or in doubt, is a
    failure.
  - It never logs in in order to log out.
author:
  - damops contributors (@damops)
options:
  mode:
    description:
      - V(service) calls C(POST /services/logout).
      - V(redirect) calls C(/logout), which ends the session and sends a browser on to another page. The redirect is
        reported and never followed. Since the server answers the same when there was no session, the task first asks
        whether there is one.
      - Use V(service), unless you want the address of the page, or your server offers nothing else.
    type: str
    choices: [service, redirect]
    default: service
  logout_success_url:
    description:
      - Where the server is to send the browser. A path, or an address that may be on another server.
      - Without it the server chooses its landing page.
      - For O(mode=redirect) only.
    type: str
  http_method:
    description:
      - How C(/logout) is called. V(GET) when not set.
      - For O(mode=redirect) only.
    type: str
    choices: [GET, POST]
  verify:
    description:
      - Whether to ask the server afterwards, once, with the ended session, and to fail if that still lives.
    type: bool
    default: false
extends_documentation_fragment:
  - damops.elvis.session
  - damops.elvis.connection
  - damops.elvis.attributes
attributes:
  check_mode:
    details:
      - The options are validated and nothing is sent. A session, simulated or real, is reported as a change.
notes:
  - With an empty O(session), as V(elvis.session | default({}\)) gives in an C(always) section when the login itself
    failed, there is nothing to do, and that is not an error.
  - With cookies and a CSRF token, a refusal may mean that the CSRF token is wrong while the session lives on. Then the
    server is asked, and a session that is still alive is ended through C(/logout).
  - When the answer says nothing, as an empty one does, or is lost after the request was sent, the server is asked once
    whether it still knows the session. If it does not, the logout has succeeded. Anything else is a failure.
  - Put it into the C(always) section of a block that has the login in it, so that nothing can skip it.
seealso:
  - module: damops.elvis.elvis_login
  - module: damops.elvis.elvis_session_info
  - plugin: damops.elvis.session_guard
    plugin_type: callback
  - name: Errors
    description: Each reason, what it means and what to do.
    link: https://github.com/damops/elvis/blob/main/docs/errors.md
"""

EXAMPLES = r"""
- name: Work on the server, and log out whatever happens
  block:
    - name: Log in
      damops.elvis.elvis_login:
      register: elvis

    - name: Do what is to be done
      damops.elvis.elvis_request:
        session: "{{ elvis.session }}"
        path: services/search
        query: {q: "*", num: 0}
  always:
    - name: Log out, also when the login itself failed
      damops.elvis.elvis_logout:
        session: "{{ elvis.session | default({}) }}"

- name: Log out with only a token in hand, and make sure of it
  damops.elvis.elvis_logout:
    server_url: https://dam.example.com
    auth_token: "{{ token }}"
    verify: true

- name: Log out as a browser does
  damops.elvis.elvis_logout:
    session: "{{ elvis.session }}"
    mode: redirect
    logout_success_url: https://intranet.example.com/goodbye
"""

RETURN = r"""
was_logged_in:
  description: Whether the session was alive. V(null) in check mode, where nobody asked.
  returned: success
  type: bool
  sample: true
logout_success:
  description:
    - V(true) when this task ended the session. V(null) when it was over already, and in check mode.
  returned: success
  type: bool
  sample: true
redirect_status:
  description: The HTTP status of the redirect. V(null) when that answer was lost, and the session is over all the same.
  returned: when O(mode=redirect)
  type: int
  sample: 302
redirect_url:
  description: Where the server sends a browser, as an absolute address. V(null) like RV(redirect_status).
  returned: when O(mode=redirect)
  type: str
  sample: https://intranet.example.com/goodbye
simulated:
  description: That O(session) was simulated by a login in check mode.
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
  description: The error that Elvis reported, V(null) when it reported none.
  returned: failure
  type: dict
  sample:
    errorcode: 500
    errorname: IllegalStateException
    message: The index is not available
"""

from ..module_utils._operations.logout import OPERATION
from ..module_utils._task.module import run_module


def main() -> None:
    run_module(OPERATION)


if __name__ == "__main__":
    main()
