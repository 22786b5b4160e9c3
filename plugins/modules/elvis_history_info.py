# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

DOCUMENTATION = r"""
module: elvis_history_info
version_added: 0.2.0
short_description: Report what happened to assets of Elvis (WoodWing Assets)
description:
  - A first task needs O(session), O(query), O(since) and O(dest).
  - Reads the histories of assets, and returns them as a list or writes them to a file. Each line says who did what with
    an asset, and when. A change of several fields has a line for each field, with the values before and after.
  - The task reads several histories at a time, each completely. It fails rather than return an incomplete list.
author:
  - damops contributors (@damops)
options:
  query:
    description:
      - Which assets, in the search language of Elvis, for example V(ancestorPaths:"/Demo Zone").
      - Exactly one of O(query), O(paths) and O(ids) is required.
      - A search finds no asset that was removed. Use O(ids) for those.
    type: str
  paths:
    description:
      - The absolute paths of assets in the DAM.
    type: list
    elements: str
    aliases: [path]
  ids:
    description:
      - The ids of assets. They are not searched, so an asset may have been removed, or be too new for a search.
    type: list
    elements: str
  actions:
    description:
      - Which actions to report, in capital letters as Elvis writes them, such as V(CREATE), V(METADATA_UPDATE),
        V(CHECKIN), V(MOVE), V(RENAME), V(COPY), V(REMOVE), V(DOWNLOAD), V(PREVIEW), V(CHECKOUT) and V(UNDO_CHECKOUT).
        Actions that clients log themselves begin with V(CUSTOM_ACTION_).
      - If empty, all actions.
    type: list
    elements: str
    default: []
  users:
    description:
      - The users whose actions to report, in any letter case. If empty, those of all users.
    type: list
    elements: str
    default: []
  since:
    description:
      - The beginning of the time to report, such as V(2026-11-01) or V(2026-11-30T14:00:00+01:00). A time without a
        zone needs O(timezone).
      - An age, such as V(48h) or V(7d), counts back from now by the clock of the machine that runs the task. Its unit
        is V(s), V(m), V(h), V(d) or V(w).
    type: str
  until:
    description:
      - The end of the time to report, in the form of O(since). This moment itself is not reported, so that
        V(2026-12-01) ends a report on November.
    type: str
  addresses:
    description:
      - Whether each line has the network address of the client, which is personal data in many countries.
    type: bool
    default: false
extends_documentation_fragment:
  - damops.elvis.dest
  - damops.elvis.csv
  - damops.elvis.parallel
  - damops.elvis.session
  - damops.elvis.connection
  - damops.elvis.attributes
attributes:
  check_mode:
    details:
      - The task reads from the server as always. It compares O(dest) and does not write it. With a simulated session,
        it sends nothing, and RV(events) is empty.
notes:
  - The lines of one asset come together, the oldest first. Assets come in the order of O(paths) or O(ids), or in that
    of the search. More than 10,000 assets are read folder by folder, in no order.
  - The order in which a server returns the entries of a history is not documented. All pages are read and then sorted.
    When entries are added meanwhile, the history is read again. If that never ends, the task fails with
    RV(reason=conflict).
  - How long a server keeps a history, that of a removed asset as well, is not documented. Nor is the form in which a
    history has fields with several values, so they are reported as the server returns them.
  - A new O(dest) gets the mode 0600. A file that is replaced keeps its mode.
seealso:
  - module: damops.elvis.elvis_login
  - module: damops.elvis.elvis_asset_info
  - module: damops.elvis.elvis_request
"""

EXAMPLES = r"""
- name: Report on assets, and log out whatever happens
  block:
    - name: Log in with ELVIS_SERVER_URL, ELVIS_USERNAME and ELVIS_PASSWORD from the environment
      damops.elvis.elvis_login:
      register: elvis
      check_mode: false

    - name: Find out who changed this asset
      damops.elvis.elvis_history_info:
        session: "{{ elvis.session }}"
        paths: /Demo Zone/cover.jpg
        actions: [METADATA_UPDATE, CHECKIN]
      register: history

    - name: Write down an agency's downloads in November
      damops.elvis.elvis_history_info:
        session: "{{ elvis.session }}"
        query: 'credit:"Harbour Press"'
        actions: [DOWNLOAD]
        since: 2026-11-01
        until: 2026-12-01
        timezone: Europe/Berlin
        dest: /srv/reports/downloads.csv
  always:
    - name: Log out
      damops.elvis.elvis_logout:
        session: "{{ elvis.session | default({}) }}"
      check_mode: false
"""

RETURN = r"""
events:
  description:
    - The lines, each for one field that changed. An action that changed no field has one line, whose C(field),
      C(before) and C(after) are V(null).
    - C(time) is in ISO 8601, in UTC or in O(timezone). C(path) is the path that the asset had at that time. C(address)
      is there with O(addresses=true).
    - An empty list with O(dest).
  returned: success
  type: list
  elements: dict
  sample:
    - time: "2026-11-30T14:02:11.480Z"
      user: alice
      client: API
      action: METADATA_UPDATE
      id: 9mUVYBJ5qjRB_OnmAIdUaW
      path: /Demo Zone/cover.jpg
      field: status
      before: New
      after: Final
total:
  description: The number of lines.
  returned: success
  type: int
  sample: 1
assets:
  description: The number of assets whose histories were read, those without a line as well.
  returned: success
  type: int
  sample: 1
missing:
  description: Those of O(paths) or O(ids) that were not found, and assets whose histories the server no longer has.
  returned: success
  type: list
  elements: str
  sample: []
log:
  description:
    - The progress, a line every five seconds. With C(-v) it is shown too, as it comes where the work
      is done in the playbook process, at the end where it is done on a target, with C(async) not at all.
  returned: success
  type: list
  elements: str
  sample: []
dest:
  description: The file.
  returned: success, with O(dest)
  type: str
  sample: /srv/reports/history.csv
size:
  description: Its size in bytes.
  returned: success, with O(dest)
  type: int
  sample: 4711
checksum:
  description: Its SHA-256. The module reports a change when there was no file, or one with another content.
  returned: success, with O(dest)
  type: str
  sample: 01ba4719c80b6fe911b091a7c05124b64eeece964e09c058ef8f9805daca546b
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
  sample: forbidden
status:
  description: The HTTP status of the reply, V(null) when there was none.
  returned: failure
  type: int
  sample: 400
elvis_error:
  description: The error that Elvis reported, V(null) when it reported none.
  returned: failure
  type: dict
  sample:
    errorcode: 400
    errorname: QueryParseException
    message: Can't parse the query
"""

from ..module_utils._operations.history_info import OPERATION
from ..module_utils._task.module import run_module


def main() -> None:
    run_module(OPERATION)


if __name__ == "__main__":
    main()
