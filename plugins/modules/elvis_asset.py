# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

DOCUMENTATION = r"""
module: elvis_asset
version_added: 0.2.0
short_description: Make one asset in Elvis (WoodWing Assets) have a file and metadata, or remove it
description:
  - A first task needs O(session), O(path) and O(file). O(metadata) sets fields as well.
  - Makes sure that an asset has this file and these metadata and is at this path, or that it is not there.
  - For many assets M(damops.elvis.elvis_upload) and M(damops.elvis.elvis_metadata) are many times faster than a loop.
author:
  - damops contributors (@damops)
options:
  path:
    description:
      - The absolute path of the asset in the DAM, its name included, for example V(/Demo Zone/cover.jpg).
      - With O(id) it is where the asset is to be. One that is elsewhere is moved there. Nothing is overwritten.
      - A path that ends in a slash, or that is one of a folder, is refused before anything is changed.
      - At least one of O(path) and O(id) is required.
    type: str
  id:
    description:
      - The id of the asset, which must be there, unless O(state=absent).
    type: str
  file:
    description:
      - The absolute path of the file that the asset is to have, on the machine where the task runs. A link is followed.
      - A new asset needs one, except a collection, whose path ends in C(.collection).
      - An asset that has another content gets it as a new version.
      - C(~) and variables of the environment are filled in, unless a file of that very name is there.
    type: str
  metadata:
    description:
      - Values by the names of their fields. A value is text, a number, a boolean or a list of these. V(null) or an
        empty text empties the field. Other fields stay as they are.
      - A list whose every element begins with C(+) or C(-) adds values to a field and removes values from it, for
        example V({"tags":["+summer","-winter"]}). A list that has other elements too is refused.
      - A text is stored as it stands, also one that begins with a sign, such as V(-5 °C).
    type: dict
    default: {}
  state:
    description:
      - V(absent) removes the asset. Right before that it is read again, and left alone if it was changed meanwhile.
    type: str
    choices: [present, absent]
    default: present
  check_in:
    description:
      - Whether a check-out of this user's own ends, with the new file where there is one.
    type: bool
    default: false
  force:
    description:
      - Whether an asset that somebody else has checked out is changed or removed all the same, after that check-out is
        undone, which may need special rights.
      - Without it, such an asset is a failure with RV(reason=conflict) that says who has it, since when, where.
    type: bool
    default: false
  keep_metadata:
    description:
      - Whether what was edited in the DAM wins over the texts that are embedded in a new version of the file.
      - This needs Assets 6.107 or newer. On an older server the task gives a warning.
    type: bool
    default: true
  checksum:
    description:
      - Whether contents are compared by their checksums. If V(false), only dates are compared.
      - Where an asset has more than one version, it is not documented whether the server's checksum is that of the
        latest. Then the dates decide, and RV(compared_by) is V(date). Where the dates are too close to tell, the task
        fetches the original and compares its checksum.
    type: bool
    default: true
  process_timeout:
    description:
      - Seconds that the server may work on the file after its last byte.
    type: float
    default: 300
extends_documentation_fragment:
  - damops.elvis.index
  - damops.elvis.session
  - damops.elvis.connection
  - damops.elvis.attributes
attributes:
  check_mode:
    details:
      - Only what reads is sent. If O(file) is missing, the task only warns, since an earlier task may be what makes it.
        With a simulated session nothing is sent, and nothing can be compared. Then a change is reported.
  diff_mode:
    support: full
notes:
  - An asset is never renamed by the server. A name that is taken by the time the file is sent is a failure, unless that
    asset has the same content.
  - Whether a write whose answer was lost was done is looked up before it is repeated.
  - A value counts as the same when it means the same. See M(damops.elvis.elvis_metadata).
seealso:
  - module: damops.elvis.elvis_upload
  - module: damops.elvis.elvis_metadata
  - module: damops.elvis.elvis_asset_info
  - module: damops.elvis.elvis_login
"""

EXAMPLES = r"""
- name: Put the cover into the DAM
  block:
    - name: Log in with ELVIS_SERVER_URL, ELVIS_USERNAME and ELVIS_PASSWORD from the environment
      damops.elvis.elvis_login:
      register: elvis
      check_mode: false

    - name: Upload the cover with its headline
      damops.elvis.elvis_asset:
        session: "{{ elvis.session }}"
        path: /Demo Zone/Issue 12/cover.jpg
        file: /srv/out/cover.jpg
        metadata:
          headline: Issue 12
          tags: +cover
      register: cover

    - name: Move it to the archive
      damops.elvis.elvis_asset:
        session: "{{ elvis.session }}"
        id: "{{ cover.asset.id }}"
        path: /Demo Zone/Archive/cover.jpg

    - name: Make a collection
      damops.elvis.elvis_asset:
        session: "{{ elvis.session }}"
        path: /Demo Zone/Issue 12/pages.collection

    - name: Remove a draft
      damops.elvis.elvis_asset:
        session: "{{ elvis.session }}"
        path: /Demo Zone/Issue 12/draft.jpg
        state: absent
  always:
    - name: Log out
      damops.elvis.elvis_logout:
        session: "{{ elvis.session | default({}) }}"
      check_mode: false
"""

RETURN = r"""
asset:
  description:
    - The asset's C(id), its C(path), and in C(metadata) the fields of O(metadata) as they are now.
    - Its id is V(null) in check mode where it would be made.
  returned: success
  type: dict
  sample:
    id: 9mUVYBJ5qjRB_OnmAIdUaW
    path: /Demo Zone/Issue 12/cover.jpg
    metadata:
      headline: Issue 12
created:
  description: Whether the asset is new.
  returned: success
  type: bool
  sample: false
changes:
  description:
    - What changed, with its value C(before) and C(after). Beside fields of O(metadata) these are C(file), C(path),
      C(state) and C(checkedOutBy).
  returned: success
  type: dict
  sample:
    headline:
      before: Issue 11
      after: Issue 12
compared_by:
  description: How it was found out that the file differs, V(checksum) or V(date). V(null) where it does not.
  returned: success
  type: str
  sample: checksum
renamed_back:
  description:
    - Two paths, when somebody renamed the asset right before its new file came, which has the former name. Otherwise
      V(null).
  returned: success
  type: dict
  sample:
    from: /Demo Zone/Inbox/cover-2.jpg
    to: /Demo Zone/Inbox/cover.jpg
simulated:
  description: That O(session) was simulated by a login in check mode, so nothing was sent.
  returned: in check mode, with a simulated session
  type: bool
  sample: true
reason:
  description:
    - Why it failed, for a C(rescue) section to branch on. See RV(damops.elvis.elvis_login#module:reason).
  returned: failure
  type: str
  sample: conflict
status:
  description: The HTTP status of the reply, V(null) when there was none.
  returned: failure
  type: int
  sample: 409
elvis_error:
  description: The error that Elvis reported, V(null) when it reported none.
  returned: failure
  type: dict
  sample:
    errorcode: 409
    errorname: PathAlreadyExistsException
    message: Path already exists
"""

from ..module_utils._operations.asset import OPERATION
from ..module_utils._task.module import run_module


def main() -> None:
    run_module(OPERATION)


if __name__ == "__main__":
    main()
