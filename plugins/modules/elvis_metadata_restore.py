# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

DOCUMENTATION = r"""
module: elvis_metadata_restore
version_added: 0.2.0
short_description: Take back wrong changes of metadata in Elvis (WoodWing Assets)
description:
  - Gives assets back the metadata that they had before a wrong query or a wrong file changed them, whichever client did
    it. It takes the old values from the histories of the assets.
  - A field is set back only where the wrong changes form an unbroken chain, and where its value is still the one that
    the last of them gave it. Everything else is left as it is, and the result lists it with the reason.
  - This module is experimental. How long a server keeps a history, in which form it has fields with several values, and
    whether a bulk update writes an entry for each asset is not documented. It was tried on the emulated server only.
    Its options and results may change in any release.
author:
  - damops contributors (@damops)
options:
  query:
    description:
      - Which assets to look at, in the search language of Elvis, for example V(ancestorPaths:"/Demo Zone"). The task
        changes at most O(max_change) of them.
      - Exactly one of O(query), O(ids) and O(paths) is required.
      - The query works on the present values. A query that names a damaged field may find other assets than before.
      - A query that is empty finds every asset. It needs O(max_change), and so does one that finds more than half of
        all assets that this user can see.
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
      - The users whose changes to take back, in any letter case. The changes of all others are kept.
    type: list
    elements: str
    required: true
  since:
    description:
      - The beginning of the wrong changes, such as V(2026-11-30T14:00:00+01:00). A time without a zone needs
        O(timezone).
      - An age, such as V(2h), counts back from now by the clock of the machine that runs the task. Its unit is V(s),
        V(m), V(h), V(d) or V(w).
    type: str
    required: true
  until:
    description:
      - The end of the wrong changes, in the form of O(since). This moment itself does not count.
      - Later changes, of the same users as well, count as edits that are kept.
    type: str
    required: true
  timezone:
    description:
      - The time zone of O(since) and O(until) where they have none, such as V(Europe/Berlin), V(UTC) or V(+01:00).
    type: str
  fields:
    description:
      - The fields to set back. If empty, all that the wrong changes touched.
      - A field that the server itself sets is refused.
    type: list
    elements: str
    default: []
  force:
    description:
      - Whether to write to an asset that somebody else has checked out. Their check-out is ended first, which may need
        special rights.
      - Without it, such an asset fails with RV(reason=conflict).
    type: bool
    default: false
  max_change:
    description:
      - With O(query), how many assets the task may change. V(0) permits none. When more would change, nothing is
        changed, and the task fails with both numbers, in check mode too. If not set, it is 100.
      - Assets that O(ids) or O(paths) name do not count.
    type: int
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
      - Only what reads is sent, and the counts are those of a real run.
      - With a simulated session nothing is sent. A change is reported.
  diff_mode:
    support: full
notes:
  - Files, moves, removals and fields that the server sets are never touched. RV(other_changes) lists those of O(users)
    in this time. An asset that was created in this time keeps the metadata that it was created with.
  - A change in the history counts as wrong when its action is C(METADATA_UPDATE). A check-in that changed metadata as
    well counts as an edit.
  - A chain of changes is unbroken when each old value is the new value of the change before, and no other change lies
    between them. When changes in one millisecond fit in several orders with different results, the field is uncertain.
  - A history may have a field with several values as one text. Then the values can't be told apart, and the field is
    uncertain. Set such fields back by O(damops.elvis.elvis_metadata#module:src), from a report of an earlier day.
  - An empty field does not show whether it holds times, lists or text. Another asset with a value in this field shows
    it. Where there is none, the field is uncertain.
  - A search that lags may show older values than the histories have. The task looks again for up to 10 seconds, or for
    O(index_wait), whichever is longer.
  - Before it writes, the task reads each asset again. An asset that was changed meanwhile is left as it is and fails
    with RV(reason=conflict). Run again, the task lists it as edited.
  - A restoration is a change like any other. The same module takes it back, with the user and the time of the task.
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

    - name: Set the metadata back that the account api changed in these ten minutes
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
    - How many of the fields that were changed by mistake were restored, are unchanged, were edited since, are uncertain
      or failed. An asset without history counts as one.
    - A field is unchanged when it has the old value already.
  returned: success, and failure once the assets were searched
  type: dict
  sample: {restored: 9870, unchanged: 4, edited_since: 112, uncertain: 14, without_history: 0, failed: 0}
counts:
  description:
    - How many assets were updated, are unchanged, were skipped or failed. The other counts are 0. An asset is skipped
      when nothing of it could be set back, or when it was not found in check mode.
  returned: always
  type: dict
  sample: {created: 0, updated: 9870, removed: 0, unchanged: 4, skipped: 126, failed: 0}
updated:
  description: The assets that were written, or would be.
  returned: always
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
      description: The fields that were set back.
      type: list
      elements: str
      sample: [status]
    left:
      description: The fields of this asset that were left as they are, each with V(edited_since) or V(uncertain).
      type: dict
      returned: when there is any
      sample: {tags: uncertain}
    stored_as:
      description: What the server keeps of a value, where that is not what it was given.
      returned: when there is any
      type: dict
      sample: {headline: A headline that is too lo}
edited_since:
  description: The fields that somebody changed later or in between, each with C(id), C(path), C(field) and C(why).
  returned: success, and failure once the assets were searched
  type: list
  elements: dict
  sample:
    - id: 9mUVYBJ5qjRB_OnmAIdUaW
      path: /Demo Zone/cover.jpg
      field: status
      why: it was changed later
uncertain:
  description: The fields whose old value can't be read for certain, with the same keys.
  returned: success, and failure once the assets were searched
  type: list
  elements: dict
  sample: []
without_history:
  description:
    - The assets that were modified since O(since), and whose history has no change since then. Each has C(id), C(path)
      and C(why).
  returned: success, and failure once the assets were searched
  type: list
  elements: dict
  sample: []
other_changes:
  description:
    - What else O(users) changed in this time. It is never taken back. Each has C(id), C(path), C(action), C(time) and
      C(user). C(field) is a field that the server sets, or V(null).
  returned: success, and failure once the assets were searched
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
    - The assets of which nothing was set back, each with its C(id), C(path) and C(why). C(left) has the
      fields that were left.
  returned: always
  type: list
  elements: dict
  sample: []
truncated:
  description: The lists of this result that lack entries. O(report) has all assets.
  returned: success, and failure once the sides were compared
  type: list
  elements: str
  sample: []
failures:
  description: The assets with which it failed, each with its C(id), C(path), a C(reason) and a C(message).
  returned: always
  type: list
  elements: dict
  sample: []
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

from ..module_utils._operations.metadata_restore import OPERATION
from ..module_utils._task.module import run_module


def main() -> None:
    run_module(OPERATION)


if __name__ == "__main__":
    main()
