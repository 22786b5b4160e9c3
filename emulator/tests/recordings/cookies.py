# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The clients that log in as a browser does."""

from __future__ import annotations

from .forms import BY_POSTMAN, EMPTY, EMPTY_OBJECT, HITS, LOGGED_OUT, LOGIN, POSTMAN, RUBY, USER, Recording, Step, form

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

{form(BY_POSTMAN, POSTMAN, **USER)}""",
            LOGIN,
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
        "a Ruby client, which sends a cookie's attributes back as cookies",
        Step(
            """POST /services/login HTTP/1.1
Accept: */*
User-Agent: Ruby
Content-Type: application/x-www-form-urlencoded
Host: {host}
Content-Length: {length}

cred=YWxpY2U6d29uZGVybGFuZA%3D%3D&clientType=api_ruby""",
            LOGIN,
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
            LOGIN + r'.*"userProfile"',
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
            EMPTY_OBJECT,
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
            LOGIN,
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
            EMPTY_OBJECT,
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
)
