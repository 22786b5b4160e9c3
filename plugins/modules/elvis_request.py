# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

DOCUMENTATION = r"""
module: elvis_request
version_added: 0.1.0
short_description: Make one call to Elvis (WoodWing Assets) and judge the answer by its rules
description:
  - A first task needs O(session), O(path), O(method) and O(form).
  - Makes any call of the server's REST API with a session that M(damops.elvis.elvis_login) opened, or with a token.
    Headers, cookies and the CSRF token follow from the session.
  - A failure is a failure, also where Elvis reports it in an HTTP 200, or a proxy answers with a page of its own.
  - Sends and fetches files of any size without holding them in memory, reads a search to its end, and waits for what
    the server does in the background.
author:
  - damops contributors (@damops)
options:
  path:
    description:
      - What to call, below the address of the session's server. For example V(services/search) or V(/api/folder/get).
      - An address is accepted for the session's own server only. With a path, put a query into O(query).
      - With O(method=GET), the address of a file, such as the C(originalUrl) of a hit, may name another scheme, host,
        port or prefix, as a server behind a proxy writes it. The module sends the request to the session's own server,
        with the part of the path that begins with C(file), C(preview), C(thumbnail) or C(zip), and with the query.
      - It can't be C(services/apilogin), C(services/login), C(services/logout) or C(logout). Use
        M(damops.elvis.elvis_login) and M(damops.elvis.elvis_logout).
    type: str
    required: true
  method:
    description:
      - The HTTP method. Elvis 6 and newer accept calls that change something by V(POST) only.
    type: str
    choices: [GET, POST, PUT, DELETE]
    default: GET
  query:
    description:
      - The parameters of the query. Each value is text, a number or a boolean. A list repeats its name, a value that is
        null is left out.
      - Where Elvis wants JSON as a parameter, as in C(metadata), make it text with the filter
        P(ansible.builtin.to_json#filter).
    type: dict
  form:
    description:
      - The parameters of a form in the body. The values are as in O(query).
      - Mutually exclusive with O(json) and O(body).
    type: dict
  json:
    description:
      - What is sent as JSON. A dictionary as the calls below C(/api) take it, a list as C(services/updatebulk) does, or
        any other value.
      - Text that begins with a brace or a bracket is JSON already, and is sent as it stands. Other text becomes a JSON
        string.
      - V(null) alone is refused, since Ansible takes it for an option that was not given. So is an empty text, which
        ansible-core before 2.19 makes of it in a template. Use O(body=null), in quotes, with
        O(content_type=application/json).
      - Mutually exclusive with O(form), O(body) and O(files).
    type: raw
  body:
    description:
      - Text that is sent as it is, in the character set of O(content_type).
      - Mutually exclusive with O(form), O(json) and O(files).
    version_added: 0.2.0
    type: raw
  content_type:
    description:
      - What O(body) is, V(text/plain; charset=utf-8) when not set.
    version_added: 0.2.0
    type: str
  files:
    description:
      - Files to send, after the parameters in O(form), as C(multipart/form-data). The names are those of the form's
        fields, for C(services/create) and C(services/update) it is C(Filedata). The values are absolute paths on the
        machine where the task runs.
      - A value may also be a dictionary with C(content), which is text, and C(filename). Then the text is sent, and no
        file is needed.
      - A file is read while it is sent. If it changes meanwhile, the request is broken off and the task fails.
      - O(timeout) is then for every 64 KiB instead of the whole, and for the answer once the server has everything.
      - Mutually exclusive with O(json) and O(body).
    type: dict
  dest:
    description:
      - A file for the answer. An absolute path on the machine where the task runs, in a folder that is there.
      - It is written beside its place, as C(.elvis-*.part), and renamed when it is whole. An error, a page instead of
        the file, or a connection that breaks leaves what was there untouched.
      - A file that is there already keeps its mode and, where that is allowed, its owner. A link is followed.
      - When the content is the same, the file is left alone and the task has changed nothing.
      - A file may be as large as the disk allows. When that is full, the task fails with RV(ignore:reason=storage), and
        nothing of the new file is left.
      - With O(paginate) it gets the hits, as one JSON object a line.
      - O(timeout) is then for every 64 KiB instead of the whole. A broken transfer begins again, up to O(retries)
        times.
    type: path
  paginate:
    description:
      - Whether to read the answer to its end, page by page, and return all of it.
      - It works with C(services/search), C(services/asset/history), C(api/folder/list), C(api/folder/search) and
        C(api/asset/search), by V(GET) or V(POST).
      - Reading begins at C(start) and asks for C(num) hits a page, or at C(from) for C(size) below C(/api). These are 0
        and 200 unless O(query) or O(form) say otherwise. O(timeout) is for each page.
      - If the number of hits changes meanwhile, or a hit comes twice, a complete list is no longer certain and the task
        fails with RV(ignore:reason=conflict). An order that stays as it is helps, as V(assetCreated-asc) for C(sort).
    type: bool
    default: false
  limit:
    description:
      - How many hits O(paginate) may return at most. If there are more, the task fails before the second page is read.
      - Elvis itself returns no hit beyond the first 10,000 of a search. Split a larger one, for example by
        C(assetCreated).
    type: int
    default: 10000
  wait:
    description:
      - Whether to wait for a process in the background, when the answer holds a C(processId). Elvis starts one for a
        call with the parameter C(async=true).
      - Its progress is shown at C(-v), where the task runs in the playbook process. RV(body) is then what the
        server says of the process at its end. A process that failed or was cancelled is a failure.
      - Assets for which the call failed are counted in C(errorCount). That is a warning, with and without O(wait).
    type: bool
    default: false
  wait_timeout:
    description:
      - Seconds to wait for a process. Afterwards the task fails with RV(ignore:reason=timeout) and the process goes on.
    type: float
    default: 600
extends_documentation_fragment:
  - damops.elvis.session
  - damops.elvis.connection
  - damops.elvis.attributes
attributes:
  check_mode:
    details:
      - A call that only reads is made. What would be written to O(dest) is compared with what is there.
      - A call that changes something is reported as a change and not sent. Then RV(status) and RV(body) are V(null).
      - A file in O(files) that is not there causes a warning, and a folder for O(dest) that is not there is accepted,
        since an earlier task may be what makes them.
      - With a simulated session nothing is sent at all.
notes:
  - Other modules of this collection make some calls for you. They change only what differs, and have a check mode.
  - To search, use M(damops.elvis.elvis_asset_info) instead of C(services/search). For histories, use
    M(damops.elvis.elvis_history_info) instead of C(services/asset/history).
  - To create assets, use M(damops.elvis.elvis_upload), or M(damops.elvis.elvis_asset) for one asset, instead of
    C(services/create). For metadata, use M(damops.elvis.elvis_metadata) instead of C(services/update) and
    C(services/updatebulk).
  - For many assets, use M(damops.elvis.elvis_asset_bulk) instead of C(services/move), C(services/remove) and
    C(services/undocheckout/{id}). For folders, use M(damops.elvis.elvis_folder) instead of C(services/browse),
    C(services/createFolder), C(services/move) and C(services/remove).
  - For relations, use M(damops.elvis.elvis_relation) instead of C(services/createRelation) and
    C(services/removeRelation). For the members of a collection, use M(damops.elvis.elvis_collection).
  - To fetch files, use M(damops.elvis.elvis_download) instead of C(file/{rest}). For webhooks, use
    M(damops.elvis.elvis_webhook) instead of C(services/admin/webhook).
  - A reply with the secret token of a webhook, an authentication key, a share link, an OAuth token or an address that
    needs no login (with C(appendRequestSecret), too) is hidden as the session of a login is, and C(register) keeps it.
    With C(async) such a call is refused, unless the task has C(no_log=true).
  - These read by V(GET) and V(POST). C(services/ping), C(services/profile), C(services/search), C(services/browse),
    C(services/process/info), C(alive.txt), C(services/system/metrics), C(services/messages), C(services/queryStats),
    C(services/asset/history), C(metadata/{name}), C(zip/{name}), C(api/folder/list), C(api/folder/search),
    C(api/asset/search), C(api/admin/permission/rule/search), C(api/admin/permission/roles) and
    C(controller/admin/activation/currentState).
  - These read by V(GET). C(version.jsp), C(file/{rest}), C(preview/{rest}), C(thumbnail/{rest}), C(api/folder/get),
    C(api/folder/{id}), C(api/asset/{id}), C(api/asset/{id}/{rest}), C(private-api/system/active-users),
    C(services/admin/webhook), C(services/admin/webhook/{id}), C(services/admin/externalProcessing) and
    C(services/admin/externalProcessing/{id}).
  - What reads is repeated when the connection broke, and has changed nothing. Everything else counts as a change,
    whatever the method, since old servers accept changes by V(GET). It is repeated only when nothing of it was sent.
    Where you know better, use C(changed_when).
  - The searches of a server may lag. After a call that changes something, a search may return the state before it, and
    this module waits for nothing. A later task, which compares with what a search finds, may then change too little.
    The modules that write for you wait with C(index_wait). After a call of this module, repeat a search until it shows
    the change, with C(until), C(retries) and C(delay), before such a task.
  - C(services/createFolder) has changed nothing when all folders were there already. A folder that it could not make is
    a failure, though the server answers HTTP 200.
  - The session's token, CSRF token and cookies are replaced in RV(body) and RV(response_headers) when the server echoes
    them. In a file at O(dest) nothing is replaced, except with O(paginate).
  - An answer that is not saved to a file may take 32 MiB, and have a million values where it is JSON.
  - Redirects are not followed.
seealso:
  - module: damops.elvis.elvis_login
  - module: damops.elvis.elvis_logout
  - module: damops.elvis.elvis_session_info
  - module: damops.elvis.elvis_asset
  - module: damops.elvis.elvis_asset_bulk
  - module: damops.elvis.elvis_asset_info
  - module: damops.elvis.elvis_collection
  - module: damops.elvis.elvis_download
  - module: damops.elvis.elvis_folder
  - module: damops.elvis.elvis_history_info
  - module: damops.elvis.elvis_metadata
  - module: damops.elvis.elvis_relation
  - module: damops.elvis.elvis_upload
  - module: damops.elvis.elvis_webhook
"""

EXAMPLES = r"""
- name: Work on the server, and log out whatever happens
  vars:
    local_file: /srv/incoming/beach.jpg
    licence_end: 2027-12-31
  block:
    - name: Log in with ELVIS_SERVER_URL, ELVIS_USERNAME and ELVIS_PASSWORD from the environment
      damops.elvis.elvis_login:
      register: elvis

    - name: Send a file with its metadata
      damops.elvis.elvis_request:
        session: "{{ elvis.session }}"
        path: services/create
        method: POST
        form:
          assetPath: /Demo Zone/beach.jpg
          metadata: "{{ {'status': 'New', 'rating': 4} | to_json }}"
        files:
          Filedata: "{{ local_file }}"
        timeout: 120
      register: created

    - name: Send a text that is in no file
      damops.elvis.elvis_request:
        session: "{{ elvis.session }}"
        path: services/create
        method: POST
        form:
          assetPath: /Demo Zone/licence.txt
        files:
          Filedata:
            content: "Licensed to Example Inc. until {{ licence_end }}"
            filename: licence.txt

    - name: Fetch it again
      damops.elvis.elvis_request:
        session: "{{ elvis.session }}"
        path: "{{ created.body.originalUrl }}"
        dest: /srv/outgoing/beach.jpg

    - name: Find all new assets, oldest first
      damops.elvis.elvis_request:
        session: "{{ elvis.session }}"
        path: services/search
        query:
          q: status:New
          sort: assetCreated-asc
          metadataToReturn: name,assetPath
        paginate: true
      register: found

    - name: Show their names
      ansible.builtin.debug:
        msg: "{{ found.body.hits | map(attribute='metadata.name') | list }}"

    - name: Write all assets of a zone to a file, one JSON object a line
      damops.elvis.elvis_request:
        session: "{{ elvis.session }}"
        path: services/search
        query:
          q: ancestorPaths:"/Demo Zone"
          sort: assetCreated-asc
        paginate: true
        dest: /srv/outgoing/demo_zone.jsonl

    - name: Approve them all in the background, and wait until that is done
      damops.elvis.elvis_request:
        session: "{{ elvis.session }}"
        path: services/updatebulk
        method: POST
        form:
          q: status:New
          metadata: "{{ {'status': 'Approved'} | to_json }}"
          async: true
        wait: true
        wait_timeout: 3600
      register: approved
      failed_when: approved is failed or (approved.body.errorCount | default(0)) > 0

    - name: Make a folder through the newer API
      damops.elvis.elvis_request:
        session: "{{ elvis.session }}"
        path: /api/folder
        method: POST
        json:
          path: /Demo Zone/Approved
  always:
    - name: Log out
      damops.elvis.elvis_logout:
        session: "{{ elvis.session | default({}) }}"

- name: Count the assets with only a token in hand
  damops.elvis.elvis_request:
    server_url: https://dam.example.com
    auth_token: "{{ token }}"
    path: services/search
    query: {q: "*", num: 0}
  register: count
"""

RETURN = r"""
status:
  description:
    - The HTTP status of the answer. The last one where there are several.
    - V(null) when nothing was sent, in check mode, and when a task failed without an answer.
  returned: always
  type: int
  sample: 200
body:
  description:
    - What the server answered. Parsed where it is JSON, a string where it is another text, V(null) where it is empty,
      saved to O(dest), or in check mode not asked for.
    - With O(paginate) a dictionary with the number of hits, as C(totalHits) or C(total), and without O(dest) with all
      of them under the name that the server gives them, such as C(hits) or C(folders).
  returned: success
  type: raw
  sample: {firstResult: 0, maxResultHits: 50, totalHits: 0, hits: []}
content_type:
  description: What kind of content the server announced, without parameters. V(null) when it did not.
  returned: success
  type: str
  sample: application/json
response_headers:
  description:
    - The headers of the answer, their names in lower case, without those that hold secrets.
    - V(null) when nothing was sent, in check mode.
  returned: success
  type: dict
  sample: {content-type: application/json;charset=UTF-8}
dest:
  description: The file that was written, or found to be the same, links resolved.
  returned: when O(dest) is given and the call was made
  type: str
  sample: /srv/outgoing/beach.jpg
size:
  description: Its size in bytes.
  returned: when O(dest) is given and the call was made
  type: int
  sample: 1048576
checksum:
  description: The SHA-256 of its content.
  returned: when O(dest) is given and the call was made
  type: str
  sample: 2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824
simulated:
  description: That O(session) was simulated by a login in check mode, so nothing was sent.
  returned: in check mode, with a simulated session
  type: bool
  sample: true
reason:
  description:
    - Why it failed, for a C(rescue) section to branch on. See RV(damops.elvis.elvis_login#module:reason). In particular
    - V(not_logged_in), the session is over. The message says when its token expires.
    - V(conflict), something else works on the same object, a file changed while it was sent, or a search while it was
      read.
    - V(storage), a disk of the machine where the task runs could not be read or written in the middle of a transfer.
  returned: failure
  type: str
  sample: not_logged_in
elvis_error:
  description: The error that Elvis reported, V(null) when it reported none.
  returned: failure
  type: dict
  sample:
    errorcode: 401
    errorname: AuthenticationCredentialsNotFoundException
    message: Not logged in
"""

from ..module_utils._operations.request import OPERATION
from ..module_utils._task.module import run_module


def main() -> None:
    run_module(OPERATION)


if __name__ == "__main__":
    main()
