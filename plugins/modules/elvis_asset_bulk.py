# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

DOCUMENTATION = r"""
module: elvis_asset_bulk
version_added: 0.2.0
short_description: Move or remove many assets in Elvis (WoodWing Assets), or end their check-outs
description:
  - Moves all assets that a query finds, or that a list names, into a folder, ends their check-outs, or removes them.
  - What is there is read first, and only what differs is changed. Run again, it changes nothing. A run that was killed
    is completed by the next one.
  - Each asset is read again at most two seconds before it changes. One that was moved, edited, checked out or removed
    meanwhile fails with RV(reason=conflict) and is left alone, and so is one that O(query) no longer finds or that
    O(except_query) finds by then.
author:
  - damops contributors (@damops)
options:
  query:
    description:
      - A query in the search language of Elvis, which finds the assets.
      - Exactly one of O(query), O(ids) and O(paths) is required.
      - A query that is empty finds every asset. It needs O(max_change), and so does one that finds more than half of
        all assets that this user can see.
    type: str
  ids:
    description: The ids of the assets.
    type: list
    elements: str
  paths:
    description:
      - The absolute paths of the assets in the DAM.
      - With O(folder), an asset that has gone from its path, and is at the new one, is unchanged.
    type: list
    elements: str
    aliases: [path]
  except_query:
    description:
      - A query for the assets to leave alone. What it finds takes no part. When it fails, or can't be read whole,
        nothing is changed.
      - The members of a collection are found by V(relatedTo:ID relationTarget:child relationType:contains), where C(ID)
        is the id of the collection.
    type: str
  folder:
    description:
      - The absolute path of the folder in the DAM that the assets shall be in. It is made when it is missing.
      - Exactly one of O(folder), O(undo_check_out=true) and O(state=absent) is required.
      - An asset whose new path another asset has is a RV(reason=conflict). When several of the assets would get one
        path, nothing is moved.
    type: str
  layout:
    description:
      - Whether the assets lie side by side in O(folder) (V(flat)), or keep the folders below O(base) that they lie in
        (V(tree)).
    type: str
    choices: [flat, tree]
    default: flat
  base:
    description:
      - With O(layout=tree), the folder in the DAM whose sub-folders are kept. With the base V(/Demo Zone/Issues), the
        asset C(/Demo Zone/Issues/47/cover.indd) goes to C(47/cover.indd) in O(folder).
      - An asset that lies neither below O(base) nor below O(folder) fails. One that lies below O(folder) already is
        unchanged, unless O(base) lies in O(folder) and the asset in O(base).
    type: str
  undo_check_out:
    description:
      - Whether the check-outs end that began before O(checked_out_before), without a new file.
      - That of somebody else needs O(force=true).
    type: bool
    default: false
  checked_out_before:
    description:
      - The moment before which a check-out began that shall end, such as V(2026-11-30T14:00:00+01:00). A time without a
        zone needs O(timezone). An asset that was checked out later is unchanged.
      - An age, such as V(48h) or V(7d), counts back from now by the clock of the machine that runs the task. Its unit
        is V(s), V(m), V(h), V(d) or V(w).
      - It is required with O(undo_check_out=true).
    type: str
  timezone:
    description: The zone of a time in O(checked_out_before) that has none, such as V(Europe/Berlin) or V(+01:00).
    type: str
  state:
    description:
      - Whether the assets are there. V(absent) removes them. An asset that is not there is unchanged then.
      - V(present) says nothing of its own.
    type: str
    choices: [present, absent]
    default: present
  force:
    description:
      - Whether to change an asset that somebody else has checked out. Their check-out is ended first, which may need
        special rights.
      - Without it, such an asset fails with RV(reason=conflict), and RV(failures) says who has it, since when, where.
    type: bool
    default: false
  max_change:
    description:
      - With O(query), how many assets the task may change. V(0) permits none. When more would change, nothing is
        changed, and the task fails with both numbers, in check mode too. If not set, it is 100.
      - Assets that are named by O(ids) or O(paths) do not count.
    type: int
extends_documentation_fragment:
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
      - Only what reads is sent, and the counts and the lists are those of a real run. A named asset that is not there
        is listed in RV(left_out), since an earlier task may be what makes it.
      - With a simulated session nothing is sent, and a change is reported.
  diff_mode:
    support: full
notes:
  - A named asset that is not found is looked for until a search should know it, 10 seconds for all of them together.
  - The root and the zones (the first level of the DAM) are never removed, and neither is an asset that has such a path.
  - A run over more assets than O(max_change) permits is split by a narrower O(query), never by chance. No part of a
    query is changed when all of it is too much.
seealso:
  - module: damops.elvis.elvis_login
  - module: damops.elvis.elvis_asset
  - module: damops.elvis.elvis_folder
  - module: damops.elvis.elvis_metadata
"""

EXAMPLES = r"""
- name: Tidy up, and log out whatever happens
  block:
    - name: Log in with ELVIS_SERVER_URL, ELVIS_USERNAME and ELVIS_PASSWORD from the environment
      damops.elvis.elvis_login:
      register: elvis
      check_mode: false

    - name: Move last year's issues to the archive, and keep their folders
      damops.elvis.elvis_asset_bulk:
        session: "{{ elvis.session }}"
        query: 'ancestorPaths:"/Demo Zone/Issues" AND assetCreated:2025'
        folder: /Demo Zone/Archive/2025
        layout: tree
        base: /Demo Zone/Issues
        max_change: 5000
        report: /srv/reports/archived.jsonl

    - name: Give back what has been checked out for more than two days
      damops.elvis.elvis_asset_bulk:
        session: "{{ elvis.session }}"
        query: checkedOutBy:*
        undo_check_out: true
        checked_out_before: 48h
        force: true

    - name: Remove old drafts, but for what is in a collection
      damops.elvis.elvis_asset_bulk:
        session: "{{ elvis.session }}"
        query: 'status:Draft AND assetCreated:[* TO NOW-1YEAR]'
        except_query: relatedTo:9mUVYBJ5qjRB_OnmAIdUaW relationTarget:child relationType:contains
        state: absent

    - name: Remove exactly what somebody approved
      damops.elvis.elvis_asset_bulk:
        session: "{{ elvis.session }}"
        query: status:Discarded
        state: absent
        max_change: 5000
        plan: /srv/plans/discarded.jsonl
        plan_digest: "{{ approved_digest }}"
  always:
    - name: Log out
      damops.elvis.elvis_logout:
        session: "{{ elvis.session | default({}) }}"
      check_mode: false
"""

RETURN = r"""
counts:
  description: How many assets were updated (moved, or given back) or removed, are unchanged, were skipped or failed.
  returned: always
  type: dict
  sample: {created: 0, updated: 2, removed: 0, unchanged: 98, skipped: 0, failed: 0}
updated:
  description: The assets that were moved or given back, or would be.
  returned: always
  type: list
  elements: dict
  contains:
    id:
      description: The id.
      type: str
      sample: 4xWfUGFkKR2BLl4Jxk3hFn
    path:
      description: The path, when an asset was moved the one before.
      type: str
      sample: /Demo Zone/Issues/47/cover.indd
    new_path:
      description: The path where it is now, or would be.
      returned: when O(folder) is given
      type: str
      sample: /Demo Zone/Archive/2025/47/cover.indd
    checked_out_by:
      description: Who had it checked out.
      returned: when O(undo_check_out=true)
      type: str
      sample: bob
    checked_out_since:
      description: Since when.
      returned: when O(undo_check_out=true)
      type: str
      sample: "2026-11-25T17:04:11Z"
removed:
  description: The assets that were removed, or would be, each with its C(id) and C(path).
  returned: always
  type: list
  elements: dict
  sample: []
folders:
  description: The folders that were made, or would be.
  returned: always
  type: list
  elements: str
  sample: [/Demo Zone/Archive/2025/47]
truncated:
  description: The lists of this result that lack entries. O(report) has all of them.
  returned: success, and failure once the sides were compared
  type: list
  elements: str
  sample: []
failures:
  description:
    - The assets with which it failed, each with its C(id) and C(path), a C(reason) and a C(message).
    - C(changes) is there when a check-out was ended before the failure.
  returned: always
  type: list
  elements: dict
  sample: []
left_out:
  description:
    - The named assets that are not there, each with its C(id) or C(path), and C(why).
    - With O(plan_mismatch=skip), the assets whose step is not in O(plan), where C(why) is V(not_approved), and those
      with which nothing is done because of that.
  returned: always
  type: list
  elements: dict
  sample: []
plan:
  description: The plan that was made, or was applied.
  returned: with O(plan_dest) or O(plan)
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
      sample: {remove: 98}
    steps:
      description: The number of steps in the plan.
      returned: with O(plan)
      type: int
      sample: 98
    not_approved:
      description: The number of steps that the plan does not have. They were not done.
      returned: with O(plan)
      type: int
      sample: 0
left:
  description: How many assets were not started, because the task stopped before.
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

from ..module_utils._operations.asset_bulk import OPERATION
from ..module_utils._task.module import run_module


def main() -> None:
    run_module(OPERATION)


if __name__ == "__main__":
    main()
