# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

DOCUMENTATION = r"""
module: elvis_command
version_added: 0.2.0
short_description: Run a program that works with an Elvis session
description:
  - A first task needs O(session) and O(argv).
  - Runs a program of yours, such as a PowerShell script, with a session of Elvis (WoodWing Assets) on its standard
    input. It makes the calls between login and logout that no module makes, or that have not been replaced yet.
  - The session is in no argument, no variable of the environment and no file, and it is masked in what the program
    prints. With M(ansible.builtin.command), callbacks or lists of processes would show it.
  - Where the task is done in the playbook process, the program runs on that machine.
author:
  - damops contributors (@damops)
options:
  argv:
    description:
      - The program, and each of its arguments. No shell reads them.
      - A task in which one of them holds a secret of the session is refused, because every user of a machine can read
        the arguments of its programs.
    type: list
    elements: str
    required: true
  chdir:
    description:
      - The folder in which the program starts.
    type: path
  stdin_format:
    description:
      - What the program reads from its standard input. Both end in one line feed, and are on one line.
      - V(json) is the session as a JSON object, with the keys of RV(damops.elvis.elvis_login#module:session), and with
        C(headers), those that make a request one of this session, O(extra_headers) included. Only ASCII is in it.
      - V(token) is its token alone. A session of cookies may have none, and is refused then.
    type: str
    choices: [json, token]
    default: json
extends_documentation_fragment:
  - damops.elvis.session
  - damops.elvis.connection
  - damops.elvis.attributes
attributes:
  check_mode:
    support: partial
    details:
      - The program is not run, because nobody knows what it would do. A change is reported, with RV(rc) 0 and nothing
        printed.
notes:
  - The program has the environment of the process that starts it, without E(ELVIS_PASSWORD), E(ELVIS_CRED),
    E(ELVIS_EXTRA_HEADERS) and any variable that holds a secret of the session. It has no terminal, so it can't ask a
    person.
  - It may take as long as it likes. Where the task is done in the playbook process, the keyword C(timeout) of the task
    ends the program and all in its group of processes. On a target Ansible ends the task alone, as with any module.
  - The options of the connection, O(timeout) among them, are for the modules that call the server. They are here so
    that C(module_defaults) of the group can set them.
  - What the program has started may go on when it prints nowhere or elsewhere. What still holds the program's output
    2 seconds after its end is ended, and the task warns of it.
  - Of what it prints, the first and the last 512 kB are kept. What is not UTF-8 is replaced. Any 16 characters of the
    token in a row are masked, so it is masked as well where a table wraps it or cuts it off.
seealso:
  - module: damops.elvis.elvis_login
  - module: damops.elvis.elvis_request
  - module: ansible.builtin.command
"""

EXAMPLES = r"""
- name: Let a script work in a session, and log out whatever happens
  block:
    - name: Log in with ELVIS_SERVER_URL, ELVIS_USERNAME and ELVIS_PASSWORD from the environment
      damops.elvis.elvis_login:
      register: elvis

    - name: Run a program that reads the session as JSON
      damops.elvis.elvis_command:
        session: "{{ elvis.session }}"
        argv:
          - python3
          - -c
          - |
            import json, sys
            print(json.load(sys.stdin)["username"])
      register: script
      changed_when: false

    - name: Run a program that reads nothing but the token
      damops.elvis.elvis_command:
        session: "{{ elvis.session }}"
        argv: [sh, -c, 'read -r token; test -n "$token" && echo "The token came."']
        stdin_format: token
  always:
    - name: Log out
      damops.elvis.elvis_logout:
        session: "{{ elvis.session | default({}) }}"
"""

RETURN = r"""
rc:
  description:
    - The program's exit status. A negative one is the number of the signal that ended it.
    - Any other than 0 is a failure, unless C(failed_when) says otherwise.
  returned: when it was started, and in check mode
  type: int
  sample: 0
stdout:
  description: What it printed, masked, without line breaks at its end.
  returned: when it was started, and in check mode
  type: str
  sample: alice
stdout_lines:
  description: The lines of RV(stdout).
  returned: when it was started, and in check mode
  type: list
  elements: str
  sample: [alice]
stderr:
  description: What it printed to its standard error, masked, without line breaks at its end.
  returned: when it was started, and in check mode
  type: str
  sample: ""
stderr_lines:
  description: The lines of RV(stderr).
  returned: when it was started, and in check mode
  type: list
  elements: str
  sample: []
simulated:
  description: That O(session) was simulated by a login in check mode.
  returned: in check mode, with a simulated session
  type: bool
  sample: true
reason:
  description:
    - Why it failed, for a C(rescue) section to branch on. See RV(damops.elvis.elvis_login#module:reason).
    - V(program) when the program could not be started, or ended with a status other than 0.
  returned: failure
  type: str
  sample: program
status:
  description: Always V(null), as no server was called.
  returned: failure
  type: int
elvis_error:
  description: Always V(null), as no server was called.
  returned: failure
  type: dict
"""

from ..module_utils._operations.command import OPERATION
from ..module_utils._task.module import run_module


def main() -> None:
    run_module(OPERATION)


if __name__ == "__main__":
    main()
