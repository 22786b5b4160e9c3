# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

DOCUMENTATION = r"""
module: elvis_upload
version_added: 0.2.0
short_description: Upload a folder, or a list of files, to Elvis (WoodWing Assets)
description:
  - A first task needs O(session), O(src) and O(path).
  - Makes sure that what lies in a local folder is in a folder of the DAM, with metadata. Sub-folders are made as
    needed.
  - Both sides are compared first, so that a second run sends nothing. Several files are sent at a time.
  - Nothing is sent twice. Whether an upload whose answer was lost has been stored is looked up before it is repeated.
author:
  - damops contributors (@damops)
options:
  src:
    description:
      - The absolute path of a folder, whose contents are meant with or without a slash at its end, or a list of
        absolute paths of files, which all go into O(path) itself.
      - It is looked for where the task runs.
      - Links are followed as long as they stay inside the folder. What is not a regular file is left out, and
        RV(left_out) names it.
    type: raw
    required: true
  path:
    description:
      - The absolute path of the folder in the DAM, for example V(/Demo Zone/Inbox). It is made if it is missing.
      - With O(match), the folder whose assets can get a file, with those of its sub-folders, or V(/) for the whole DAM.
        The task makes no folder.
    type: str
    required: true
  metadata:
    description:
      - Metadata for all files, as O(metadata_on) says. V(null) empties a field.
      - A list whose every element begins with C(+) or C(-) adds values to a field and removes values from it, for
        example V({"tags":["+summer","-winter"]}). A list that has other elements too is refused.
      - A text is stored as it stands, also one that begins with a sign, such as V(-5 °C).
    type: dict
    default: {}
  metadata_src:
    description:
      - A CSV, JSON Lines or JSON file or an Excel workbook with the metadata of individual files. They win over
        O(metadata).
      - Its column C(path) (another one with O(key)) has the path of the file below O(src), or that of the asset in the
        DAM.
      - When no row is about a file in O(src) or an asset below O(path), and a file would become a new asset, the task
        fails before it sends anything.
      - The whole file is checked before anything is sent. It may lie in O(src), and so may O(report). Neither is sent,
        removed or moved itself.
    type: path
  metadata_on:
    description:
      - V(create) sets metadata when an asset is new, so that what an editor changes afterwards stays. The task warns of
        the number of rows in O(metadata_src) that differ from their assets.
      - V(always) keeps them as the task says. They are compared, and set again where they differ.
    type: str
    choices: [create, always]
    default: create
  existing:
    description:
      - What to do with a file that the DAM has already. V(update) replaces the asset's file when the content differs,
        as a new version. V(keep) leaves it as it is. V(newer) replaces it only when the local file is younger.
    type: str
    choices: [update, keep, newer]
    default: update
  checksum:
    description:
      - Whether contents are compared by their checksums. If V(false), only dates are compared.
      - Where an asset has more than one version, it is not documented whether the server's checksum is that of the
        latest. Then the dates decide, and C(compared_by) is V(date). Where the dates are too close to tell, the task
        fetches the original and compares its checksum.
    type: bool
    default: true
  keep_metadata:
    description:
      - Whether what was edited in the DAM wins over the texts that are embedded in a new version of a file.
      - This needs Assets 6.107 or newer. On an older server the task gives a warning.
    type: bool
    default: true
  check_in:
    description:
      - Whether a check-out of this user ends, with the new file of an asset, or without one where its file is
        unchanged. Otherwise it stays checked out.
    type: bool
    default: false
  force:
    description:
      - Whether an asset that somebody else has checked out is changed all the same, after that check-out is undone.
        Otherwise it is a failure that names who has it.
    type: bool
    default: false
  match:
    description:
      - How the task finds the asset below O(path) that gets a file, by a value in the file name such as an article
        number. Without this option, the asset is the one at the path of the file.
      - The asset gets the file as a new version, and keeps its name and its path. The task creates no asset.
      - The value in the file name and the value of the field must be equal as texts. V(12345678) is not V(0012345678).
        An asset with several values in the field never matches.
      - The task sends a file only if it is the only file for its asset, and only one asset has the value. Several
        values in one file name, several files for one asset, and several assets with one value fail with
        RV(reason=conflict). So does an asset whose value changed before its file was sent.
      - O(existing) and O(checksum) decide which files are sent, as they do without O(match). A file that is older than
        the file of its asset is not sent if the asset has several versions.
      - The task does not compare the types of a file and its asset. A PDF would replace a JPEG. Select the files with
        O(patterns).
      - Metadata need O(metadata_on=always), because no asset is new.
      - Mutually exclusive with O(delete).
    type: dict
    suboptions:
      field:
        description:
          - The field of the asset, for example V(cf_articleNumber).
        type: str
        required: true
      pattern:
        description:
          - A regular expression of Python. The task searches for it in the file name, without the folder. The first
            group is the value.
          - For example, V((?<!\\d\)0*([1-9]\\d{7,13}\)(?!\\d\)) finds a number of 8 to 14 digits. Its group leaves out
            the leading zeros, so the field must not have them either.
        type: str
        required: true
  unmatched:
    description:
      - What to do with a file for which O(match) finds no asset, or whose name contains no value.
      - With V(fail), the task looks again for 10 seconds in all, because a search may not find a new asset yet. It then
        lists the file in RV(failures), and fails.
      - With V(skip), the task lists the file in RV(left_out), and does not fail.
      - In both cases the file stays in its folder, whatever O(uploaded) says.
    type: str
    choices: [fail, skip]
    default: fail
  recursive:
    description:
      - Whether sub-folders take part.
    type: bool
    default: true
  min_age:
    description:
      - Seconds for which nothing about a file must have changed when it is looked at. A younger one may still be
        arriving and is left to the next run.
    type: float
    default: 0
  delete:
    description:
      - Whether assets below O(path) are removed that have no counterpart in O(src). Folders stay.
      - What O(patterns), O(excludes) and O(recursive) leave out is left alone on both sides. An asset whose name a
        local file has, in whatever spelling, is never removed.
      - Nothing is removed below a local folder without a file, in it or below it, because it may be a mount point
        without its disk. What O(default_excludes) names does not count. Remove the
        local folder if its assets are to go. What has the name of a DAM folder here and is no readable folder, such as
        a link that leads nowhere, protects all that is below, too.
      - Removal comes last. Nothing is removed when anything failed before, or when O(src) has no file that takes part,
        or could not be read whole. Each asset is read again right before it goes.
      - The task does not remove an asset that another user has checked out. The asset fails with RV(reason=conflict),
        unless O(force=true).
      - Mutually exclusive with O(uploaded=remove) and O(uploaded=move).
    type: bool
    default: false
  max_delete:
    description:
      - How many assets O(delete) may remove, as a number, and then never more than half of those that are there; or as
        a share of them, for example V(80%). With more to remove, none is, and the task fails.
    type: str
    default: "100"
  uploaded:
    description:
      - What becomes of a local file once it is proven that the DAM holds it. V(keep) leaves it, V(remove) removes it,
        V(move) moves it to O(move_to).
      - A file that this task sends is proven by the checksum in the server's reply. Where the reply shows another
        checksum, the task fetches the original and compares it.
      - A file that an earlier task has stored is treated in the same way, whatever O(existing) and O(checksum) say. It
        is proven when the asset has one version with the same checksum, the DAM's folder lists its name, and the server
        returns the original. Otherwise the task fetches the original and compares it. A search alone proves nothing.
      - A file without a proof stays where it is. RV(kept) and a warning name it, in every run.
      - A file that changed in any way while the task ran stays, too, and is a failure.
      - Two tasks may empty the same folder at the same time. A file that has disappeared counts as unchanged if its
        asset is proven to hold it. The proof needs a checksum, so the task first reads each new file of at most 1 MiB.
      - A larger file that has disappeared is in RV(left_out) if there is an asset at its path. Otherwise it is a
        failure. A file that disappeared together with its folder is a failure as well.
      - With V(remove) and V(move) links take no part, so that no file is taken from where a link leads.
    type: str
    choices: [keep, remove, move]
    default: keep
  move_to:
    description:
      - The folder for O(uploaded=move), outside of O(src). If O(src) is a list, another folder than that of each file.
        Nothing in it is overwritten. A name that is taken gets a number.
    type: path
extends_documentation_fragment:
  - damops.elvis.plan
  - damops.elvis.many
  - damops.elvis.parallel
  - damops.elvis.names
  - damops.elvis.csv
  - damops.elvis.rows
  - damops.elvis.index
  - damops.elvis.session
  - damops.elvis.connection
  - damops.elvis.attributes
attributes:
  check_mode:
    details:
      - Only what reads is sent; the same comparison as always tells what would be done. With a simulated session
        nothing is sent, and nothing can be compared. Then a change is reported, and all lists are empty.
  diff_mode:
    support: full
notes:
  - 'A name that a DAM does not take (it has one of C(\ / : * ? " < > | # ;) or a control character, or is not UTF-8),
    and files that are one name in the DAM (they differ in letter case, in blanks at an end or in the form of Unicode
    alone), are in RV(failures) before anything is sent. The rest is sent.'
  - An asset is never renamed by the server. When a name is taken by the time a file is sent, that is a failure, unless
    the asset has the same content.
  - A token is valid for an hour. When it ends, the task stops with RV(reason=not_logged_in), and RV(left) files are
    left. The next run does the rest.
  - At C(-v) a line every five seconds reports the progress; with C(async) there is none.
seealso:
  - module: damops.elvis.elvis_download
  - module: damops.elvis.elvis_asset
  - module: damops.elvis.elvis_folder
  - module: damops.elvis.elvis_metadata
  - module: damops.elvis.elvis_login
"""

EXAMPLES = r"""
- name: Import what arrived during the night
  block:
    - name: Log in with ELVIS_SERVER_URL, ELVIS_USERNAME and ELVIS_PASSWORD from the environment
      damops.elvis.elvis_login:
      register: elvis
      check_mode: false

    - name: Upload the folder, with captions from a CSV file
      damops.elvis.elvis_upload:
        session: "{{ elvis.session }}"
        src: /srv/inbox
        path: /Demo Zone/Inbox
        metadata:
          status: New
        metadata_src: /srv/inbox/captions.csv
        min_age: 60
      register: imported

    - name: Empty a drop folder into the DAM
      damops.elvis.elvis_upload:
        session: "{{ elvis.session }}"
        src: /srv/scanner
        path: /Demo Zone/Scans
        patterns: ["*.tif", "*.pdf"]
        min_age: 60
        uploaded: move
        move_to: /srv/scanned

    - name: Make a folder of the DAM a mirror of a local one
      damops.elvis.elvis_upload:
        session: "{{ elvis.session }}"
        src: /srv/logos
        path: /Demo Zone/Logos
        metadata:
          credit: Our studio
        metadata_on: always
        delete: true
        max_delete: 20

    - name: Give each asset the picture with its article number
      damops.elvis.elvis_upload:
        session: "{{ elvis.session }}"
        src: /srv/pictures
        path: /Demo Zone/Products
        match:
          field: cf_articleNumber
          pattern: '(?<!\d)0*([1-9]\d{7,13})(?!\d)'
        unmatched: skip

    - name: Upload two files
      damops.elvis.elvis_upload:
        session: "{{ elvis.session }}"
        src: [/srv/out/cover.pdf, /srv/out/back.pdf]
        path: /Demo Zone/Print
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
  description: The assets that are new. All these lists have at most 1000 entries and 500 kB. See O(report).
  returned: success, and failure once the sides were compared
  type: list
  elements: dict
  sample:
    - id: 9mUVYBJ5qjRB_OnmAIdUaW
      path: /Demo Zone/Inbox/cover.jpg
      bytes: 123456
      fields: [status]
updated:
  description:
    - The assets that have another file, or other metadata. C(compared_by) is V(checksum) or V(date), whichever showed
      the difference. With O(match), C(file) is the path of the file below O(src).
    - C(renamed_back) has two paths, C(from) and C(to), when somebody renamed the asset right before its new file came,
      which has the former name. An asset that was moved meanwhile stays where it is, and C(path) tells where.
  returned: success, and failure once the sides were compared
  type: list
  elements: dict
  sample:
    - id: 2vDAAyCbaO98Ksn4Bd2W0X
      path: /Demo Zone/Inbox/back.jpg
      bytes: 23456
      compared_by: checksum
removed:
  description: The assets that were removed.
  returned: success, and failure once the sides were compared
  type: list
  elements: dict
  sample:
    - id: 1xDAAyCbaO98Ksn4Bd2W0X
      path: /Demo Zone/Inbox/old.jpg
left_out:
  description:
    - What took no part, and why.
    - With O(plan_mismatch=skip), the steps that are not in O(plan). Their C(why) is V(not_approved).
    - With O(plan_mismatch=skip), also the approved steps that were not done for that reason. Their C(why) begins with
      V(withheld).
  returned: success, and failure once the sides were compared
  type: list
  elements: dict
  sample:
    - id:
      path: latest.jpg
      why: a link that leads outside
truncated:
  description: The lists of this result that lack entries. O(report) has all of them.
  returned: success, and failure once the sides were compared
  type: list
  elements: str
  sample: []
failures:
  description:
    - What failed, with a reason as in RV(reason), and a message.
    - If O(match) finds several assets with one value, C(assets) has all their paths. The message names at most 20.
  returned: success, and failure once the sides were compared
  type: list
  elements: dict
  sample:
    - id:
      path: "a#b.jpg"
      reason: bad_request
      message: "a#b.jpg is not sent: its name has #, which a DAM doesn't take."
folders:
  description: The folders that were made in the DAM.
  returned: success, and failure once the sides were compared
  type: list
  elements: str
  sample: [/Demo Zone/Inbox]
kept:
  description: The files that O(uploaded) leaves in place because nothing proves that the DAM holds them. At most 500.
  returned: success, and failure once the sides were compared
  type: list
  elements: dict
  sample:
    - path: cover.jpg
      why: the original that the server returns has another checksum
put_away:
  description: How many local files were removed or moved, as O(uploaded) says.
  returned: success, and failure once the sides were compared
  type: int
  sample: 0
bytes:
  description: How many bytes of files were sent.
  returned: success, and failure once the sides were compared
  type: int
  sample: 146912
seconds:
  description: How long it took.
  returned: success, and failure once the sides were compared
  type: float
  sample: 1.5
plan:
  description: The plan that was made, or was applied.
  returned: with O(plan), and on success with O(plan_dest)
  type: dict
  contains:
    dest:
      description: The file.
      returned: with O(plan_dest)
      type: str
      sample: /srv/plans/upload.jsonl
    digest:
      description: The SHA-256 of the file, for O(plan_digest).
      type: str
      sample: 3f0c5ed9bb1bcd2b95ba8a0ad3ed6d1a2a7a0a5f0a2fbc2f6b2f0a2f7cf7a9d1
    counts:
      description: The number of steps of each action.
      returned: with O(plan_dest)
      type: dict
      sample: {create: 98}
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
  description: How many files were not started, because the task stopped before.
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

from ..module_utils._operations.upload import OPERATION
from ..module_utils._task.module import run_module


def main() -> None:
    run_module(OPERATION)


if __name__ == "__main__":
    main()
