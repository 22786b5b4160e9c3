# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

DOCUMENTATION = r"""
module: elvis_collection
version_added: 0.2.0
short_description: Keep the members of a collection in Elvis (WoodWing Assets)
description:
  - A first task needs O(session), O(path) and O(query).
  - Creates a collection, adds and removes its members, or removes the collection. The members stay in the DAM in any
    case.
  - The task reads the collection first, and writes only what differs. A second run changes nothing. After a run that
    was killed, the next run does the rest.
author:
  - damops contributors (@damops)
options:
  path:
    description:
      - The absolute path of the collection in the DAM. Its name ends in C(.collection). The task creates a collection
        that is missing.
      - One of O(path) and O(id) is required.
    type: str
  id:
    description:
      - The id of the collection. The task refuses the id of an asset whose name does not end in C(.collection), before
        it changes anything.
    type: str
  query:
    description:
      - A query in the search language of Elvis, which finds the members. The collection itself is skipped.
      - At most one of O(query), O(ids) and O(paths) can be given. Without any, the members stay as they are.
    type: str
  ids:
    description: The ids of the members.
    type: list
    elements: str
  paths:
    description: The absolute paths of the members in the DAM.
    type: list
    elements: str
  members_state:
    description:
      - V(present) adds the listed assets to the collection, and keeps all other members.
      - V(absent) removes the listed assets from the collection, and keeps all other members.
      - V(pure) adds the listed assets, and removes all other members from the collection. It removes none if the list
        is empty, if a listed asset does not exist, or if anything failed before.
    type: str
    choices: [present, absent, pure]
    default: present
  max_change:
    description:
      - How many members the task may remove from the collection. V(0) permits none. If more would go, the task changes
        nothing, and fails with both numbers, in check mode as well.
      - The limit applies to O(members_state=pure), and to O(members_state=absent) if O(query) lists the members.
    type: int
    default: 100
  metadata:
    description: Metadata of the collection itself, as in O(damops.elvis.elvis_asset#module:metadata).
    type: dict
    default: {}
  state:
    description:
      - V(present) creates the collection if it is missing. V(absent) removes the collection, and never its members.
    type: str
    choices: [present, absent]
    default: present
extends_documentation_fragment:
  - damops.elvis.many
  - damops.elvis.parallel
  - damops.elvis.index
  - damops.elvis.session
  - damops.elvis.connection
  - damops.elvis.attributes
attributes:
  check_mode:
    details:
      - The task only reads from the server. The counts are those of a real run. A listed asset that does not exist is
        in RV(left_out), because an earlier task of the play may create it.
      - With a simulated session, the task sends nothing and reports a change.
  diff_mode:
    support: full
notes:
  - Two assets have at most one relation. An asset that already has another relation to the collection fails with
    RV(reason=conflict), and RV(failures) names that relation. Remove it with M(damops.elvis.elvis_relation) first.
  - A search may not find a new asset yet. The task looks again for missing assets that O(ids) or O(paths) name, for 10
    seconds in all.
seealso:
  - module: damops.elvis.elvis_login
  - module: damops.elvis.elvis_asset
  - module: damops.elvis.elvis_relation
"""

EXAMPLES = r"""
- name: Keep collections, and log out whatever happens
  block:
    - name: Log in with ELVIS_SERVER_URL, ELVIS_USERNAME and ELVIS_PASSWORD from the environment
      damops.elvis.elvis_login:
      register: elvis
      check_mode: false

    - name: Collect what is approved, and nothing else
      damops.elvis.elvis_collection:
        session: "{{ elvis.session }}"
        path: /Demo Zone/Collections/approved.collection
        query: 'ancestorPaths:"/Demo Zone" AND status:Approved'
        members_state: pure
        max_change: 200
        metadata:
          description: What may be printed

    - name: Take a picture out of a collection
      damops.elvis.elvis_collection:
        session: "{{ elvis.session }}"
        path: /Demo Zone/Collections/press.collection
        paths: [/Demo Zone/Pictures/harbour.jpg]
        members_state: absent

    - name: Remove a collection, and none of its members
      damops.elvis.elvis_collection:
        session: "{{ elvis.session }}"
        path: /Demo Zone/Collections/old.collection
        state: absent
  always:
    - name: Log out
      damops.elvis.elvis_logout:
        session: "{{ elvis.session | default({}) }}"
      check_mode: false
"""

RETURN = r"""
collection:
  description: The C(id) and the C(path) of the collection. V(null) where it is not known.
  returned: always
  type: dict
  sample: {id: 9mUVYBJ5qjRB_OnmAIdUaW, path: /Demo Zone/Collections/approved.collection}
changes:
  description:
    - What changed about the collection itself, or would, its members aside. Each name has C(before) and C(after). A
      collection that was made or removed has C(state).
  returned: always
  type: dict
  sample: {state: {before: absent, after: present}}
counts:
  description: How many members were created (added), removed, are unchanged, were skipped or failed.
  returned: always
  type: dict
  sample: {created: 2, updated: 0, removed: 1, unchanged: 98, skipped: 0, failed: 0}
created:
  description: The members that were added, or would be.
  returned: always
  type: list
  elements: dict
  contains: &member
    id:
      description: The id.
      type: str
      sample: 4xWfUGFkKR2BLl4Jxk3hFn
    path:
      description: The path.
      type: str
      sample: /Demo Zone/Pictures/harbour.jpg
removed:
  description: The members that were removed from the collection, or would be.
  returned: always
  type: list
  elements: dict
  contains: *member
truncated:
  description: The lists of this result that lack entries. O(report) has all of them.
  returned: success, and failure once the sides were compared
  type: list
  elements: str
  sample: []
failures:
  description: The assets with which it failed, each with its C(id) and C(path), a C(reason) and a C(message).
  returned: always
  type: list
  elements: dict
  sample: []
left_out:
  description: The listed assets that were left out, each with its C(id) or C(path), and C(why).
  returned: always
  type: list
  elements: dict
  sample: []
left:
  description: How many members were not started, because the task stopped before.
  returned: always
  type: int
  sample: 0
seconds:
  description: How long it took.
  returned: always
  type: float
  sample: 1.5
log:
  description:
    - The progress, a line every five seconds. With C(-v) it is shown too, as it comes where the work
      is done in the playbook process, at the end where it is done on a target, with C(async) not at all.
  returned: always
  type: list
  elements: str
  sample: []
simulated:
  description: That O(session) was simulated by a login in check mode, so nothing was sent.
  returned: in check mode, with a simulated session
  type: bool
  sample: true
reason:
  description:
    - Why the first member failed, or the task as a whole, for a C(rescue) section to branch on. See
      RV(damops.elvis.elvis_login#module:reason).
  returned: failure
  type: str
  sample: conflict
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

from ..module_utils._operations.collection import OPERATION
from ..module_utils._task.module import run_module


def main() -> None:
    run_module(OPERATION)


if __name__ == "__main__":
    main()
