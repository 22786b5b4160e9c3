# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The servers and the files at which the tasks fail, and how a page calls them."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import requests

from tests.support.answers import GONE, elvis_error
from tests.support.assets import Dam
from tests.support.certificates import LAST_WEEK, YESTERDAY, Certificates, serving
from tests.support.emulator import start_emulator
from tests.support.faults.servers import black_hole, closed_port, unknown_name
from tests.support.gateway import Fate, Refusal, gateway_to
from tests.support.scripted import hang_up, html_reply, raw_reply, scripted_server

SIGN_ON = "<html><head><title>Sign in to continue</title></head></html>"
ACCOUNTS = ("alice:wonderland", "bob:wonderland", "admin:changemenow")
DISK = "disk"
"""The folder that is a file system of its own."""
DISK_SIZE = 1024 * 1024
"""Its bytes."""
FILES = {
    "inbox/cover.jpg": b"a cover",
    "inbox/back.jpg": b"a back",
    **{f"issue/page{number}.jpg": b"a page" for number in range(1, 5)},
    "names/good.jpg": b"a picture",
    **{f"names/what{number}?.jpg": b"a picture" for number in range(1, 31)},
    "twins/Cover.jpg": b"a cover",
    "twins/cover.jpg": b"another cover",
    "captions/no_path.csv": b"file,headline\ncover.jpg,The cover\n",
    "captions/line_break.csv": b"path,headline,credit\n/Demo Zone/Print/cover.jpg,The cover\nof our issue,Alice\n",
    "captions/other_names.csv": b"path,headline\nIMG_0001.JPG,The cover\n",
    "captions/no_date.csv": b"path,rating\n/Demo Zone/Print/cover.jpg,5\n/Demo Zone/Print/mine.jpg,five stars\n",
    "captions/day_first.csv": b"path,cf_publicationDate\n/Demo Zone/Print/cover.jpg,24.12.2025\n",
    "captions/old.xlsx": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504),
}


@contextmanager
def places(folder: Path) -> Iterator[dict[str, Any]]:
    """Run the servers, make the files in a folder, and give the variables that the tasks name them by."""
    _make_files(folder)
    certificates = Certificates(folder / "tls")
    with ExitStack() as running:
        elvis = running.enter_context(start_emulator())
        strict = running.enter_context(
            start_emulator(*(f"--user={user}" for user in ACCOUNTS), "--lockout", "1", "--seats", "1")
        )
        too_large = running.enter_context(gateway_to(elvis.url, _refuses_uploads))
        loses = running.enter_context(gateway_to(elvis.url, _loses_moves))
        ends = running.enter_context(gateway_to(elvis.url, _ends_at_second_file))
        scripted = {
            "sign_on": (html_reply(200, SIGN_ON),),
            "redirects": (raw_reply(302, Location="https://sso.example.com/sign-in"),),
            "down": (html_reply(503, "<html><body>Down for maintenance</body></html>"),),
            "prefix": (html_reply(404, "<html><body>Not found</body></html>"),),
            "broken": (elvis_error(500, 500, "java.lang.NullPointerException", "Something went wrong"),),
            "hangs_up": (hang_up,),
            "proxy": (raw_reply(407, Proxy_Authenticate='Basic realm="proxy"'),),
        }
        tls = {
            "expired": certificates.issue("expired.pem", "127.0.0.1", not_before=LAST_WEEK, not_after=YESTERDAY),
            "other_host": certificates.issue("other_host.pem", "other.example.com"),
            "unknown_ca": certificates.issue("unknown_ca.pem", "127.0.0.1"),
            "self_signed": certificates.sign_itself("self_signed.pem", end=YESTERDAY),
        }
        urls = {
            **{name: running.enter_context(scripted_server(*replies)).url for name, replies in scripted.items()},
            **{
                name: running.enter_context(scripted_server(hang_up, tls=serving(certificate))).url
                for name, certificate in tls.items()
            },
            **{
                name: running.enter_context(serve(b"")).url
                for name, serve in {"closed": closed_port, "no_name": unknown_name, "silent": black_hole}.items()
            },
            "elvis": elvis.url,
            "strict": strict.url,
            "not_tls": elvis.url.replace("http:", "https:"),
        }
        dam, strict_dam, admin = Dam(elvis), Dam(strict, "admin", "changemenow"), Dam(elvis, "admin", "changemenow")
        gone = Dam(elvis)
        gone.leave()
        _fill(dam, admin)
        _lock_out(strict.url, "bob")
        yield {
            "folder": str(folder),
            "url": urls,
            "elvis": {"changed": True, "session": dam.session},
            "gone": gone.session,
            "too_large": dam.session | {"server_url": too_large.url},
            "loses": dam.session | {"server_url": loses.url},
            "ends": dam.session | {"server_url": ends.url},
            "broken": dam.session | {"server_url": urls["broken"]},
            "ca": certificates.path("ca.pem"),
        }
        for user in (dam, strict_dam, admin):
            user.leave()


def as_on_a_page(text: str, variables: Mapping[str, Any]) -> str:
    """Return what a task said as a page has it: with the same server, folder, ids and times in each run."""
    for pattern, instead in (
        (re.escape(variables["folder"]), "/srv"),
        (rf"\b{re.escape(os.uname().nodename)}\b", "filer01"),
        (r"(?<=-connect )127\.0\.0\.1:\d+", "dam.example.com:443"),
        (r"127\.0\.0\.1(:\d+)?|dam\.invalid", "dam.example.com"),
        (r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", "2026-11-20T14:20:12Z"),
        (r"(?<=/)[\w-]{22}(?=/)", "9mUVYBJ5qjRB_OnmAIdUaW"),
    ):
        text = re.sub(pattern, instead, text)
    return text


def _make_files(folder: Path) -> None:
    for name, content in FILES.items():
        (folder / name).parent.mkdir(exist_ok=True, parents=True)
        (folder / name).write_bytes(content)
    for name in ("tls", "empty", "out", "read_only", DISK):
        (folder / name).mkdir()
    (folder / "out/cover.jpg").mkdir()
    (folder / "read_only").chmod(0o500)


def _fill(dam: Dam, admin: Dam) -> None:
    for name in ("cover", "back", "mine"):
        dam.create(f"/Demo Zone/Print/{name}.jpg", b"a picture")
    for number in range(1, 10):
        dam.create(f"/Demo Zone/Logos/logo{number}.svg", b"a logo")
    for name in ("cover", "back"):
        dam.create(f"/Demo Zone/Mirror/{name}.jpg", b"a picture")
    dam.create("/Demo Zone/Old/poster.jpg", b"a poster")
    dam.create("/Demo Zone/Large/poster.tif", bytes(2 * DISK_SIZE))
    admin.folder("/Users/admin/Drafts")
    ids = dam.ids()
    admin.post(f"checkout/{ids['/Demo Zone/Print/back.jpg']}")


def _lock_out(url: str, user: str) -> None:
    """Send a wrong password, which locks the account."""
    http = requests.Session()
    http.trust_env = False
    http.post(f"{url}/services/apilogin", data={"username": user, "password": "wrong"})
    http.close()


def _refuses_uploads(_number: int, service: str) -> Fate | Refusal:
    return Refusal(413, {}, b"too large") if service == "create" else "pass"


def _loses_moves(_number: int, service: str) -> Fate:
    return "lose answer" if service == "move" else "pass"


def _ends_at_second_file(number: int, service: str) -> Fate | Refusal:
    """End the session when the second file is sent."""
    is_over = service == "create" and number > 1
    return Refusal(200, {"Content-Type": "application/json"}, GONE.partition(b"\r\n\r\n")[2]) if is_over else "pass"
