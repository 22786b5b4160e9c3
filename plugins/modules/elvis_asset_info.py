# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

DOCUMENTATION = r"""
module: elvis_asset_info
version_added: 0.2.0
short_description: Tell which assets of Elvis (WoodWing Assets) a query finds
description:
  - A first task needs O(session), O(query) and O(fields).
  - Finds assets by a query, by their paths or by their ids, and returns them as plain dicts, or writes them to a file.
  - All of them, however many pages a server answers with. A list that would not be complete is a failure.
author:
  - damops contributors (@damops)
options:
  query:
    description:
      - A query in the search language of Elvis, for example V(checkedOutBy:*) or
        V(ancestorPaths:"/Demo Zone" AND status:Published).
      - One of O(query), O(paths) and O(ids) is required.
    type: str
  paths:
    description:
      - The absolute paths of assets in the DAM.
    type: list
    elements: str
    aliases: [path]
  ids:
    description:
      - The ids of assets.
    type: list
    elements: str
  fields:
    description:
      - The metadata to return of each asset, in this order. V(id) is its id.
    type: list
    elements: str
    default: [id, assetPath, name, fileSize, assetType, assetCreated, assetFileModified, checkedOutBy]
  sort:
    description:
      - How the assets are sorted, for example V(assetCreated-desc) or V(name-asc,fileSize-desc).
      - If not set, they are sorted by C(assetCreated), those of one millisecond by their id. With O(paths) and O(ids)
        they come in the order of the option.
      - Elvis sorts no more than 10,000 assets. A search that finds more fails with O(sort), unless O(limit) is lower.
    type: str
  limit:
    description:
      - How many assets are returned at most. If not set, all of them.
    type: int
extends_documentation_fragment:
  - damops.elvis.dest
  - damops.elvis.csv
  - damops.elvis.session
  - damops.elvis.connection
  - damops.elvis.attributes
attributes:
  check_mode:
    details:
      - The server is asked as always, since that changes nothing. O(dest) is compared and not written. With a simulated
        session nothing is sent and RV(assets) is empty.
notes:
  - M(damops.elvis.elvis_metadata) reads a file as this module wrote it, also after a spreadsheet saved it.
  - A server returns no more than 10,000 hits of one search. A query that finds more is read folder by folder, which
    takes rights to list the folders.
  - When assets come, go or are edited while a search is read, it is read again. If that never ends, the task fails with
    RV(reason=conflict).
  - The searches of a server may lag. The modules that write wait for that (C(index_wait)). What other clients or
    M(damops.elvis.elvis_request) wrote shortly before may not be found yet.
seealso:
  - module: damops.elvis.elvis_login
  - module: damops.elvis.elvis_metadata
  - module: damops.elvis.elvis_request
"""

EXAMPLES = r"""
- name: Find assets, and log out whatever happens
  block:
    - name: Log in with ELVIS_SERVER_URL, ELVIS_USERNAME and ELVIS_PASSWORD from the environment
      damops.elvis.elvis_login:
      register: elvis
      check_mode: false

    - name: Write down what is checked out
      damops.elvis.elvis_asset_info:
        session: "{{ elvis.session }}"
        query: checkedOutBy:*
        fields: [assetPath, checkedOutBy, checkedOut, checkedOutOnClient]
        dest: /srv/reports/checked-out.csv
        delimiter: ;
        bom: true
      register: report

    - name: Find the ten newest pictures
      damops.elvis.elvis_asset_info:
        session: "{{ elvis.session }}"
        query: assetDomain:image
        sort: assetCreated-desc
        limit: 10
      register: newest

    - name: Wait until an asset is there
      damops.elvis.elvis_asset_info:
        session: "{{ elvis.session }}"
        paths: [/Demo Zone/Inbox/cover.jpg]
        fields: [id, status]
      register: cover
      until: cover.total == 1
      retries: 30
      delay: 10
  always:
    - name: Log out
      damops.elvis.elvis_logout:
        session: "{{ elvis.session | default({}) }}"
      check_mode: false
"""

RETURN = r"""
assets:
  description:
    - The assets, each with O(fields). A field that an asset does not have is V(null). A time is UTC in ISO 8601, a
      number a number, and a field with several values a list.
    - An empty list with O(dest).
  returned: success
  type: list
  elements: dict
  sample:
    - id: 9mUVYBJ5qjRB_OnmAIdUaW
      assetPath: /Demo Zone/cover.jpg
      name: cover.jpg
      fileSize: 123456
      assetType: jpg
      assetCreated: "2026-11-22T10:14:08Z"
      assetFileModified: "2026-11-22T10:14:08Z"
      checkedOutBy:
total:
  description:
    - The number of assets in the list, as one reading of the search found them.
    - Where O(limit) cut the list short, how many assets the server found.
  returned: success
  type: int
  sample: 1
missing:
  description: Those of O(paths) or O(ids) that were not found.
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
  sample: /srv/reports/checked-out.csv
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
  sample: bad_request
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

from ..module_utils._operations.asset_info import OPERATION
from ..module_utils._task.module import run_module


def main() -> None:
    run_module(OPERATION)


if __name__ == "__main__":
    main()
