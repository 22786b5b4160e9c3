# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

DOCUMENTATION = r"""
module: elvis_folder
version_added: 0.2.0
short_description: Make, move or remove folders in Elvis (WoodWing Assets)
description:
  - A first task needs O(session) and O(paths).
  - Makes folders in the DAM, removes them, or moves one folder to another path.
  - Missing parent folders are made as well.
author:
  - damops contributors (@damops)
options:
  paths:
    description:
      - The absolute paths of one or more folders in the DAM, for example V(/Demo Zone/Inbox).
      - 'The characters C(\ / : * ? " < > | # ;), control characters, and segments that are empty, V(.) or V(..) are
        refused before anything is sent.'
    type: list
    elements: str
    aliases: [path]
    required: true
  state:
    description:
      - V(present) makes the folders that are missing.
      - V(absent) removes those that are there. The root and a zone (a folder of the first level) are never removed.
    type: str
    choices: [present, absent]
    default: present
  recursive:
    description:
      - Whether a folder is removed with all assets and folders in it. Without it, a folder that is not empty is a
        failure, which tells how many assets would go.
      - Assets that somebody else has checked out are a failure in any case, and nothing of their folder is removed.
    type: bool
    default: false
  moved_from:
    description:
      - The present path of a folder that the task moves or renames, with all assets and sub-folders, to the path in
        O(paths). O(paths) is the new path of the folder itself, not that of its parent.
      - O(paths) must have exactly one element, and O(state) must be V(present). The task makes the new parent folder if
        it is missing.
      - If only the folder in O(paths) exists, the task changes nothing and reports no change, also when O(moved_from)
        is misspelled.
      - If neither folder exists, the task fails with RV(reason=not_found). In check mode, a folder that an earlier task
        of the play would make does not exist.
      - If both folders exist, the task fails with RV(reason=conflict), and reports how many assets each has. An earlier
        move may have stopped half-way.
      - If another user has an asset in the folder checked out, the task fails with RV(reason=conflict) and moves
        nothing.
      - The task never moves the root or a zone (a folder of the first level), and no folder into itself. A change of
        letter case is a rename.
    type: str
extends_documentation_fragment:
  - damops.elvis.index
  - damops.elvis.session
  - damops.elvis.connection
  - damops.elvis.attributes
attributes:
  check_mode:
    details:
      - Only what reads is sent. With a simulated session nothing is sent, and nothing can be compared. Then a change is
        reported, and RV(folders) is empty.
  diff_mode:
    support: full
notes:
  - Whether Elvis tells letter case and the forms of Unicode apart is not documented. A folder that is there in another
    spelling of the same name counts as there.
  - A folder that can't be made or removed does not keep the others from it. The task fails, and RV(folders) has those
    with which it went well.
seealso:
  - module: damops.elvis.elvis_login
  - module: damops.elvis.elvis_upload
  - module: damops.elvis.elvis_asset_info
"""

EXAMPLES = r"""
- name: Make the folders of an issue, tidy up, and log out whatever happens
  block:
    - name: Log in with ELVIS_SERVER_URL, ELVIS_USERNAME and ELVIS_PASSWORD from the environment
      damops.elvis.elvis_login:
      register: elvis
      check_mode: false

    - name: Make the folders
      damops.elvis.elvis_folder:
        session: "{{ elvis.session }}"
        paths:
          - /Demo Zone/Issues/2026-48/Cover
          - /Demo Zone/Issues/2026-48/Pages
          - /Demo Zone/Issues/2026-48/Ads
      register: made

    - name: Rename a folder
      damops.elvis.elvis_folder:
        session: "{{ elvis.session }}"
        paths: /Demo Zone/Archive/2026-47
        moved_from: /Demo Zone/Issues/2026-47

    - name: Remove a folder that must be empty
      damops.elvis.elvis_folder:
        session: "{{ elvis.session }}"
        paths: /Demo Zone/Inbox/yesterday
        state: absent

    - name: Remove a folder with all that is in it
      damops.elvis.elvis_folder:
        session: "{{ elvis.session }}"
        paths: /Demo Zone/Scratch
        state: absent
        recursive: true
  always:
    - name: Log out
      damops.elvis.elvis_logout:
        session: "{{ elvis.session | default({}) }}"
      check_mode: false
"""

RETURN = r"""
folders:
  description: What became of each folder, in the order of O(paths). Those with which it failed are not in it.
  returned: success, and some failures
  type: list
  elements: dict
  contains:
    path:
      description: The path, as the task gives it, without a slash at its end.
      type: str
      sample: /Demo Zone/Inbox
    changed:
      description: Whether it was made, moved or removed.
      type: bool
      sample: true
    assets:
      description: How many assets were removed or moved with it.
      returned: when it was removed or moved
      type: int
      sample: 0
    moved_from:
      description: The path of the folder before the move.
      returned: when it was moved
      type: str
      sample: /Demo Zone/Issues/2026-47
simulated:
  description: That O(session) was simulated by a login in check mode, so nothing was sent.
  returned: in check mode, with a simulated session
  type: bool
  sample: true
reason:
  description:
    - Why it failed, for a C(rescue) section to branch on. See RV(damops.elvis.elvis_login#module:reason).
    - V(conflict) when a folder to be removed is not empty or has assets that are checked out, and when an asset has the
      path of a folder to be made.
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

from ..module_utils._operations.folder import OPERATION
from ..module_utils._task.module import run_module


def main() -> None:
    run_module(OPERATION)


if __name__ == "__main__":
    main()
