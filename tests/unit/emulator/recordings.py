# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What clients put on the wire for a login, a read, a write and a logout: their headers, their way of writing a form.

Written anew from what is known of each (its HTTP library, the forms of its calls), with nothing copied. In the texts
`{token}`, `{cookie}` and `{csrf}` stand for what the login answered, `{id}` and `{folder}` for an asset and its folder,
`{length}` for the length of the body.
"""

from __future__ import annotations

from dataclasses import dataclass

LOGGED_OUT = r'"logoutSuccess": true'
HITS = r'"totalHits": 1,'
EMPTY = r"^$"


@dataclass(frozen=True)
class Step:
    """One request, and what its reply has to hold; the status is 200 where nothing else is said."""

    request: str
    reply: str
    status: int = 200


@dataclass(frozen=True)
class Recording:
    """A client, and what it sends in turn. Some never log out, and one has no login of its own."""

    client: str
    login: Step
    read: Step
    write: Step
    logout: Step | None


def _form(style: str, boundary: str, **fields: str) -> str:
    """Write a form as a library does: what stands in the head of each part."""
    parts = [f"--{boundary}\n{style.format(name=name)}\n\n{text}\n" for name, text in fields.items()]
    return "".join(parts) + f"--{boundary}--\n"


POSTMAN = "--------------------------293582696224464791345014"
_POSTMAN = 'Content-Disposition: form-data; name="{name}"'
AXIOS = "--------------------------515890814546601021194782"
GUZZLE = "f4f4864a5be91ff4bbf6a6a1a3e0b0f9a6ac3f2c"
_GUZZLE = 'Content-Disposition: form-data; name="{name}"\nContent-Length: '
RUBY = "----RubyFormBoundaryqS3HkNwq8hTzVYqB"
PWSH = "2a8ae6ad-f4ad-4d9a-a92c-6d217011fe0f"
_PWSH = "Content-Type: text/plain; charset=utf-8\nContent-Disposition: form-data; name={name}"

_USER = {"username": "alice", "password": "wonderland"}
_API_LOGIN = r'"loginSuccess": true.*"authToken": "ey'
_LOGIN = r'"loginSuccess": true.*"csrfToken": "[\w-]{22}"'

RECORDINGS = (
    Recording(
        "the vendor's Postman collection",
        Step(
            f"""POST /services/login HTTP/1.1
User-Agent: PostmanRuntime/7.36.3
Accept: */*
Postman-Token: 3c1a8c2e-41b7-4a83-9c42-5f6f9a1f9d10
Host: {{host}}
Accept-Encoding: gzip, deflate, br
Connection: keep-alive
Content-Type: multipart/form-data; boundary={POSTMAN}
Content-Length: {{length}}

{_form(_POSTMAN, POSTMAN, **_USER)}""",
            _LOGIN,
        ),
        Step(
            """POST /services/search?q=id:{id} HTTP/1.1
X-CSRF-TOKEN: {csrf}
User-Agent: PostmanRuntime/7.36.3
Accept: */*
Host: {host}
Connection: keep-alive
Content-Length: 0
Cookie: authToken={cookie}

""",
            HITS,
        ),
        Step(
            """POST /services/updatebulk?q=id:{id}&tags=%2Bnew HTTP/1.1
X-CSRF-TOKEN: {csrf}
User-Agent: PostmanRuntime/7.36.3
Host: {host}
Content-Type: multipart/form-data; boundary=x
Content-Length: {length}
Cookie: authToken={cookie}

--x--
""",
            r'"processedCount": 1, "errorCount": 0',
        ),
        Step(
            """POST /services/logout HTTP/1.1
X-CSRF-TOKEN: {csrf}
User-Agent: PostmanRuntime/7.36.3
Host: {host}
Content-Length: 0
Cookie: authToken={cookie}

""",
            LOGGED_OUT,
        ),
    ),
    Recording(
        "a TypeScript client",
        Step(
            f"""POST /services/apilogin HTTP/1.1
Accept: application/json, text/plain, */*
Content-Type: multipart/form-data; boundary={AXIOS}
User-Agent: axios/1.9.0
Accept-Encoding: gzip, compress, deflate, br
Host: {{host}}
Connection: keep-alive
Transfer-Encoding: chunked

{_form(_POSTMAN, AXIOS, **_USER)}""",
            _API_LOGIN,
        ),
        Step(
            """GET /metadata/report.csv?assetIds={id}&fields=filename HTTP/1.1
Accept: application/json, text/plain, */*
Authorization: Bearer {token}
User-Agent: axios/1.9.0
Host: {host}

""",
            r"^filename\r\nrecorded\.txt\r\n$",
        ),
        Step(
            f"""POST /services/createFolder HTTP/1.1
Authorization: Bearer {{token}}
content-type: multipart/form-data; boundary={AXIOS}
User-Agent: axios/1.9.0
Host: {{host}}
Transfer-Encoding: chunked

{_form(_POSTMAN, AXIOS, path="{folder}/new")}""",
            r'^\{"[^"]+/new": "created"\}$',
        ),
        None,
    ),
    Recording(
        "a newspaper's PHP client, and the other PHP client: both use Guzzle",
        Step(
            f"""POST /services/apilogin HTTP/1.1
Content-Length: {{length}}
User-Agent: GuzzleHttp/7
Content-Type: multipart/form-data; boundary={GUZZLE}
Host: {{host}}

{_form(_GUZZLE, GUZZLE, **_USER)}""",
            _API_LOGIN,
        ),
        Step(
            f"""POST /services/search HTTP/1.1
Content-Length: {{length}}
User-Agent: GuzzleHttp/7
Authorization: Bearer {{token}}
Content-Type: multipart/form-data; boundary={GUZZLE}
Host: {{host}}

{_form(_GUZZLE, GUZZLE, q="id:{id}", start="0", num="2", metadataToReturn="all")}""",
            HITS,
        ),
        Step(
            f"""POST /services/update HTTP/1.1
Content-Length: {{length}}
User-Agent: GuzzleHttp/7
Authorization: Bearer {{token}}
Content-Type: multipart/form-data; boundary={GUZZLE}
Host: {{host}}

{_form(_GUZZLE, GUZZLE, id="{id}", metadata='{{"status": "Neu"}}', parseMetadataModifications="false")}""",
            r'"status": "Neu"',
        ),
        Step(
            """POST /services/logout HTTP/1.1
Content-Length: 0
User-Agent: GuzzleHttp/7
Authorization: Bearer {token}
Host: {host}

""",
            LOGGED_OUT,
        ),
    ),
    Recording(
        "a Ruby client, which sends a cookie's attributes back as cookies",
        Step(
            """POST /services/login HTTP/1.1
Accept: */*
User-Agent: Ruby
Content-Type: application/x-www-form-urlencoded
Host: {host}
Content-Length: {length}

cred=YWxpY2U6d29uZGVybGFuZA%3D%3D&clientType=api_ruby""",
            _LOGIN,
        ),
        Step(
            """GET /services/search?q=id%3A{id} HTTP/1.1
Accept: */*
Cookie: authToken={cookie};Path=/;HttpOnly
Content-Type: multipart/form-data
Host: {host}

""",
            HITS,
        ),
        Step(
            f"""POST /services/create HTTP/1.1
Accept: */*
Cookie: authToken={{cookie}};Path=/;HttpOnly
X-Csrf-Token: {{csrf}}
Content-Type: multipart/form-data; boundary={RUBY}
Host: {{host}}
Content-Length: {{length}}

--{RUBY}
Content-Disposition: form-data; name="folderPath"

{{folder}}
--{RUBY}
Content-Disposition: form-data; name="Filedata"; filename="ruby.txt"
Content-Type: text/plain

from Ruby
--{RUBY}--
""",
            r'"filename": "ruby.txt"',
        ),
        Step(
            """POST /services/logout HTTP/1.1
Cookie: authToken={cookie};Path=/;HttpOnly
X-Csrf-Token: {csrf}
Content-Type: application/x-www-form-urlencoded
Host: {host}
Content-Length: 0

""",
            LOGGED_OUT,
        ),
    ),
    Recording(
        "a JavaScript driver",
        Step(
            """POST /services/login HTTP/1.1
Host: {host}
Accept-Encoding: gzip, deflate
User-Agent: node-superagent/3.8.3
Content-Type: application/x-www-form-urlencoded
Content-Length: {length}
Connection: close

username=alice&password=wonderland&returnProfile=true""",
            _LOGIN + r'.*"userProfile"',
        ),
        Step(
            """GET /alive.txt?uid=1556533361234 HTTP/1.1
Host: {host}
User-Agent: node-superagent/3.8.3
Cookie: authToken={cookie}
Connection: close

""",
            r"^alive$",
        ),
        Step(
            """POST /services/createRelation HTTP/1.1
Host: {host}
User-Agent: node-superagent/3.8.3
Cookie: authToken={cookie}
X-CSRF-TOKEN: {csrf}
Content-Type: application/x-www-form-urlencoded
Content-Length: {length}
Connection: close

relationType=contains&target1Id={collection}&target2Id={id}""",
            EMPTY,
        ),
        Step(
            """POST /services/logout HTTP/1.1
Host: {host}
User-Agent: node-superagent/3.8.3
Cookie: authToken={cookie}
X-CSRF-TOKEN: {csrf}
Content-Length: 0
Connection: close

""",
            LOGGED_OUT,
        ),
    ),
    Recording(
        "the vendor's two samples for webhooks, which never log out",
        Step(
            """POST /services/apilogin?username=alice&password=wonderland HTTP/1.1
host: {host}
content-length: 0
Connection: close

""",
            _API_LOGIN,
        ),
        Step(
            """POST /services/search HTTP/1.1
host: {host}
authorization: Bearer {token}
accept: application/json
content-type: application/json
content-length: {length}
Connection: close

{{"query":{{"QueryStringQuery":{{"queryString":"id:{id}"}}}},"maxResultHits":1,"firstResult":0,"sorting":[]}}""",
            HITS,
        ),
        Step(
            f"""POST /services/update HTTP/1.1
host: {{host}}
authorization: Bearer {{token}}
content-type: multipart/form-data; boundary={AXIOS}
content-length: {{length}}
Connection: close

{_form(_POSTMAN, AXIOS, id="{id}", metadata='{{"rating":5}}')}""",
            r'"rating": 5',
        ),
        None,
    ),
    Recording(
        "the statistics plug-in, in the session of a browser",
        Step(
            """POST /services/login HTTP/1.1
Host: {host}
User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0
Accept: application/json, text/javascript, */*; q=0.01
Content-Type: application/x-www-form-urlencoded; charset=UTF-8
X-Requested-With: XMLHttpRequest
Content-Length: {length}

username=alice&password=wonderland""",
            _LOGIN,
        ),
        Step(
            """GET /services/queryStats?queryFile=plugin%2Fsql%2FusageLog.sql&num=10000&action_type=CREATE%2C&\
period_start=2020-01-01&period_end=2099-01-01&group_by_user_name=false&group_by_asset_domain=true HTTP/1.1
Host: {host}
X-Requested-With: XMLHttpRequest
Cookie: lang=en; authToken={cookie}

""",
            r'\{"asset_domain_rs": "text", "count_rs": \d+\}',
        ),
        Step(
            """POST /services/logUsage HTTP/1.1
Host: {host}
Content-Type: application/x-www-form-urlencoded; charset=UTF-8
X-CSRF-TOKEN: {csrf}
X-Requested-With: XMLHttpRequest
Cookie: lang=en; authToken={cookie}
Content-Length: {length}

assetId={id}&action=CUSTOM_ACTION_PLACED&page__s=12&printed__dt=2026-01-31""",
            EMPTY,
        ),
        Step(
            """GET /logout?logoutSuccessUrl=/web/ HTTP/1.1
Host: {host}
Cookie: lang=en; authToken={cookie}

""",
            EMPTY,
            302,
        ),
    ),
    Recording(
        "a client generated from the server's Swagger pages",
        Step(
            """POST /services/apilogin HTTP/1.1
Host: {host}
Content-Type: application/x-www-form-urlencoded
Content-Length: {length}

username=alice&password=wonderland""",
            _API_LOGIN,
        ),
        Step(
            """GET /api/asset/{id} HTTP/1.1
Host: {host}
User-Agent: Swagger-Codegen/1.0.0/php
Accept: application/json
Content-Type: application/json
Authorization: Bearer {token}

""",
            r'"filename": "recorded.txt"',
        ),
        Step(
            """POST /api/folder HTTP/1.1
Host: {host}
User-Agent: Swagger-Codegen/1.0.0/php
Accept: application/json
Content-Type: application/json
Authorization: Bearer {token}
Content-Length: {length}

{{"path":"{folder}\\/swagger","metadata":{{}}}}""",
            r'"name": "swagger"',
            201,
        ),
        None,
    ),
    Recording(
        "a connector for n8n",
        Step(
            """POST /services/apilogin HTTP/1.1
Accept: application/json,text/html,application/xhtml+xml,application/xml,text/*;q=0.9, image/*;q=0.8, */*;q=0.7
Content-Type: application/x-www-form-urlencoded;charset=utf-8
User-Agent: axios/1.8.3
Host: {host}
Content-Length: {length}

username=alice&password=wonderland&clientId=n8n""",
            _API_LOGIN,
        ),
        Step(
            """GET /services/asset/history?id={id}&start=0&num=1&detailLevel=1 HTTP/1.1
User-Agent: axios/1.8.3
Authorization: Bearer {token}
Host: {host}

""",
            r'"totalHits": 1, .*"action": "CREATE"',
        ),
        Step(
            """POST /services/updatebulk HTTP/1.1
User-Agent: axios/1.8.3
Authorization: Bearer {token}
Content-Type: application/json
Host: {host}
Content-Length: {length}

[{{"id":"{id}","metadata":{{"caption":"by n8n"}}}}]""",
            r'"caption": "by n8n"',
        ),
        None,
    ),
    Recording(
        "PowerShell, with the line breaks that the script is printed with",
        Step(
            """POST /services/apilogin?%0Acred=YWxpY2U6d29uZGVybGFuZA==%0A&username=alice%0A&\
password=wonderland HTTP/1.1
Host: {host}
User-Agent: Mozilla/5.0 (Linux; Debian GNU/Linux 12 (bookworm); ) PowerShell/7.6.9
Accept-Encoding: gzip, deflate, br
Content-Type: application/x-www-form-urlencoded
Content-Length: 0

""",
            _API_LOGIN,
        ),
        Step(
            """GET /services/search?q=id:{id}&num=500 HTTP/1.1
Host: {host}
Authorization: Bearer {token}
User-Agent: Mozilla/5.0 (Linux; Debian GNU/Linux 12 (bookworm); ) PowerShell/7.6.9
Accept-Encoding: gzip, deflate, br

""",
            HITS,
        ),
        Step(
            f"""POST /services/create HTTP/1.1
Host: {{host}}
Authorization: Bearer {{token}}
User-Agent: Mozilla/5.0 (Linux; Debian GNU/Linux 12 (bookworm); ) PowerShell/7.6.9
Expect: 100-continue
Content-Type: multipart/form-data; boundary="{PWSH}"
Content-Length: {{length}}

{_form(_PWSH, PWSH, folderPath="{folder}").removesuffix(f"--{PWSH}--" + chr(10))}--{PWSH}
Content-Type: application/octet-stream
Content-Disposition: form-data; name=Filedata; filename="=?utf-8?B?TcO8bmNoZW4udHh0?="; \
filename*=utf-8''M%C3%BCnchen.txt

from PowerShell
--{PWSH}--
""",
            r'"filename": "M\\u00fcnchen.txt"',
        ),
        Step(
            """POST /services/logout HTTP/1.1
Host: {host}
Authorization: Bearer {token}
User-Agent: Mozilla/5.0 (Linux; Debian GNU/Linux 12 (bookworm); ) PowerShell/7.6.9
Content-Type: application/json
Content-Length: 0

""",
            LOGGED_OUT,
        ),
    ),
)
