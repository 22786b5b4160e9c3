# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

DOCUMENTATION = r"""
module: elvis_relation
version_added: 0.2.0
short_description: Keep relations between assets in Elvis (WoodWing Assets)
description:
  - A first task needs O(session) and O(relations).
  - Creates or removes relations between assets.
  - The task reads the relations first, those of up to 100 assets with a search, and writes only what differs. A second
    run changes nothing. After a run that was killed, the next run does the rest.
  - M(damops.elvis.elvis_collection) keeps the members of a collection.
author:
  - damops contributors (@damops)
options:
  relations:
    description:
      - The relations to create or to remove.
      - Opposite types are one relation. V(contains) from A to B is V(contained-by) from B to A.
    type: list
    elements: dict
    required: true
    suboptions:
      type:
        description: The type, as seen from O(relations[].from).
        type: str
        choices:
          - related
          - references
          - referenced-by
          - contains
          - contained-by
          - duplicate
          - variation
          - variation-of
        required: true
      from:
        description: The asset at one end, by its id or by its absolute path in the DAM. A path begins with a slash.
        type: str
        required: true
      to:
        description: The asset at the other end, by its id or by its absolute path in the DAM.
        type: str
        required: true
  state:
    description:
      - V(present) creates the relations that are missing. V(absent) removes those that exist.
      - Two assets have at most one relation, whatever its type. If they have one of another type, V(present) fails with
        RV(reason=conflict) and names it, and V(absent) has nothing to do. Both keep that relation.
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
      - The task only reads from the server. The counts are those of a real run. A relation whose asset does not exist
        is in RV(left_out), because an earlier task of the play may create it.
      - With a simulated session, the task sends nothing and reports a change.
  diff_mode:
    support: full
notes:
  - A search may not find a new asset yet. The task looks again for missing assets, for 10 seconds in all.
  - With O(state=absent), a relation to an asset that does not exist counts as unchanged.
seealso:
  - module: damops.elvis.elvis_login
  - module: damops.elvis.elvis_asset
  - module: damops.elvis.elvis_collection
"""

EXAMPLES = r"""
- name: Relate assets, and log out whatever happens
  block:
    - name: Log in with ELVIS_SERVER_URL, ELVIS_USERNAME and ELVIS_PASSWORD from the environment
      damops.elvis.elvis_login:
      register: elvis
      check_mode: false

    - name: Tell which pictures a layout uses
      damops.elvis.elvis_relation:
        session: "{{ elvis.session }}"
        relations:
          - {type: references, from: /Demo Zone/Pages/layout.indd, to: /Demo Zone/Pictures/harbour.jpg}
          - {type: references, from: /Demo Zone/Pages/layout.indd, to: /Demo Zone/Pictures/boat.jpg}

    - name: Take a relation away
      damops.elvis.elvis_relation:
        session: "{{ elvis.session }}"
        relations:
          - type: variation-of
            from: /Demo Zone/Pictures/harbour-small.jpg
            to: /Demo Zone/Pictures/harbour.jpg
        state: absent
  always:
    - name: Log out
      damops.elvis.elvis_logout:
        session: "{{ elvis.session | default({}) }}"
      check_mode: false
"""

RETURN = r"""
counts:
  description: How many relations were created, removed, are unchanged, were skipped or failed.
  returned: always
  type: dict
  sample: {created: 2, updated: 0, removed: 0, unchanged: 98, skipped: 0, failed: 0}
created:
  description: The relations that were made, or would be, in the order of the task.
  returned: always
  type: list
  elements: dict
  contains: &relation
    id:
      description: The id of the asset at O(relations[].from).
      type: str
      sample: 9mUVYBJ5qjRB_OnmAIdUaW
    path:
      description: Its path.
      type: str
      sample: /Demo Zone/Pages/layout.indd
    type:
      description: The type of the relation.
      type: str
      sample: references
    from:
      description: The C(id) and the C(path) of the asset at O(relations[].from).
      type: dict
      sample: {id: 9mUVYBJ5qjRB_OnmAIdUaW, path: /Demo Zone/Pages/layout.indd}
    to:
      description: The same of the asset at O(relations[].to).
      type: dict
      sample: {id: 4xWfUGFkKR2BLl4Jxk3hFn, path: /Demo Zone/Pictures/harbour.jpg}
removed:
  description: The relations that were removed, or would be, in the order of the task.
  returned: always
  type: list
  elements: dict
  contains: *relation
truncated:
  description: The lists of this result that lack entries. O(report) has all of them.
  returned: success, and failure once the sides were compared
  type: list
  elements: str
  sample: []
failures:
  description: The relations with which it failed, as in RV(created), each with a C(reason) and a C(message).
  returned: always
  type: list
  elements: dict
  sample: []
left_out:
  description: In check mode, the relations to assets that are not there, as in RV(created), each with C(why).
  returned: always
  type: list
  elements: dict
  sample: []
left:
  description: How many relations were not started, because the task stopped before.
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
    - Why the first relation failed, or the task as a whole, for a C(rescue) section to branch on. See
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

from ..module_utils._operations.relation import OPERATION
from ..module_utils._task.module import run_module


def main() -> None:
    run_module(OPERATION)


if __name__ == "__main__":
    main()
