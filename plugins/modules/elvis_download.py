# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

DOCUMENTATION = r"""
module: elvis_download
version_added: 0.2.0
short_description: Download a folder, or what a query finds, from Elvis (WoodWing Assets)
description:
  - A first task needs O(session), O(path) and O(dest).
  - Makes sure that what a folder of the DAM has, or a query finds, is in a local folder. Several files are fetched at a
    time.
  - Both sides are compared first, so that a second run fetches nothing. A file gets the date at which it was checked in
    as its own date, and that is what is compared. Its content can't be, because the server writes metadata into files.
  - Each file is written whole or not at all.
author:
  - damops contributors (@damops)
options:
  path:
    description:
      - The absolute path of a folder in the DAM. Its sub-folders take part, unless O(recursive=false).
      - Exactly one of O(path), O(query) and O(ids) is required.
    type: str
  query:
    description:
      - What to find, in Elvis' query language.
    type: str
  ids:
    description:
      - The ids of assets.
    type: list
    elements: str
  dest:
    description:
      - The absolute path of the local folder, which is made if there is something to fetch. It is on the machine where
        the task runs.
      - Nothing is written through a link that leads out of it.
    type: path
    required: true
  rendition:
    description:
      - What to fetch of each asset. A preview is a picture, and is called like one. That of C(layout.indd) becomes
        C(layout.indd.jpg).
    type: str
    choices: [original, preview, thumbnail]
    default: original
  layout:
    description:
      - V(tree) makes sub-folders, as below O(path) or, with O(query) and O(ids), as in the whole DAM.
      - V(flat) puts all files into O(dest) itself. Two of one name are a failure, and neither is fetched.
    type: str
    choices: [tree, flat]
    default: tree
  existing:
    description:
      - What to do with a file that is there already. V(update) replaces it when it is older than the asset's, V(keep)
        leaves it as it is.
      - A file that somebody has written or edited here is replaced only if the task proves that the asset holds it.
        Otherwise it is a failure with RV(reason=conflict), unless O(force=true). The date shows such a file. The dates
        of the DAM are whole milliseconds, and what a program writes has a finer date.
      - The file of an asset without C(assetFileModified) is compared by its size alone. It is replaced where the size
        differs.
    type: str
    choices: [update, keep]
    default: update
  force:
    description:
      - Whether a file is replaced that is younger than the asset's, or that somebody has written here. Otherwise it is
        a failure.
    type: bool
    default: false
  recursive:
    description:
      - Whether sub-folders take part.
    type: bool
    default: true
  delete:
    description:
      - Whether local files are removed that have no counterpart in O(path). Folders stay.
      - For a user who can't see an asset, it is not there, and its local file is removed. So use a session of a user
        who sees the whole folder.
      - Removal comes last. Nothing is removed when anything failed before, or when the folder in the DAM has no file
        that takes part. Before each removal the folder is listed once more.
      - Needs O(path), O(layout=tree) and O(rendition=original).
    type: bool
    default: false
  max_delete:
    description:
      - How many files O(delete) may remove, as a number, and then never more than half of those that are there; or as a
        share of them, for example V(80%). With more to remove, none is, and the task fails.
    type: str
    default: "100"
  metadata_dest:
    description:
      - A file that gets the O(fields) of all files, in the form that M(damops.elvis.elvis_upload) takes as
        O(damops.elvis.elvis_upload#module:metadata_src). Its column C(path) has the path below O(dest).
      - It is an Excel workbook, JSON Lines or JSON if it ends in C(.xlsx), C(.jsonl), C(.ndjson) or C(.json), else CSV.
    type: path
  fields:
    description:
      - The fields for O(metadata_dest).
    type: list
    elements: str
  bom:
    description:
      - Whether O(metadata_dest) in UTF-8 begins with a byte order mark, by which spreadsheets know the encoding.
    type: bool
    default: false
extends_documentation_fragment:
  - damops.elvis.many
  - damops.elvis.parallel
  - damops.elvis.names
  - damops.elvis.csv
  - damops.elvis.session
  - damops.elvis.connection
  - damops.elvis.attributes
attributes:
  check_mode:
    details:
      - The server is asked as always, since that changes nothing, but no file is fetched or written.
      - A folder or an asset that is missing is listed in RV(left_out), since an earlier task may be what makes it.
      - With a simulated session nothing is sent, and nothing can be compared. Then a change is reported, and all lists
        are empty.
  diff_mode:
    support: full
notes:
  - Containers (C(.collection), C(.dossier), C(.task)) and assets without a file take no part.
  - A local file whose name differs from an asset's in letter case or the form of Unicode alone is that asset's file.
  - What an interrupted run has left behind (C(.elvis-) and eight characters and C(.part)) is removed by a later run
    into the same folder, after a day.
  - At C(-v) a line every five seconds reports the progress; with C(async) there is none.
  - The searches of a server may lag. The modules that write wait for that (C(index_wait)). What other clients or
    M(damops.elvis.elvis_request) wrote shortly before may not be found yet.
seealso:
  - module: damops.elvis.elvis_upload
  - module: damops.elvis.elvis_asset_info
  - module: damops.elvis.elvis_login
"""

EXAMPLES = r"""
- name: Fetch what goes to the printer
  block:
    - name: Log in with ELVIS_SERVER_URL, ELVIS_USERNAME and ELVIS_PASSWORD from the environment
      damops.elvis.elvis_login:
      register: elvis
      check_mode: false

    - name: Download the folder, with a list of captions
      damops.elvis.elvis_download:
        session: "{{ elvis.session }}"
        path: /Demo Zone/Print
        dest: /srv/printer
        metadata_dest: /srv/printer/captions.csv
        fields: [headline, credit]
      register: printed

    - name: Fetch the previews of what was approved, side by side
      damops.elvis.elvis_download:
        session: "{{ elvis.session }}"
        query: status:Approved AND assetDomain:image
        dest: /srv/approved
        rendition: preview
        layout: flat

    - name: Make a local folder a mirror of one in the DAM
      damops.elvis.elvis_download:
        session: "{{ elvis.session }}"
        path: /Demo Zone/Logos
        dest: /srv/logos
        delete: true
  always:
    - name: Log out
      damops.elvis.elvis_logout:
        session: "{{ elvis.session | default({}) }}"
      check_mode: false
"""

RETURN = r"""
counts:
  description: How many files were C(created), C(updated), C(removed), C(unchanged), C(skipped) and C(failed).
  returned: success, and failure once the sides were compared
  type: dict
  sample: {created: 1, updated: 1, removed: 1, unchanged: 197, skipped: 1, failed: 1}
created:
  description: The files that are new. All these lists have at most 1000 entries and 500 kB. See O(report).
  returned: success, and failure once the sides were compared
  type: list
  elements: dict
  sample:
    - id: 9mUVYBJ5qjRB_OnmAIdUaW
      path: /Demo Zone/Print/cover.jpg
      dest: /srv/printer/cover.jpg
      bytes: 123456
updated:
  description:
    - The files that were replaced. C(compared_by) is C(date), or C(size) for an asset without C(assetFileModified).
    - C(bytes) is what was written. Where the DAM shows another size, that is C(file_size), here and in RV(created).
  returned: success, and failure once the sides were compared
  type: list
  elements: dict
  sample:
    - id: 2vDAAyCbaO98Ksn4Bd2W0X
      path: /Demo Zone/Print/back.jpg
      dest: /srv/printer/back.jpg
      bytes: 23456
      compared_by: date
removed:
  description: The local files that were removed.
  returned: success, and failure once the sides were compared
  type: list
  elements: dict
  sample:
    - id:
      path: /Demo Zone/Print/old.jpg
      dest: /srv/printer/old.jpg
left_out:
  description: The assets that took no part, and why.
  returned: success, and failure once the sides were compared
  type: list
  elements: dict
  sample:
    - id: 3vDAAyCbaO98Ksn4Bd2W0X
      path: /Demo Zone/Print/issue.collection
      why: it is a container (collection)
truncated:
  description: The lists of this result that lack entries. O(report) has all of them.
  returned: success, and failure once the sides were compared
  type: list
  elements: str
  sample: []
failures:
  description: What failed, with a reason as in RV(reason), and a message.
  returned: success, and failure once the sides were compared
  type: list
  elements: dict
  sample:
    - id: 4vDAAyCbaO98Ksn4Bd2W0X
      path: /Demo Zone/Print/page.pdf
      reason: conflict
      message: "/srv/printer/page.pdf is younger than /Demo Zone/Print/page.pdf: …"
folders:
  description: The local folders that were made.
  returned: success, and failure once the sides were compared
  type: list
  elements: str
  sample: [/srv/printer]
bytes:
  description: How many bytes were fetched.
  returned: success, and failure once the sides were compared
  type: int
  sample: 146912
seconds:
  description: How long it took.
  returned: success, and failure once the sides were compared
  type: float
  sample: 1.5
left:
  description: How many assets were not started, because the task stopped before.
  returned: success, and failure once the sides were compared
  type: int
  sample: 0
log:
  description: The lines that reported the progress.
  returned: success, and failure once the sides were compared
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
    - Why it failed, for a C(rescue) section to branch on. See RV(damops.elvis.elvis_login#module:reason). When several
      files failed, that of the first.
  returned: failure
  type: str
  sample: conflict
status:
  description: The HTTP status of the reply, V(null) when there was none.
  returned: failure
  type: int
  sample: 404
elvis_error:
  description: The error that Elvis reported, V(null) when it reported none.
  returned: failure
  type: dict
  sample:
    errorcode: 404
    errorname: AssetNotFoundException
    message: Asset not found
"""

from ..module_utils._operations.download import OPERATION
from ..module_utils._task.module import run_module


def main() -> None:
    run_module(OPERATION)


if __name__ == "__main__":
    main()
