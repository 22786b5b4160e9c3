# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The failures as data: the task, and what its screen says."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from tests.support.failures.places import DISK

SESSION = {"session": "{{ elvis.session }}"}
PRINT = "/Demo Zone/Print"


NOTHING_SENT = "Nothing was sent."
NOTHING_CHANGED = "Nothing was changed."
NO_SESSION = "The task got no session."
SENT_FROM = "This task runs on filer01. Nothing was sent."


class Says(NamedTuple):
    """What a screen has to say: words of the message, as the page has it.

    :param done: what the task did before it failed
    :param left: what it did not do; where it did nothing, that is all
    """

    tried: str
    where: str
    returned: str
    advice: str
    done: str
    left: str = ""


class Failure(NamedTuple):
    """A task that fails.

    :param elsewhere: whether it is looked at with other callbacks, too
    """

    module: str
    options: Mapping[str, Any]
    says: Says
    elsewhere: bool = False


def login(
    place: str, returned: str, advice: str, done: str = NO_SESSION, *, elsewhere: bool = False, **more: Any
) -> Failure:
    """Return a login that fails at a server."""
    options = {"server_url": f"{{{{ url.{place} }}}}", "username": "alice", "password": "wonderland", **more}
    says = Says(f"Cannot log in as {options['username']}", "dam.example.com/services/apilogin", returned, advice, done)
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
        "The account is locked": login(
            "strict", "Account is locked", "Have an administrator unlock the account", username="bob"
        ),
        "No seat is free": login("strict", "no license seat available", "Free a licence seat: log out"),
        "Nobody says which server": Failure(
            "elvis_login",
            {"username": "alice", "password": "wonderland"},
            Says("elvis_login", "server_url", "missing", "set the environment variable ELVIS_SERVER_URL", NOTHING_SENT),
        ),
        "Nobody says who logs in": Failure(
            "elvis_login",
            {"server_url": "{{ url.elvis }}"},
            Says(
                "credentials", "username and password", "No credentials are given", "set ELVIS_USERNAME", NOTHING_SENT
            ),
        ),
    },
    "The way to the server": {
        "Nobody listens at the port": login(
            "closed", "connection refused", "Check server_url (the port", SENT_FROM, elsewhere=True
        ),
        "The name does not resolve": login(
            "no_name", "the host name does not resolve", "Check the host in server_url", SENT_FROM
        ),
        "The server does not answer": login(
            "silent", "no connection within", "the option timeout", SENT_FROM, timeout=0.5
        ),
        "The server hangs up": login(
            "hangs_up", "the connection broke", "whether the server is running", "If the server did open a session"
        ),
        "The server is down for maintenance": login("down", "HTTP 503 with an HTML page", "try again later"),
        "The address lacks its prefix": login("prefix", "HTTP 404 with an HTML page", "with its path prefix"),
        "A sign-on page is in between": login("sign_on", "Sign in to continue", "not that of a portal"),
        "A portal redirects": login("redirects", "to: https://sso.example.com/sign-in", "not that of a portal"),
        "The proxy asks for a password": login(
            "elvis",
            "the proxy asks for a user",
            "http://user:password@proxy",
            "This task runs on filer01.",
            proxy="{{ url.proxy }}",
        ),
    },
    "Certificates": {
        "The certificate expired": login(
            "expired", "it expired at 2026-", "Renew it on the server", SENT_FROM, elsewhere=True, ca_path="{{ ca }}"
        ),
        "The CA is not known here": login("unknown_ca", "not trusted here", "Name the file", SENT_FROM),
        "The certificate is for another host": login(
            "other_host",
            "not valid for this host; it is valid for other.example.com",
            "Use a name that it is valid for",
            SENT_FROM,
            ca_path="{{ ca }}",
        ),
        "The certificate signed itself, and expired": login(
            "self_signed", "self-signed, and not trusted here; it expired at", "replaced on the server first", SENT_FROM
        ),
        "The server speaks no TLS": login("not_tls", "does not speak TLS on this port", "must be http://", SENT_FROM),
        "The CA's file is not there": Failure(
            "elvis_login",
            {**login("expired", "", "").options, "ca_path": "{{ folder }}/tls/nowhere.pem"},
            Says(
                "ca_path",
                "/srv/tls/nowhere.pem",
                "no such file or directory",
                "Name a file in PEM format",
                SENT_FROM,
            ),
        ),
    },
    "The session and the options": {
        "The session is over": upload(
            "inbox",
            "Cannot list /Demo Zone",
            "dam.example.com/services/browse",
            "Not logged in",
            "Log in again",
            NOTHING_CHANGED,
            elsewhere=True,
            session="{{ gone }}",
        ),
        "The session ends during an import": upload(
            "issue",
            "Cannot create /Demo Zone/Ended/page2.jpg",
            "dam.example.com/services/create",
            "Not logged in",
            "Log in again",
            "Done: 1 created.",
            "Left: 1 failed, 2 not begun. Run the task again: it goes on with the rest.",
            session="{{ ends }}",
            path="/Demo Zone/Ended",
            concurrency=1,
        ),
        "All that the login returned is passed on": upload(
            "inbox",
            "session",
            "elvis_upload",
            "has the whole result of the login",
            'session: "{{ elvis.session }}"',
            NOTHING_SENT,
            session="{{ elvis }}",
        ),
        "An option is misspelt": Failure(
            "elvis_upload",
            {**SESSION, "source": "{{ folder }}/inbox", "path": PRINT},
            Says("source", "elvis_upload", "has no option", "Did you mean src?", NOTHING_SENT),
            elsewhere=True,
        ),
        "There is no such service": request(
            "find", "elvis.session", {"q": "*"}, "errorcode 404", "does not know that service either", NOTHING_CHANGED
        ),
        "A query can't be read": Failure(
            "elvis_asset_info",
            {**SESSION, "query": 'name:"cover'},
            Says(
                "Cannot find assets",
                "dam.example.com/services/search",
                "Can't parse the query",
                "The query was 'name:\"cover'",
                NOTHING_CHANGED,
            ),
        ),
    },
    "Files and folders on this machine": {
        "The folder is not there": upload(
            "inbx", "src", "/srv/inbx", "is not there", "whether the share is mounted", NOTHING_SENT
        ),
        "The source of a mirror is empty": upload(
            "empty",
            "2 assets in /Demo Zone/Mirror without a counterpart in src /srv/empty",
            "http://dam.example.com",
            "not removed: src is empty",
            "Put that right",
            NOTHING_CHANGED,
            path="/Demo Zone/Mirror",
            delete=True,
        ),
        "Names that a DAM does not take": upload(
            "names",
            "/srv/names/what10?.jpg is not sent to /Demo Zone/New",
            "http://dam.example.com",
            "a DAM doesn't take",
            "Rename it",
            "Done: 1 ",
            "Left: 30 failed.",
            path="/Demo Zone/New",
            elsewhere=True,
        ),
        "Two names are one in the DAM": upload(
            "twins",
            "/srv/twins/Cover.jpg is not sent to /Demo Zone/Print",
            "http://dam.example.com",
            "has the same name",
            "Rename one of them",
            "Done: nothing.",
            "Left: 2 failed.",
        ),
        "The disk is full": download(
            "/Demo Zone/Large",
            DISK,
            "Cannot download /Demo Zone/Large/poster.tif",
            f"/srv/{DISK}/poster.tif",
            "can't be written: no space left on device",
            "Check the disk",
            "This task runs on filer01.",
            "Left: 1 failed.",
            elsewhere=True,
        ),
        "The folder is read-only": download(
            PRINT,
            "read_only",
            "Cannot download",
            "/srv/read_only/",
            "permission denied",
            "Check the disk",
            "This task runs on filer01.",
            "Left: 3 failed.",
        ),
        "A folder has the name of a file": download(
            PRINT,
            "out",
            "was left unchanged",
            "/srv/out/cover.jpg",
            "not a regular file",
            "choose another dest",
            "Done: 2 created.",
            "Left: 1 failed.",
        ),
        "The report can't be written": upload(
            "inbox",
            "report",
            "/srv/nowhere/report.jsonl",
            "its folder is not there. It is written on the machine that runs this task, filer01.",
            "in a folder that is there",
            NOTHING_SENT,
            report="{{ folder }}/nowhere/report.jsonl",
        ),
    },
    "Tables": {
        "The table has no column for the path": captions(
            "no_path.csv", "line 1", "has no column id or path", "with the option key", NOTHING_SENT, elsewhere=True
        ),
        "The mapping names no column": captions(
            "no_path.csv",
            "line 1",
            "no column that mapping names",
            "(is it file?)",
            NOTHING_SENT,
            mapping={"File": "path"},
        ),
        "A cell has a line break without quotes": captions(
            "line_break.csv",
            "line 3",
            "of our issue does not begin with a slash, and line 2 lacks its last cells",
            "A cell that has a line break in it must be in quotes",
            NOTHING_SENT,
        ),
        "The server refuses a value": captions(
            "no_date.csv",
            "line 3, column rating",
            "Not a valid value",
            "Correct the value",
            "Done: 1 ",
            "Left: 1 failed.",
            elsewhere=True,
        ),
        "A date has another form": captions(
            "day_first.csv",
            "line 2, column cf_publicationDate",
            "is not a time",
            "with date_formats",
            NOTHING_SENT,
            date_fields=["cf_publicationDate"],
        ),
        "No row is about a file": upload(
            "inbox",
            "/srv/captions/other_names.csv",
            "IMG_0001.JPG (line 2)",
            "none is about a file in src /srv/inbox or an asset below /Demo Zone/New",
            "A row names a file by its path below src",
            NOTHING_CHANGED,
            metadata_src="{{ folder }}/captions/other_names.csv",
            path="/Demo Zone/New",
        ),
        "An old Excel file": captions("old.xlsx", "line 1", "an older workbook", "Save it as .xlsx", NOTHING_SENT),
    },
    "What the server says": {
        "A file is too large for a gateway": upload(
            "inbox",
            "Cannot create /Demo Zone/Small/back.jpg",
            "dam.example.com/services/create",
            "HTTP 413",
            "Raise the limit there",
            "Done: nothing.",
            "Left: 2 failed.",
            elsewhere=True,
            session="{{ too_large }}",
            path="/Demo Zone/Small",
        ),
        "Somebody has it checked out": asset(
            f"{PRINT}/back.jpg",
            "was left unchanged",
            "/Demo Zone/Print/back.jpg at http://dam.example.com",
            "admin has it checked out since",
            "Ask admin to check it in. force: true ends that check-out",
            NOTHING_CHANGED,
            elsewhere=True,
        ),
        "The path is a folder": asset(
            PRINT, PRINT, "dam.example.com", "is a folder", "Give the whole path of the asset", NOTHING_CHANGED
        ),
        "There is no such asset": asset(
            f"{PRINT}/covre.jpg", "covre.jpg", "dam.example.com", "There is no asset", "Check the path", NOTHING_CHANGED
        ),
        "There is no such folder": download(
            "/Demo Zone/Pritn",
            "out",
            "/Demo Zone/Pritn",
            "dam.example.com",
            "There is no folder",
            "Check the path",
            NOTHING_CHANGED,
        ),
        "The user may not do that": folder(
            "/Users/admin/Drafts/Mine",
            "Cannot make the folder /Users/admin/Drafts/Mine",
            "dam.example.com/services/createFolder",
            "access denied",
            "Check what this user may do",
            "it was not made",
        ),
        "A folder to remove is not empty": folder(
            PRINT,
            "Cannot remove /Demo Zone/Print",
            "dam.example.com",
            "it is not empty",
            "Set recursive: true",
            NOTHING_CHANGED,
            state="absent",
        ),
        "Too much would be removed": upload(
            "inbox",
            "9 of 9 assets in /Demo Zone/Logos have no counterpart in src /srv/inbox",
            "dam.example.com",
            "max_delete is 2: nothing was removed",
            "Check that src /srv/inbox is complete",
            "Done: 2 created.",
            "nothing was removed",
            path="/Demo Zone/Logos",
            delete=True,
            max_delete=2,
        ),
        "Nobody knows whether it was moved": request(
            "move",
            "loses",
            {"source": "/Demo Zone/Old/poster.jpg", "target": "/Demo Zone/New/poster.jpg"},
            "the connection broke before the answer came",
            "Look in Elvis before you run the task again",
            "Nobody knows whether the server did it",
            "(source /Demo Zone/Old/poster.jpg, target /Demo Zone/New/poster.jpg)",
        ),
        "The server has a fault": Failure(
            "elvis_session_info",
            {"session": "{{ broken }}"},
            Says(
                "Cannot ask whose session",
                "dam.example.com/services/profile",
                "Something went wrong",
                "Check the log",
                NOTHING_CHANGED,
            ),
        ),
    },
    "Programs": {
        "The program is not there": command(
            "pyton3 report.py",
            "The program pyton3",
            "on filer01",
            "no such file or directory",
            "argv is a list",
            "Nothing was run.",
        ),
        "The program fails": command(
            "sh -c echo 'no such issue' >&2; exit 3",
            "sh failed",
            "on filer01",
            "it ended with 3. The last it printed: no such issue",
            "Read stdout and stderr",
            "it ended with 3",
        ),
    },
}
FAILURES = {title: failure for group in GROUPS.values() for title, failure in group.items()}
