# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

DOCUMENTATION = r"""
module: elvis_webhook
version_added: 0.2.0
short_description: Register a webhook with Elvis (WoodWing Assets), change it, or remove it
description:
  - A first task needs O(session), O(name), O(url) and O(event_types).
  - Makes sure that the server calls an address when something happens to its assets, folders or authentication keys, or
    that it does not.
  - What an option does not give stays as it is.
  - The server signs what it sends. The key of that is RV(webhook.secret_token); the task that follows can give it to
    the receiver.
author:
  - damops contributors (@damops)
options:
  state:
    description:
      - V(present) makes the webhook where it is missing, and changes what differs.
      - V(absent) removes it.
    type: str
    choices: [present, absent]
    default: present
  name:
    description:
      - The name, which tells one webhook from another. Where two have this name, nothing is changed, and the task fails
        with the reason V(conflict).
      - With O(id), the name that the webhook gets.
      - One of O(name) and O(id) is required.
    type: str
  id:
    description: The server's own id of a webhook that is there.
    type: str
  url:
    description:
      - The address that is called. Required where the webhook is missing.
      - It is shown in results. It must not hold a user or a password.
    type: str
  event_types:
    description:
      - The events that are sent, for example V(asset_create), V(asset_update_metadata), V(asset_checkout),
        V(asset_checkin), V(asset_move), V(asset_remove), V(folder_create) or V(authkey_create). Required where the
        webhook is missing; may be empty.
      - Which events there are depends on the version of the server, which refuses those that it does not know.
    type: list
    elements: str
  metadata_to_return:
    description:
      - The technical names of the fields that come with an event of an asset or a folder.
      - Name few. Receivers limit the size of a request, often to 1 MiB, which C(textContent) alone can exceed.
    type: list
    elements: str
  trigger_metadata_fields:
    description:
      - The fields of which one must have changed. For events of assets.
      - Needs Elvis 6.44 or newer.
    type: list
    elements: str
  folders:
    description:
      - The folders in which it must have happened. For events of assets.
      - Needs Elvis 6.44 or newer.
    type: list
    elements: str
  query:
    description:
      - A query that the asset must match, without wildcards.
      - Needs Elvis 6.44 or newer.
    type: str
  enabled:
    description:
      - Whether events are sent. A new webhook is enabled unless this is V(false).
      - A server disables a webhook whose receiver failed too often. V(true) enables it again.
    type: bool
  rotate_secret:
    description:
      - Whether the server makes a new RV(webhook.secret_token) for a webhook that is there. That is a change each time.
      - What is sent from then on is signed with the new one.
    type: bool
    default: false
extends_documentation_fragment:
  - damops.elvis.index
  - damops.elvis.session
  - damops.elvis.connection
  - damops.elvis.attributes
attributes:
  check_mode:
    details:
      - Only what reads is sent. RV(webhook.secret_token) is V(null). With a simulated session nothing is sent, and
        nothing can be compared. Then a change is reported, and RV(webhook) is V(null).
  diff_mode:
    support: full
    details:
      - With ansible-core 2.21 or older, the diff is hidden with the rest of a result that has a secret. It is shown in
        check mode.
  async:
    details:
      - Needs C(no_log) on the task, unless O(state=absent), since the result has a secret.
notes:
  - The user must be a superuser. The server needs a Pro licence; from Elvis 6.49 on, an API licence does as well.
  - Lists are compared as sets, and event types, fields and folders without regard to capitals. Two addresses that
    differ in the capitals of scheme and host, the default port, or a slash alone as path are one.
  - The result is hidden, as that of M(damops.elvis.elvis_login) is, while C(register) keeps it. In a loop, set
    C(no_log) on the task. Do not print RV(webhook.secret_token), and keep it out of C(set_fact).
  - The path by which a server lists its webhooks, and that by which it makes a new secret, can't be read in the
    vendor's public pages. They were guessed. Where a server does not know one of them, the failure says so.
  - No change is sent twice. When the answer to one is lost, run the task again.
seealso:
  - module: damops.elvis.elvis_login
  - module: damops.elvis.elvis_request
"""

EXAMPLES = r"""
- name: Register a webhook, and log out whatever happens
  block:
    - name: Log in as a superuser, with ELVIS_SERVER_URL, ELVIS_USERNAME and ELVIS_PASSWORD from the environment
      damops.elvis.elvis_login:
      register: elvis
      check_mode: false

    - name: Have a rulebook called when the status of an asset changes
      damops.elvis.elvis_webhook:
        session: "{{ elvis.session }}"
        name: eda
        url: https://eda.example.com:5000/elvis
        event_types: [asset_update_metadata]
        metadata_to_return: [id, assetPath, status]
      register: registered

    - name: Let the receiver know the key of the signatures
      ansible.builtin.copy:
        content: "ELVIS_WEBHOOK_SECRET={{ registered.webhook.secret_token }}\n"
        dest: /etc/elvis-webhook.env
        mode: "0600"
      no_log: true
      when: registered.webhook.secret_token is not none

    - name: Remove one that is no longer used
      damops.elvis.elvis_webhook:
        session: "{{ elvis.session }}"
        name: trial
        state: absent
  always:
    - name: Log out
      damops.elvis.elvis_logout:
        session: "{{ elvis.session | default({}) }}"
      check_mode: false
"""

RETURN = r"""
webhook:
  description: The webhook as it is now, or would be in check mode. V(null) with O(state=absent).
  returned: success
  type: dict
  contains:
    id:
      description: The server's id of it, V(null) where check mode would make it.
      type: str
      sample: 9PRNiGDnqBoBdYlqSKe07x
    name:
      description: Its name.
      type: str
      sample: eda
    url:
      description: The address that is called.
      type: str
      sample: https://eda.example.com:5000/elvis
    event_types:
      description: The events that are sent.
      type: list
      elements: str
      sample: [asset_update_metadata]
    metadata_to_return:
      description: The fields that come with an event.
      type: list
      elements: str
      sample: [id, assetPath, status]
    trigger_metadata_fields:
      description: The fields of which one must have changed; empty where any counts.
      type: list
      elements: str
      sample: []
    folders:
      description: The folders in which it must have happened; empty where any counts.
      type: list
      elements: str
      sample: []
    query:
      description: The query that the asset must match; empty where any counts.
      type: str
      sample: ""
    enabled:
      description: Whether events are sent.
      type: bool
      sample: true
    secret_token:
      description:
        - The key of the signatures, as text. It is hidden, as the token of a login is.
        - V(null) where the server does not show it again, or shows it as stars. O(rotate_secret) makes a new one.
      type: str
      sample: null
changes:
  description:
    - What was changed, or would be. Each has C(before) and C(after). C(state) stands for a webhook that was made or
      removed, C(secret_token) for a new secret, which is not in it.
    - Also returned with a failure that came after a change.
  returned: success
  type: dict
  sample:
    url:
      before: https://old.example.com/elvis
      after: https://eda.example.com:5000/elvis
simulated:
  description: That O(session) was simulated by a login in check mode, so nothing was sent.
  returned: in check mode, with a simulated session
  type: bool
  sample: true
reason:
  description:
    - Why it failed, for a C(rescue) section to branch on. See RV(damops.elvis.elvis_login#module:reason).
    - V(conflict) when it is not clear which webhook is meant.
    - V(forbidden) when the user is not a superuser, or the licence does not include webhooks.
  returned: failure
  type: str
  sample: forbidden
status:
  description: The HTTP status of the reply, V(null) when there was none.
  returned: failure
  type: int
  sample: 403
elvis_error:
  description: The error that Elvis reported, V(null) when it reported none.
  returned: failure
  type: dict
  sample:
    errorcode: 403
    errorname: AccessDeniedException
    message: Access is denied
"""

from ..module_utils._operations.webhook import OPERATION
from ..module_utils._task.module import run_module


def main() -> None:
    run_module(OPERATION)


if __name__ == "__main__":
    main()
