# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

DOCUMENTATION = r"""
module: elvis_metadata
version_added: 0.2.0
short_description: Set the metadata of many assets in Elvis (WoodWing Assets)
description:
  - A first task needs O(session), O(query) and O(metadata); or O(session) and O(src) for rows of a file.
  - Makes assets have the metadata that rows give them (a list, a CSV or JSON file, an Excel workbook), or one set for
    all that a query finds.
  - What is there is read first, and only what differs is written, up to 100 assets with a request. Run again, it
    changes nothing.
author:
  - damops contributors (@damops)
options:
  assets:
    description:
      - The assets, each with its own metadata.
      - One of O(assets), O(src) and O(query) is required.
    type: list
    elements: dict
    suboptions:
      id:
        description: The id of the asset. One of O(assets[].id) and O(assets[].path) is required.
        type: str
      path:
        description: Its absolute path in the DAM.
        type: str
      metadata:
        description: See O(metadata).
        type: dict
        required: true
  src:
    description:
      - The absolute path of a file with a row an asset, on the machine that runs the task. It is CSV, JSON Lines, a
        JSON array or an Excel workbook.
      - It is read twice, and no more than a few rows at a time are kept in memory.
    type: path
  query:
    description:
      - A query in the search language of Elvis. All assets that it finds get O(metadata). If this would change more
        than O(max_change) assets, the task changes none.
      - An empty query finds every asset. It fails without O(max_change). So does a query that finds more than half of
        the assets that this user can see.
    type: str
  metadata:
    description:
      - Values by the names of their fields. A value is text, a number, a boolean or a list of these. V(null) or an
        empty text empties the field.
      - A list whose every element begins with C(+) or C(-) adds values to a field and removes values from it, for
        example V({"tags":["+summer","-winter"]}). A list that has other elements too is refused.
      - A text is stored as it stands, also one that begins with a sign, such as V(-5 °C). In O(src) a sign is
        always a part of the value.
      - A time is ISO 8601, and needs O(timezone) if it has no zone. A number of 12 to 15 digits is milliseconds since
        1970. Digits that read as a calendar date are refused, such as V(20140102123000).
    type: dict
  key:
    description:
      - The column of O(src) that identifies the asset of a row. Give its header, or the field that O(mapping) gives it.
        If not set, it is V(id) or V(path). If a row has both, the id counts.
      - Any other field can identify assets, for example V(cf_articleNumber). A row then belongs to the asset whose
        field holds exactly the value of the cell. Letter case and blanks count. V(12345678) is not V(0012345678).
      - An asset with several values in the field never matches.
      - If several assets hold the value, the row fails with RV(reason=conflict), and the message names them.
      - The task does not search below a folder only. It searches the whole DAM that this user can see.
      - A column with ids or paths under another header needs O(mapping), for example V({"File":"path"}).
    type: str
  force:
    description:
      - Whether to write to an asset that somebody else has checked out. Their check-out is ended first, which may need
        special rights.
      - If the write fails after the task has ended the check-out, the asset is in RV(failures) and in RV(updated). Its
        C(fields) are then C(checkedOutBy) alone.
      - Without it, such an asset fails with RV(reason=conflict), and RV(failures) says who has it, since when, where.
    type: bool
    default: false
  max_change:
    description:
      - With O(query), how many assets the task may change. V(0) permits none. If more would change, the task changes
        nothing, and fails with both numbers, in check mode as well. If not set, it is 100.
      - O(assets) and O(src) are not limited. Use O(plan) to approve their changes.
    type: int
extends_documentation_fragment:
  - damops.elvis.rows
  - damops.elvis.csv
  - damops.elvis.plan
  - damops.elvis.many
  - damops.elvis.parallel
  - damops.elvis.index
  - damops.elvis.session
  - damops.elvis.connection
  - damops.elvis.attributes
attributes:
  check_mode:
    details:
      - Only what reads is sent, and the counts are those of a real run. A row whose asset is not there is listed in
        RV(left_out), since an earlier task may be what makes it.
      - With a simulated session O(src) is checked and nothing is sent. A change is reported.
  diff_mode:
    support: full
notes:
  - A value counts as the same when it means the same. A time is compared as a moment, a number as a number, a list as a
    set, an absent field as an empty one. In a text, line ends, the form of Unicode and white space at the ends don't
    count.
  - When the server keeps a value in another form than it was given (shortened, in other letter case), the task warns of
    it, and each run writes it again.
  - A row whose asset is not found is looked for until a search should know it, 10 seconds for all rows together.
seealso:
  - module: damops.elvis.elvis_login
  - module: damops.elvis.elvis_asset_info
  - module: damops.elvis.elvis_upload
"""

EXAMPLES = r"""
- name: Set metadata, and log out whatever happens
  block:
    - name: Log in with ELVIS_SERVER_URL, ELVIS_USERNAME and ELVIS_PASSWORD from the environment
      damops.elvis.elvis_login:
      register: elvis
      check_mode: false

    - name: Write the captions that are in a file
      damops.elvis.elvis_metadata:
        session: "{{ elvis.session }}"
        src: /srv/inbox/captions.csv
        mapping:
          Caption: headline
        list_fields: [tags, subjects]
        timezone: Europe/Berlin
      register: captions

    - name: Write the prices that a shop exports by article number
      damops.elvis.elvis_metadata:
        session: "{{ elvis.session }}"
        src: /srv/shop/articles.csv
        key: cf_articleNumber
        mapping:
          Art. No.: cf_articleNumber
          Price: cf_price

    - name: Archive what was published a year ago
      damops.elvis.elvis_metadata:
        session: "{{ elvis.session }}"
        query: 'ancestorPaths:"/Demo Zone" AND status:Published AND assetCreated:[* TO NOW-1YEAR]'
        metadata:
          status: Archived
          tags: ["+archive"]

    - name: Do exactly what somebody approved
      damops.elvis.elvis_metadata:
        session: "{{ elvis.session }}"
        query: status:Old
        metadata:
          status: Archived
        plan: /srv/plans/archive.jsonl
        plan_digest: "{{ approved_digest }}"

    - name: Set the metadata of two assets
      damops.elvis.elvis_metadata:
        session: "{{ elvis.session }}"
        assets:
          - path: /Demo Zone/Inbox/cover.jpg
            metadata: {status: Final, credit: Alice}
          - path: /Demo Zone/Inbox/back.jpg
            metadata: {status: Final, credit: null}
  always:
    - name: Log out
      damops.elvis.elvis_logout:
        session: "{{ elvis.session | default({}) }}"
      check_mode: false
"""

RETURN = r"""
counts:
  description: How many assets were updated, are unchanged, were skipped or failed. The other counts are 0.
  returned: success, and failure unless an option or the plan was refused
  type: dict
  sample: {created: 0, updated: 2, removed: 0, unchanged: 98, skipped: 0, failed: 0}
updated:
  description: The assets that were written, or would be, in the order of the rows.
  returned: success, and failure unless an option or the plan was refused
  type: list
  elements: dict
  contains:
    id:
      description: The id.
      type: str
      sample: 9mUVYBJ5qjRB_OnmAIdUaW
    path:
      description: The path.
      type: str
      sample: /Demo Zone/cover.jpg
    fields:
      description: The fields that differed.
      type: list
      elements: str
      sample: [status]
    key:
      description: The field and the value that identified the asset.
      type: dict
      returned: when O(key) is neither an id nor a path
      sample: {cf_articleNumber: "12345678"}
    stored_as:
      description: What the server keeps of a value, where that is not what it was given.
      returned: when there is any
      type: dict
      sample: {headline: A headline that is too lo}
truncated:
  description: The lists of this result that lack entries. O(report) has all of them.
  returned: success, and failure unless an option or the plan was refused
  type: list
  elements: str
  sample: []
failures:
  description:
    - The assets that failed, each with its C(id), C(path) or C(key), C(reason) and C(message).
    - If several assets have the value of O(key), C(assets) has their paths, and none of them was changed.
  returned: success, and failure unless an option or the plan was refused
  type: list
  elements: dict
  sample: []
left_out:
  description:
    - In check mode, the assets that do not exist, each with its C(id), C(path) or C(key), and C(why).
    - With O(plan_mismatch=skip), the assets whose step is not in O(plan). Their C(why) is V(not_approved).
  returned: success, and failure unless an option or the plan was refused
  type: list
  elements: dict
  sample: []
plan:
  description: The plan that was made, or was applied.
  returned: with O(plan), and on success with O(plan_dest)
  type: dict
  contains:
    dest:
      description: The file.
      returned: with O(plan_dest)
      type: str
      sample: /srv/plans/archive.jsonl
    digest:
      description: The SHA-256 of the file, for O(plan_digest).
      type: str
      sample: 3f0c5ed9bb1bcd2b95ba8a0ad3ed6d1a2a7a0a5f0a2fbc2f6b2f0a2f7cf7a9d1
    counts:
      description: The number of steps of each action.
      returned: with O(plan_dest)
      type: dict
      sample: {update: 98}
    steps:
      description: The number of steps in the plan.
      returned: with O(plan)
      type: int
      sample: 98
    not_approved:
      description: The number of steps that are not in the plan. The task did not do them.
      returned: with O(plan)
      type: int
      sample: 0
left:
  description: How many assets were not started, because the task stopped before.
  returned: success, and failure unless an option or the plan was refused
  type: int
  sample: 0
seconds:
  description: How long it took.
  returned: success, and failure unless an option or the plan was refused
  type: float
  sample: 1.5
log:
  description:
    - The progress, a line every five seconds. With C(-v) it is shown too, as it comes where the work
      is done in the playbook process, at the end where it is done on a target, with C(async) not at all.
  returned: success, and failure unless an option or the plan was refused
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
    - Why the first asset failed, or the task as a whole, for a C(rescue) section to branch on. See
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

from ..module_utils._operations.metadata import OPERATION
from ..module_utils._task.module import run_module


def main() -> None:
    run_module(OPERATION)


if __name__ == "__main__":
    main()
