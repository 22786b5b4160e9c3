# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

DOCUMENTATION = r"""
module: elvis_metadata_restore
version_added: 0.2.0
short_description: Take back wrong changes of metadata in Elvis (WoodWing Assets)
description:
  - A first task needs O(session), O(query), O(users), O(since) and O(until).
  - Restores the metadata that assets had before wrong changes, such as those of a wrong query or a wrong file. It does
    not matter which client made the changes. The old values come from the histories of the assets.
  - The wrong changes are all changes of metadata that O(users) made from O(since) to O(until). Correct changes that the
    same users made in this time are taken back as well.
  - The task restores a field only if the wrong changes form an unbroken chain, and the last of them set the present
    value. It leaves all other fields unchanged, and lists each with the reason.
  - This module is experimental, and was tested on the emulated server only. Elvis does not document how long a server
    keeps a history, and how a history shows fields with several values. It does not document either whether a bulk
    update writes an entry for each asset. Options and results may change in any release.
author:
  - damops contributors (@damops)
options:
  query:
    description:
      - A query in the search language of Elvis for the assets to examine, for example V(ancestorPaths:"/Demo Zone").
        The task changes at most O(max_change) of them.
      - Exactly one of O(query), O(ids) and O(paths) is required.
      - Do not repeat the wrong query. It searches the present values, so it may find other assets than before. Name the
        folder of the assets instead.
      - An empty query finds every asset. It fails without O(max_change). So does a query that finds more than half of
        the assets that this user can see.
    type: str
  ids:
    description:
      - The ids of assets.
    type: list
    elements: str
  paths:
    description:
      - The absolute paths of assets in the DAM.
    type: list
    elements: str
    aliases: [path]
  users:
    description:
      - The names of the users whose changes to take back, in any letter case. The changes of all other users stay.
      - Between O(since) and O(until), the task takes back every change of metadata of these users, also correct ones.
        Choose a short time, or name the O(fields).
    type: list
    elements: str
    required: true
  since:
    description:
      - The time from which changes are wrong, such as V(2026-11-30T14:00:00+01:00). A time without a zone needs
        O(timezone). It is compared with the times in the histories, which come from the clock of the server.
      - Or an age, such as V(2h), which counts back from now by the clock of the machine that runs the task. Its unit is
        V(s), V(m), V(h), V(d) or V(w).
    type: str
    required: true
  until:
    description:
      - The time until which changes are wrong, in the form of O(since). A change at exactly this time is not wrong.
      - Later changes are edits, also those of O(users). The task keeps the fields that they set.
    type: str
    required: true
  timezone:
    description:
      - The time zone of O(since) and O(until) where they have none, such as V(Europe/Berlin), V(UTC) or V(+01:00).
    type: str
  fields:
    description:
      - The fields to restore. If empty, all fields that the wrong changes set.
      - A field that the server itself sets is refused.
    type: list
    elements: str
    default: []
  force:
    description:
      - Whether to write to an asset that another user has checked out. The task ends that check-out first, which may
        need special rights. The DAM does not get what the other user edited since.
      - Without it, such an asset fails with RV(reason=conflict).
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
      - The task only reads from the server. The counts and the lists are those of a real run.
      - With a simulated session, the task sends nothing and reports a change.
  diff_mode:
    support: full
notes:
  - Run the task with C(--check --diff) first, and then on a few assets. It lists each field that it can't restore.
  - The task takes back no new files, no moves, no removals, and no changes of fields that the server sets.
    RV(other_changes) lists such changes of O(users) in this time. An asset that was created in this time keeps the
    metadata that it was created with.
  - Only changes with the action C(METADATA_UPDATE) in the history are wrong changes. A check-in that also changed
    metadata is an edit.
  - A chain of changes is unbroken if each old value equals the new value of the change before, and no other change lies
    between them. If changes in the same millisecond fit in several orders with different results, the field is
    uncertain.
  - A history may show a field with several values as one text. The module can't separate these values, so the field is
    uncertain. Restore such a field from an earlier report, with O(damops.elvis.elvis_metadata#module:src).
  - An empty field does not show whether it holds times, lists or text. The module looks at another asset with a value
    in this field. If no asset has one, the field is uncertain.
  - The index of the server may be older than the histories. The task looks again for up to 10 seconds, or for
    O(index_wait), whichever is longer.
  - The task reads each asset again before it writes. If somebody changed the asset meanwhile, the asset stays unchanged
    and fails with RV(reason=conflict). The next run lists the field in RV(edited_since).
  - A plan also lists the fields that the task does not restore, with the action C(leave). So an asset that O(plan)
    restores, and that somebody edited since, has a step that is not in O(plan).
  - The task writes new entries into the histories. To undo a restoration, run this module with the user and the time of
    that task.
seealso:
  - module: damops.elvis.elvis_history_info
  - module: damops.elvis.elvis_metadata
  - name: A wrong query ran
    description: The runbook, from the first look to the repair.
    link: https://github.com/damops/elvis/blob/main/docs/runbooks/wrong_query.md
"""

EXAMPLES = r"""
- name: Take back what a wrong query changed, and log out whatever happens
  block:
    - name: Log in with ELVIS_SERVER_URL, ELVIS_USERNAME and ELVIS_PASSWORD from the environment
      damops.elvis.elvis_login:
      register: elvis
      check_mode: false

    - name: Restore the metadata that the account api changed in these ten minutes
      damops.elvis.elvis_metadata_restore:
        session: "{{ elvis.session }}"
        query: 'ancestorPaths:"/Demo Zone"'
        users: [api]
        since: "2026-11-30T14:00:00+01:00"
        until: "2026-11-30T14:10:00+01:00"
        max_change: 10000
        report: /srv/reports/restored.jsonl
      register: restored

    - name: Show what people have to look at
      ansible.builtin.debug:
        msg: "{{ restored.edited_since + restored.uncertain + restored.without_history }}"
  always:
    - name: Log out
      damops.elvis.elvis_logout:
        session: "{{ elvis.session | default({}) }}"
      check_mode: false
"""

RETURN = r"""
field_counts:
  description:
    - How many of the fields with wrong changes were restored, are unchanged, were edited since, are uncertain, are not
      approved or failed. An asset without history counts as one field.
    - A field is unchanged if it had its old value already. With O(plan_mismatch=skip), a field is not approved if the
      task could restore it, but left its asset out because of O(plan).
  returned: success, and failure unless an option or the plan was refused
  type: dict
  sample:
    restored: 9870
    unchanged: 4
    edited_since: 112
    uncertain: 14
    without_history: 0
    not_approved: 0
    failed: 0
counts:
  description:
    - How many assets were updated, are unchanged, were skipped, or failed. The other counts are 0.
    - An asset is skipped if the task can't restore any field of it, or does not find it in check mode.
  returned: success, and failure unless an option or the plan was refused
  type: dict
  sample: {created: 0, updated: 9870, removed: 0, unchanged: 4, skipped: 126, failed: 0}
updated:
  description: The assets that the task wrote to, or would write to.
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
      description: The fields that were restored.
      type: list
      elements: str
      sample: [status]
    left:
      description: The fields of this asset that were not restored, each with V(edited_since) or V(uncertain).
      type: dict
      returned: when there is any
      sample: {tags: uncertain}
    stored_as:
      description: What the server keeps of a value, where that is not what it was given.
      returned: when there is any
      type: dict
      sample: {headline: A headline that is too lo}
edited_since:
  description:
    - The fields that somebody changed between or after the wrong changes. They keep their present value.
    - Each has C(id), C(path), C(field) and C(why).
  returned: success, and failure unless an option or the plan was refused
  type: list
  elements: dict
  sample:
    - id: 9mUVYBJ5qjRB_OnmAIdUaW
      path: /Demo Zone/cover.jpg
      field: status
      why: it was changed later
uncertain:
  description: The fields whose old value the history does not show with certainty, with the keys of RV(edited_since).
  returned: success, and failure unless an option or the plan was refused
  type: list
  elements: dict
  sample: []
without_history:
  description:
    - The assets that were modified after O(since), but whose history has no change after that. Each has C(id), C(path)
      and C(why).
  returned: success, and failure unless an option or the plan was refused
  type: list
  elements: dict
  sample: []
other_changes:
  description:
    - The other changes of O(users) in this time, which the task never takes back.
    - Each has C(id), C(path), C(action), C(time) and C(user). C(field) is a field that the server sets, or V(null).
  returned: success, and failure unless an option or the plan was refused
  type: list
  elements: dict
  sample:
    - id: 9mUVYBJ5qjRB_OnmAIdUaW
      path: /Demo Zone/cover.jpg
      action: MOVE
      field: null
      time: "2026-11-30T13:02:11.480Z"
      user: api
left_out:
  description:
    - The assets with wrong changes of which no field was restored, each with its C(id), C(path) and C(why). C(left) has
      the fields.
    - In check mode, also the named assets that do not exist.
    - With O(plan_mismatch=skip), also the assets whose step is not in O(plan). Their C(why) is V(not_approved).
    - With O(plan_mismatch=skip), also the assets whose approved step was not done for that reason. Their C(why) begins
      with V(withheld).
  returned: success, and failure unless an option or the plan was refused
  type: list
  elements: dict
  sample: []
truncated:
  description: The lists of this result that lack entries. O(report) has all assets.
  returned: success, and failure unless an option or the plan was refused
  type: list
  elements: str
  sample: []
failures:
  description: The assets with which it failed, each with its C(id), C(path), a C(reason) and a C(message).
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
      sample: /srv/plans/restore.jsonl
    digest:
      description: The SHA-256 of the file, for O(plan_digest).
      type: str
      sample: 3f0c5ed9bb1bcd2b95ba8a0ad3ed6d1a2a7a0a5f0a2fbc2f6b2f0a2f7cf7a9d1
    counts:
      description: The number of steps of each action.
      returned: with O(plan_dest)
      type: dict
      sample: {leave: 14, update: 84}
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

from ..module_utils._operations.metadata_restore import OPERATION
from ..module_utils._task.module import run_module


def main() -> None:
    run_module(OPERATION)


if __name__ == "__main__":
    main()
