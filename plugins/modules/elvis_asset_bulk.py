# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

DOCUMENTATION = r"""
module: elvis_asset_bulk
version_added: 0.2.0
short_description: Move or remove many assets in Elvis (WoodWing Assets), or end their check-outs
description:
  - A first task needs O(session), O(query), and one of O(folder), O(state=absent) and O(undo_check_out).
  - Moves assets into a folder, ends their check-outs, or removes them. A query or a list selects the assets.
  - The task reads the assets first, and changes only those that differ. A second run changes nothing. After a run that
    was killed, the next run does the rest.
  - The task reads each asset again, at most two seconds before it changes the asset. It leaves the asset unchanged, and
    fails with RV(reason=conflict), if somebody has moved, edited, checked out or removed the asset meanwhile. The same
    applies if O(query) no longer finds the asset, or O(except_query) finds it by then.
  - An asset that fails does not stop the task. The task goes on with the others, and fails at its end, see
    O(on_failure).
author:
  - damops contributors (@damops)
options:
  query:
    description:
      - A query in the search language of Elvis. The task works on all assets that it finds, in the whole DAM unless the
        query names a folder, such as V(ancestorPaths:"/Demo Zone").
      - Exactly one of O(query), O(ids) and O(paths) is required.
      - An empty query finds every asset. It fails without O(max_change). So does a query that finds more than half of
        the assets that this user can see.
    type: str
  ids:
    description: The ids of the assets.
    type: list
    elements: str
  paths:
    description:
      - The absolute paths of the assets in the DAM.
      - With O(folder), an asset that is no longer at its path, and already is at its new path, is unchanged.
    type: list
    elements: str
    aliases: [path]
  except_query:
    description:
      - A query for the assets that the task must leave unchanged. If this search fails, or can't be read completely,
        the task changes nothing.
      - A query that finds nothing protects nothing, and the task does not warn of it. Check a new query with
        M(damops.elvis.elvis_asset_info), and read the id of a collection instead of writing it down.
      - V(relatedTo:ID relationTarget:child relationType:contains) finds the members of a collection, where C(ID) is the
        id of the collection.
    type: str
  folder:
    description:
      - The absolute path of the folder in the DAM to move the assets into. The task makes the folder if it is missing.
      - Exactly one of O(folder), O(undo_check_out=true) and O(state=absent) is required.
      - If another asset already has the new path, the asset fails with RV(reason=conflict). If several of the assets
        would get the same path, the task moves nothing.
    type: str
  layout:
    description:
      - Where in O(folder) the assets go. With V(flat), all go directly into O(folder), also those from sub-folders.
      - With V(tree), they keep their sub-folders below O(base), which is then required.
    type: str
    choices: [flat, tree]
    default: flat
  base:
    description:
      - With O(layout=tree), the folder in the DAM whose sub-folders are kept. With the base V(/Demo Zone/Issues), the
        asset C(/Demo Zone/Issues/47/cover.indd) goes to C(47/cover.indd) in O(folder).
      - An asset that is neither below O(base) nor below O(folder) fails.
      - An asset that is already below O(folder) is unchanged. It moves only if O(base) is below O(folder), and the
        asset below O(base).
    type: str
  undo_check_out:
    description:
      - Whether to end the check-outs that began before O(checked_out_before). The assets get no new file, so the DAM
        does not have what their users edited since.
      - Without O(force=true), the task ends only check-outs of its own user. An old check-out of another user fails
        with RV(reason=conflict).
      - If two tasks end the same check-out at the same time, both may count the asset as updated. The server's reply
        does not tell which of them did it.
    type: bool
    default: false
  checked_out_before:
    description:
      - A time, such as V(2026-11-30T14:00:00+01:00). The task ends only check-outs that began before it. An asset that
        was checked out later is unchanged. A time without a zone needs O(timezone).
      - Or an age, such as V(48h) or V(7d), which counts back from now by the clock of the machine that runs the task.
        Its unit is V(s), V(m), V(h), V(d) or V(w).
      - Required with O(undo_check_out=true), and refused without it.
    type: str
  timezone:
    description: The zone of a time in O(checked_out_before) that has none, such as V(Europe/Berlin) or V(+01:00).
    type: str
  state:
    description:
      - V(absent) removes the assets from the DAM. A named asset that does not exist counts as unchanged.
      - V(present) has no effect. It does not create assets.
    type: str
    choices: [present, absent]
    default: present
  force:
    description:
      - Whether to change an asset that another user has checked out. The task ends that check-out first, which may need
        special rights. The DAM does not get what the other user edited since.
      - Without it, such an asset fails with RV(reason=conflict), and RV(failures) says who has the asset checked out,
        since when, and on which client.
      - A check-out of the user of the session is no obstacle, with or without this option.
    type: bool
    default: false
  max_change:
    description:
      - With O(query), how many assets the task may change. V(0) permits none. If more would change, the task changes
        nothing, and fails with both numbers, in check mode as well. If not set, it is 100.
      - Assets that O(ids) or O(paths) name are not limited.
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
      - The task only reads from the server. The counts and the lists are those of a real run. A named asset that does
        not exist is in RV(left_out), because an earlier task of the play may create it.
      - With a simulated session, the task sends nothing and reports a change.
  diff_mode:
    support: full
notes:
  - Run a new task with C(--check --diff) first. It lists each asset that would change.
  - Whether a removed asset can be restored depends on the server. This collection can't restore it.
  - A search may not find a new asset yet. The task looks again for missing assets that O(ids) or O(paths) name, for 10
    seconds in all. It does not look again with O(state=absent) and in check mode.
  - The task never removes the root, the zones (the folders of the first level), or an asset at such a path.
  - When a query would change more than O(max_change) assets, the task changes none of them. Narrow O(query), or raise
    O(max_change) after a check.
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

    - name: End all check-outs that are older than two days, also those of others
      damops.elvis.elvis_asset_bulk:
        session: "{{ elvis.session }}"
        query: checkedOutBy:*
        undo_check_out: true
        checked_out_before: 48h
        force: true

    - name: Remove old drafts, except the members of a collection
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
  description:
    - How many assets were updated or removed, are unchanged, were skipped, or failed. Updated are those that were
      moved, or whose check-out was ended.
  returned: success, and failure unless an option or the plan was refused
  type: dict
  sample: {created: 0, updated: 2, removed: 0, unchanged: 98, skipped: 0, failed: 0}
updated:
  description: The assets that were moved, or whose check-out was ended. In check mode, those that would be.
  returned: success, and failure unless an option or the plan was refused
  type: list
  elements: dict
  contains:
    id:
      description: The id.
      type: str
      sample: 4xWfUGFkKR2BLl4Jxk3hFn
    path:
      description: The path of the asset. For a move, the path before it.
      type: str
      sample: /Demo Zone/Issues/47/cover.indd
    new_path:
      description: The path after the move.
      returned: when O(folder) is given
      type: str
      sample: /Demo Zone/Archive/2025/47/cover.indd
    checked_out_by:
      description: The user who had the asset checked out.
      returned: when O(undo_check_out=true)
      type: str
      sample: bob
    checked_out_since:
      description: When the check-out began.
      returned: when O(undo_check_out=true)
      type: str
      sample: "2026-11-25T17:04:11Z"
removed:
  description: The assets that were removed, or would be, each with its C(id) and C(path).
  returned: success, and failure unless an option or the plan was refused
  type: list
  elements: dict
  sample: []
folders:
  description: The folders that the task made, or would make.
  returned: success, and failure unless an option or the plan was refused
  type: list
  elements: str
  sample: [/Demo Zone/Archive/2025/47]
truncated:
  description: The lists of this result that lack entries. O(report) has all of them.
  returned: success, and failure unless an option or the plan was refused
  type: list
  elements: str
  sample: []
failures:
  description:
    - The assets that failed, each with its C(id), C(path), C(reason) and C(message).
    - An entry has C(changes) if the task ended a check-out before the failure.
  returned: success, and failure unless an option or the plan was refused
  type: list
  elements: dict
  sample: []
left_out:
  description:
    - In check mode, the named assets that do not exist, each with its C(id) or C(path), and C(why).
    - With O(plan_mismatch=skip), the assets whose step is not in O(plan). Their C(why) is V(not_approved).
    - With O(plan_mismatch=skip), also the assets whose approved step was not done for that reason. Their C(why) begins
      with V(withheld).
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
      sample: {remove: 98}
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
  description: How many assets the task did not begin, because it stopped early.
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

from ..module_utils._operations.asset_bulk import OPERATION
from ..module_utils._task.module import run_module


def main() -> None:
    run_module(OPERATION)


if __name__ == "__main__":
    main()
