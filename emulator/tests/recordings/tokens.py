# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The clients that log in for a token."""

from __future__ import annotations

from .forms import (
    API_LOGIN,
    AXIOS,
    BY_GUZZLE,
    BY_POSTMAN,
    BY_PWSH,
    GUZZLE,
    HITS,
    LOGGED_OUT,
    PWSH,
    USER,
    Recording,
    Step,
    form,
)

RECORDINGS = (
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

{form(BY_POSTMAN, AXIOS, **USER)}""",
            API_LOGIN,
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

{form(BY_POSTMAN, AXIOS, path="{folder}/new")}""",
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

{form(BY_GUZZLE, GUZZLE, **USER)}""",
            API_LOGIN,
        ),
        Step(
            f"""POST /services/search HTTP/1.1
Content-Length: {{length}}
User-Agent: GuzzleHttp/7
Authorization: Bearer {{token}}
Content-Type: multipart/form-data; boundary={GUZZLE}
Host: {{host}}

{form(BY_GUZZLE, GUZZLE, q="id:{id}", start="0", num="2", metadataToReturn="all")}""",
            HITS,
        ),
        Step(
            f"""POST /services/update HTTP/1.1
Content-Length: {{length}}
User-Agent: GuzzleHttp/7
Authorization: Bearer {{token}}
Content-Type: multipart/form-data; boundary={GUZZLE}
Host: {{host}}

{form(BY_GUZZLE, GUZZLE, id="{id}", metadata='{{"status": "Neu"}}', parseMetadataModifications="false")}""",
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
        "the vendor's two samples for webhooks, which never log out",
        Step(
            """POST /services/apilogin?username=alice&password=wonderland HTTP/1.1
host: {host}
content-length: 0
Connection: close

""",
            API_LOGIN,
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

{form(BY_POSTMAN, AXIOS, id="{id}", metadata='{{"rating":5}}')}""",
            r'"rating": 5',
        ),
        None,
    ),
    Recording(
        "a client generated from the server's Swagger pages",
        Step(
            """POST /services/apilogin HTTP/1.1
Host: {host}
Content-Type: application/x-www-form-urlencoded
Content-Length: {length}

username=alice&password=wonderland""",
            API_LOGIN,
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
            API_LOGIN,
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
            API_LOGIN,
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

{form(BY_PWSH, PWSH, folderPath="{folder}").removesuffix(f"--{PWSH}--" + chr(10))}--{PWSH}
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
