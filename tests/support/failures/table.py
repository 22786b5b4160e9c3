# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The failures as data: the task, and what its screen says."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

SESSION = {"session": "{{ elvis.session }}"}
PRINT = "/Demo Zone/Print"


class Says(NamedTuple):
    """What a screen has to say: words of the message, as the page has it."""

    tried: str
    where: str
    returned: str
    advice: str


class Failure(NamedTuple):
    """A task that fails.

    :param elsewhere: whether it is looked at with other callbacks, too
    """

    module: str
    options: Mapping[str, Any]
    says: Says
    elsewhere: bool = False


def login(place: str, returned: str, advice: str, *, elsewhere: bool = False, **more: Any) -> Failure:
    """Return a login that fails at a server."""
    options = {"server_url": f"{{{{ url.{place} }}}}", "username": "alice", "password": "wonderland", **more}
    says = Says("Cannot log in as", "dam.example.com/services/apilogin", returned, advice)
    return Failure("elvis_login", options, says, elsewhere)


def upload(src: str, *says: str, elsewhere: bool = False, **more: Any) -> Failure:
    """Return an upload of a folder that fails."""
    options = {**SESSION, "src": f"{{{{ folder }}}}/{src}", "path": PRINT, **more}
    return Failure("elvis_upload", options, Says(*says), elsewhere)


def captions(name: str, *says: str, elsewhere: bool = False, **more: Any) -> Failure:
    """Return an import of captions that fails."""
    options = {**SESSION, "src": f"{{{{ folder }}}}/captions/{name}", **more}
    return Failure("elvis_metadata", options, Says(f"/srv/captions/{name}", *says), elsewhere)


def download(path: str, dest: str, *says: str, elsewhere: bool = False) -> Failure:
    """Return a download of a folder that fails."""
    options = {**SESSION, "path": path, "dest": f"{{{{ folder }}}}/{dest}"}
    return Failure("elvis_download", options, Says(*says), elsewhere)


def asset(path: str, *says: str, elsewhere: bool = False) -> Failure:
    """Return a change of an asset that fails."""
    options = {**SESSION, "path": path, "metadata": {"status": "Final"}}
    return Failure("elvis_asset", options, Says(*says), elsewhere)


def folder(path: str, *says: str, **more: Any) -> Failure:
    """Return a change of a folder that fails."""
    return Failure("elvis_folder", {**SESSION, "path": path, **more}, Says(*says))


def request(service: str, session: str, form: Mapping[str, str], *says: str) -> Failure:
    """Return a call that fails."""
    options = {"session": f"{{{{ {session} }}}}", "path": f"services/{service}", "method": "POST", "form": form}
    return Failure("elvis_request", options, Says("Cannot make the call", f"dam.example.com/services/{service}", *says))


def command(program: str, *says: str) -> Failure:
    """Return a program that fails."""
    return Failure("elvis_command", {**SESSION, "argv": program.split(maxsplit=2)}, Says(*says))


GROUPS: dict[str, dict[str, Failure]] = {
    "The login": {
        "The password is wrong": login(
            "elvis", "Invalid username or password", "Check the user name", elsewhere=True, password="looking-glass"
        ),
        "The account is locked": login("strict", "Account is locked", "have the account unlocked", username="bob"),
        "No seat is free": login("strict", "no license seat available", "free a licence seat"),
        "Nobody says which server": Failure(
            "elvis_login",
            {"username": "alice", "password": "wonderland"},
            Says("elvis_login", "server_url", "missing", "set the environment variable ELVIS_SERVER_URL"),
        ),
        "Nobody says who logs in": Failure(
            "elvis_login",
            {"server_url": "{{ url.elvis }}"},
            Says("credentials", "username and password", "No credentials are given", "set ELVIS_USERNAME"),
        ),
    },
    "The way to the server": {
        "Nobody listens at the port": login(
            "closed", "connection refused", "Check server_url (the port", elsewhere=True
        ),
        "The name does not resolve": login("no_name", "the host name does not resolve", "Check the host in server_url"),
        "The server does not answer": login("silent", "no connection within", "the option timeout", timeout=0.5),
        "The server hangs up": login("hangs_up", "the connection broke", "whether the server is running"),
        "The server is down for maintenance": login("down", "HTTP 503 with an HTML page", "try again later"),
        "The address lacks its prefix": login("prefix", "HTTP 404 with an HTML page", "with its path prefix"),
        "A sign-on page is in between": login("sign_on", "Sign in to continue", "not that of a portal"),
        "A portal redirects": login("redirects", "to: https://sso.example.com/sign-in", "not that of a portal"),
        "The proxy asks for a password": login(
            "elvis", "the proxy asks for a user", "http://user:password@proxy", proxy="{{ url.proxy }}"
        ),
    },
    "Certificates": {
        "The certificate expired": login(
            "expired", "it expired at 2026-", "Renew it on the server", elsewhere=True, ca_path="{{ ca }}"
        ),
        "The CA is not known here": login("unknown_ca", "not trusted here", "Name the file"),
        "The certificate is for another host": login(
            "other_host", "not valid for this host", "Use a name that it is valid for", ca_path="{{ ca }}"
        ),
        "The certificate signed itself, and expired": login(
            "self_signed", "self-signed, and not trusted here; it expired at", "replaced on the server first"
        ),
        "The server speaks no TLS": login("not_tls", "does not speak TLS on this port", "must be http://"),
        "The CA's file is not there": Failure(
            "elvis_login",
            {**login("expired", "", "").options, "ca_path": "{{ folder }}/tls/nowhere.pem"},
            Says("ca_path", "/srv/tls/nowhere.pem", "no such file or directory", "Name a file in PEM format"),
        ),
    },
    "The session and the options": {
        "The session is over": upload(
            "inbox",
            "Cannot list /Demo Zone",
            "dam.example.com/services/browse",
            "Not logged in",
            "Log in again",
            elsewhere=True,
            session="{{ gone }}",
        ),
        "All that the login returned is passed on": upload(
            "inbox",
            "session",
            "elvis_upload",
            "has the whole result of the login",
            'session: "{{ elvis.session }}"',
            session="{{ elvis }}",
        ),
        "An option is misspelt": Failure(
            "elvis_upload",
            {**SESSION, "source": "{{ folder }}/inbox", "path": PRINT},
            Says("source", "elvis_upload", "has no option", "Did you mean src?"),
            elsewhere=True,
        ),
        "There is no such service": request("find", "elvis.session", {"q": "*"}, "errorcode 404", "Check the path"),
        "A query can't be read": Failure(
            "elvis_asset_info",
            {**SESSION, "query": 'name:"cover'},
            Says("Cannot find assets", "dam.example.com/services/search", "Can't parse the query", "Check the query"),
        ),
    },
    "Files and folders on this machine": {
        "The folder is not there": upload("inbx", "src", "/srv/inbx", "is not there", "whether the share is mounted"),
        "The source of a mirror is empty": upload(
            "empty", "2 assets", "http://dam.example.com", "not removed: src is empty", "Put that right", delete=True
        ),
        "Names that a DAM does not take": upload(
            "names", "is not sent", "what10?.jpg", "a DAM doesn't take", "Rename it", elsewhere=True
        ),
        "Two names are one in the DAM": upload(
            "twins", "Cover.jpg is not sent", "http://dam.example.com", "has the same name", "Rename one of them"
        ),
        "The disk is full": download(
            "/Demo Zone/Large",
            "out",
            "Cannot download /Demo Zone/Large/poster.tif",
            "/srv/out/poster.tif",
            "can't be written: file too large",
            "Check the disk",
            elsewhere=True,
        ),
        "The folder is read-only": download(
            PRINT, "read_only", "Cannot download", "/srv/read_only/", "permission denied", "Check the disk"
        ),
        "A folder has the name of a file": download(
            PRINT, "out", "was left unchanged", "/srv/out/cover.jpg", "not a regular file", "choose another dest"
        ),
        "The report can't be written": upload(
            "inbox",
            "report",
            "/srv/nowhere/report.jsonl",
            "its folder is not there",
            "in a folder that is there",
            report="{{ folder }}/nowhere/report.jsonl",
        ),
    },
    "Tables": {
        "The table has no column for the path": captions(
            "no_path.csv", "line 1", "has no column id or path", "with the option key", elsewhere=True
        ),
        "The mapping names no column": captions(
            "no_path.csv", "line 1", "no column that mapping names", "(is it file?)", mapping={"File": "path"}
        ),
        "A cell has a line break without quotes": captions(
            "line_break.csv", "line 3", "of our issue does not begin with a slash", "Correct the file"
        ),
        "The server refuses a value": captions(
            "no_date.csv", "line 3, column rating", "Not a valid value", "Correct the value", elsewhere=True
        ),
        "A date has another form": captions(
            "day_first.csv",
            "line 2, column cf_publicationDate",
            "is not a time",
            "with date_formats",
            date_fields=["cf_publicationDate"],
        ),
        "No row is about a file": upload(
            "inbox",
            "/srv/captions/other_names.csv",
            "IMG_0001.JPG (line 2)",
            "none is about a file",
            "A row names a file by its path below src",
            metadata_src="{{ folder }}/captions/other_names.csv",
            path="/Demo Zone/New",
        ),
        "An old Excel file": captions("old.xlsx", "line 1", "an older workbook", "Save it as .xlsx"),
    },
    "What the server says": {
        "A file is too large for a gateway": upload(
            "inbox",
            "Cannot create /Demo Zone/New/back.jpg",
            "dam.example.com/services/create",
            "HTTP 413",
            "Raise the limit there",
            elsewhere=True,
            session="{{ too_large }}",
            path="/Demo Zone/New",
        ),
        "Somebody has it checked out": asset(
            f"{PRINT}/back.jpg",
            "was left unchanged",
            "/Demo Zone/Print/back.jpg at http://dam.example.com",
            "admin has it checked out since",
            "force: true ends that check-out",
            elsewhere=True,
        ),
        "The path is a folder": asset(
            PRINT, PRINT, "dam.example.com", "is a folder", "Give the whole path of the asset"
        ),
        "There is no such asset": asset(
            f"{PRINT}/covre.jpg", "covre.jpg", "dam.example.com", "There is no asset", "Check the path"
        ),
        "There is no such folder": download(
            "/Demo Zone/Pritn", "out", "/Demo Zone/Pritn", "dam.example.com", "There is no folder", "Check the path"
        ),
        "The user may not do that": folder(
            "/Users/admin/Drafts/Mine",
            "Cannot make the folder /Users/admin/Drafts/Mine",
            "dam.example.com/services/createFolder",
            "access denied",
            "Check what this user may do",
        ),
        "A folder to remove is not empty": folder(
            PRINT,
            "Cannot remove /Demo Zone/Print",
            "dam.example.com",
            "it is not empty",
            "Set recursive: true",
            state="absent",
        ),
        "Too much would be removed": upload(
            "inbox",
            "9 of 9 assets",
            "dam.example.com",
            "max_delete is 2: nothing was removed",
            "Check that the other side is complete",
            path="/Demo Zone/Logos",
            delete=True,
            max_delete=2,
        ),
        "Nobody knows whether it was moved": request(
            "move",
            "loses",
            {"source": "/Demo Zone/Old/poster.jpg", "target": "/Demo Zone/New/poster.jpg"},
            "the connection broke before the answer came",
            "check before you repeat it",
        ),
        "The server has a fault": Failure(
            "elvis_session_info",
            {"session": "{{ broken }}"},
            Says(
                "Cannot ask whose session", "dam.example.com/services/profile", "Something went wrong", "Check the log"
            ),
        ),
    },
    "Programs": {
        "The program is not there": command(
            "pyton3 report.py", "The program pyton3", "on filer01", "no such file or directory", "argv is a list"
        ),
        "The program fails": command(
            "sh -c echo 'no such issue' >&2; exit 3",
            "sh failed",
            "on filer01",
            "it ended with 3. The last it printed: no such issue",
            "Read stdout and stderr",
        ),
    },
}
FAILURES = {title: failure for group in GROUPS.values() for title, failure in group.items()}
