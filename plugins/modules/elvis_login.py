# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

DOCUMENTATION = r"""
module: elvis_login
version_added: 0.1.0
short_description: Log in to Elvis (WoodWing Assets) and return the session
description:
  - A first task needs O(server_url), O(username) and O(password).
  - Logs in to an Elvis DAM server (WoodWing Assets Server) and returns the session for the tasks that follow.
  - The credentials are sent in the body of one request, never in a URL. A refused login is not repeated.
  - A login that the server answers with HTTP 200 and C(loginSuccess=false) is a failure.
  - Each run of the task opens a new session, which holds a licence seat until it is closed. Close it with
    M(damops.elvis.elvis_logout) in an C(always) section. Otherwise it lives until nobody used it for 30 minutes, or
    until its token expires after an hour; these are the server's usual settings.
  - When anything goes wrong after the server granted the session, it is logged out again before the task fails.
  - The token, the cookies and the CSRF token that it returns show up in no output, log or job event, at any verbosity,
    while C(register) keeps them. See the notes.
author:
  - damops contributors (@damops)
options:
  server_url:
    description:
      - The address of the server, for example V(https://dam.example.com) or, with a path prefix,
        V(https://dam.example.com/app).
      - If not set, the value of the environment variable E(ELVIS_SERVER_URL) is used.
    type: str
    required: true
  auth_method:
    description:
      - V(bearer) logs in at C(/services/apilogin), which returns a token for the C(Authorization) header.
        Needs Elvis 6.3 or newer.
      - V(cookie) logs in at C(/services/login) as a browser does, which returns cookies and a CSRF token.
    type: str
    choices: [bearer, cookie]
    default: bearer
  username:
    description:
      - Who logs in.
      - If neither this nor O(cred) is set, the value of the environment variable E(ELVIS_USERNAME) is used.
    type: str
  password:
    description:
      - The password of O(username).
      - If none of O(username), O(password) and O(cred) is set, the value of the environment variable E(ELVIS_PASSWORD)
        is used. With O(username), the password must be given as well.
    type: str
  cred:
    description:
      - The base64 form of C(user:password), as PowerShell scripts for Elvis use it. The password may contain colons.
      - Instead of O(username) and O(password), or beside them when it says the same.
      - Base64 does not protect it. Treat it as the password that it holds.
      - If none of O(username), O(password) and O(cred) is set, the value of the environment variable E(ELVIS_CRED) is
        used.
    type: str
  client_id:
    description:
      - A stable name of this client. Only the client that checked an asset out may check it in.
      - For O(auth_method=bearer) only.
    type: str
  client_type:
    description:
      - What the server's usage history shows as the client. Must start with C(api_).
      - For O(auth_method=cookie) only.
    type: str
  return_profile:
    description:
      - Whether to return who is logged in as well. With O(auth_method=bearer) this is one more request.
    type: bool
    default: false
  keep:
    description:
      - Whether the session is meant to outlive the run.
      - The callback P(damops.elvis.session_guard#callback) leaves it open, and says so at the end. Somebody has to end
        it later, with M(damops.elvis.elvis_logout), or it holds its licence seat until the server's time-out.
    version_added: 0.2.0
    type: bool
    default: false
extends_documentation_fragment:
  - damops.elvis.connection
  - damops.elvis.attributes
attributes:
  check_mode:
    details:
      - The options are validated and nothing is sent. The returned session is marked C(simulated=true).
        Every module of the collection accepts it in check mode and refuses it outside of check mode.
  async:
    support: none
    details:
      - The token would lie in a file on the target, and be printed.
notes:
  - From ansible-core 2.22 on the secrets alone are masked. Before, the whole result of a successful login is
    hidden, and at C(-v) one line tells who logged in where, and until when. C(no_log) is not needed, with one
    exception. A loop of logins needs C(no_log=true) on ansible-core 2.18 and older, and fails without it.
  - A failure is never hidden. It holds no secret.
  - What you do with the token is not hidden before ansible-core 2.22. C(debug) and C(set_fact) print it, and so does a
    loop over the results of logins. A task of another module that gets RV(headers) needs C(no_log=true).
  - Don't put C(until) and C(retries) on a login. They would send a wrong password again and again, until the account is
    locked.
seealso:
  - module: damops.elvis.elvis_request
  - module: damops.elvis.elvis_session_info
  - module: damops.elvis.elvis_logout
  - plugin: damops.elvis.session_guard
    plugin_type: callback
  - name: Secrets
    description: What never shows, and what is out of the collection's hands.
    link: https://github.com/damops/elvis/blob/main/docs/secrets.md
  - name: Errors
    description: Each reason, what it means and what to do.
    link: https://github.com/damops/elvis/blob/main/docs/errors.md
"""

EXAMPLES = r"""
- name: Work on the server, and log out whatever happens
  block:
    - name: Log in with ELVIS_SERVER_URL, ELVIS_USERNAME and ELVIS_PASSWORD from the environment
      damops.elvis.elvis_login:
      register: elvis

    - name: Make a folder
      damops.elvis.elvis_request:
        session: "{{ elvis.session }}"
        path: services/createFolder
        method: POST
        form:
          path: /Demo Zone/Inbox
  always:
    - name: Log out
      damops.elvis.elvis_logout:
        session: "{{ elvis.session | default({}) }}"

- name: Log in as a browser does, and see who that is
  damops.elvis.elvis_login:
    server_url: https://dam.example.com/app
    auth_method: cookie
    client_type: api_nightly_import
    username: "{{ elvis_username }}"
    password: "{{ elvis_password }}"
    return_profile: true
  register: elvis

- name: Log in with the base64 form of a PowerShell script, to a server with a certificate of our own CA
  damops.elvis.elvis_login:
    server_url: https://dam.example.com
    cred: "{{ elvis_cred }}"
    ca_path: /etc/pki/dam-ca.pem
  register: elvis

- name: Use the session in a module that knows nothing of Elvis
  ansible.builtin.uri:
    url: "{{ elvis.session.server_url }}/services/profile"
    method: POST
    headers: "{{ elvis.headers }}"
  register: profile
  # Elvis reports a failure in an HTTP 200, and the module would show the headers at -vvv.
  failed_when: profile is failed or 'errorcode' in profile.json
  no_log: true
"""

RETURN = r"""
session:
  description:
    - What every other module of the collection takes as its O(damops.elvis.elvis_logout#module:session) option. Pass
      it on whole and unchanged.
    - Keep it in a registered variable. A fact would put it into fact caches and job artifacts in clear text.
  returned: success
  type: dict
  contains:
    server_url:
      description: The server, without a trailing slash.
      type: str
      returned: success
      sample: https://dam.example.com/app
    auth_method:
      description: The method that opened it.
      type: str
      returned: success
      sample: bearer
    auth_token:
      description: The token. Secret. V(null) where an old server sets no C(authToken) cookie.
      type: str
      returned: success
    csrf_token:
      description: The CSRF token. Secret. V(null) with O(auth_method=bearer).
      type: str
      returned: success
    cookie:
      description:
        - The Cookie header, of all cookies that the server set. Secret.
        - With O(auth_method=bearer) what a load balancer set, without C(authToken), and V(null) where there is nothing.
      type: str
      returned: success
    username:
      description: Who is logged in.
      type: str
      returned: success
      sample: alice
    server_version:
      description: The server's version.
      type: str
      returned: success
      sample: 6.107.0
    expires_at:
      description: When the token expires, as UTC in ISO 8601. V(null) when it does not tell.
      type: str
      returned: success
      sample: "2026-11-22T11:14:08Z"
    simulated:
      description: That the session was made up in check mode.
      type: bool
      returned: in check mode
      sample: true
headers:
  description:
    - The HTTP headers for any other module that talks to the server. Secret.
    - C(Authorization) with O(auth_method=bearer), and C(Cookie) where a load balancer set one. C(Cookie) and
      C(X-CSRF-TOKEN) with O(auth_method=cookie).
  returned: success
  type: dict
server_version:
  description: The server's version.
  returned: success
  type: str
  sample: 6.107.0
user_profile:
  description: What the server knows of who is logged in. V(null) unless O(return_profile=true).
  returned: success
  type: dict
  sample:
    username: alice
    fullName: Alice
    groups: [Editors]
simulated:
  description: That nothing was sent.
  returned: in check mode
  type: bool
  sample: true
reason:
  description:
    - Why it failed, for a C(rescue) section to branch on.
    - One of V(refused), V(bad_request), V(bad_response), V(unreachable), V(timeout), V(tls), V(proxy), V(server),
      V(not_logged_in), V(forbidden), V(not_found), V(conflict), V(storage), V(program), V(missing_library) and
      V(internal).
  returned: failure
  type: str
  sample: refused
status:
  description: The HTTP status of the reply, V(null) when there was none.
  returned: failure
  type: int
  sample: 200
elvis_error:
  description: The error that Elvis reported, V(null) when it reported none.
  returned: failure
  type: dict
  sample:
    errorcode: 401
    errorname: AuthenticationCredentialsNotFoundException
    message: Not logged in
"""

from ..module_utils._operations.login import OPERATION
from ..module_utils._task.module import run_module


def main() -> None:
    run_module(OPERATION)


if __name__ == "__main__":
    main()
