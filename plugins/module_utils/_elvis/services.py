# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The one table of what a server can be asked. Private to damops.elvis.

What is not listed as reading counts as a write, whatever the method: Elvis 4 and 5 accept changes by GET.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from .._http.transport import HttpResponse
from .folder_outcomes import made_any_folder

SIGNED_ON_REQUEST = "appendRequestSecret"
"""The parameter that asks for addresses that need no login; documented for a search, and taken for any call's."""
_SIGNED = frozenset({"originalUrl", "previewUrl", "thumbnailUrl"})

Judge = Callable[[HttpResponse, Any], bool]


@dataclass(frozen=True)
class Paging:
    """How a service that answers page by page is asked, and what it answers.

    :param start: the parameter for the number of the first item, counted from 0
    :param number: the parameter for how many items a page has
    :param total: the name of the number of all items in the answer
    :param items: the name of a page's items in the answer
    :param identity: the name of what tells one item from all others, None where an item has no such thing
    """

    start: str
    number: str
    total: str
    items: str
    identity: str | None = "id"


@dataclass(frozen=True)
class Service:
    """One call of a server.

    :param path: below the server's address; ``{name}`` is one segment of it, ``{rest}`` at the end all that is left
    :param reads: the methods by which it changes nothing
    :param module: the module that makes this call; with ``is_reserved``, no other module does
    :param judge: tells of the answer whether the call changed something, and raises an ElvisFailure for one that hides
        in an answer like any other; without it, a write that was answered has changed something
    :param paging: how it answers page by page
    :param secrets: the names of what must not be shown, wherever they stand in the answer
    """

    path: str
    reads: tuple[str, ...] = ()
    module: str | None = None
    is_reserved: bool = False
    judge: Judge | None = None
    paging: Paging | None = None
    secrets: frozenset[str] = frozenset()

    def secrets_in(self, is_signed: bool) -> frozenset[str]:
        """Return the names of what must not be shown in an answer; its addresses are signed when that was asked for."""
        return self.secrets | _SIGNED if is_signed else self.secrets

    @property
    def address(self) -> str:
        """The path as a request has it."""
        return f"/{self.path}"

    def fits(self, segments: Sequence[str]) -> bool:
        """Tell whether this is what a path names, whose segments are given as a server compares them."""
        own = self.path.casefold().split("/")
        if len(segments) != len(own) and not (own[-1] == "{rest}" and len(segments) > len(own)):
            return False
        return all(name.startswith("{") or name == segment for name, segment in zip(own, segments))


GET = ("GET",)
ANY = ("GET", "POST")
_FOLDERS = Paging("from", "size", "total", "folders")

PING = Service("services/ping", ANY, module="elvis_session_info")
PROFILE = Service("services/profile", ANY, module="elvis_session_info")
SEARCH = Service("services/search", ANY, module="elvis_asset_info", paging=Paging("start", "num", "totalHits", "hits"))
BROWSE = Service("services/browse", ANY, module="elvis_folder")
PROCESS = Service("services/process/info", ANY)
PROCESS_CANCEL = Service("services/process/cancel")
APILOGIN = Service("services/apilogin", module="elvis_login", is_reserved=True)
LOGIN = Service("services/login", module="elvis_login", is_reserved=True)
LOGOUT = Service("services/logout", module="elvis_logout", is_reserved=True)
REDIRECT_LOGOUT = Service("logout", module="elvis_logout", is_reserved=True)
CREATE_FOLDER = Service("services/createFolder", module="elvis_folder", judge=made_any_folder)
REMOVE = Service("services/remove", module="elvis_folder")
CREATE = Service("services/create", module="elvis_upload")
MOVE = Service("services/move", module="elvis_asset")
UPDATE = Service("services/update", module="elvis_metadata")
UPDATE_BULK = Service("services/updatebulk", module="elvis_metadata")
CREATE_RELATION = Service("services/createRelation", module="elvis_relation")
REMOVE_RELATION = Service("services/removeRelation", module="elvis_relation")
# What an asset's history looks like is documented only in part: its entries may have nothing that tells them apart.
HISTORY_PAGING = Paging("start", "num", "totalHits", "hits", identity=None)
HISTORY = Service("services/asset/history", ANY, module="elvis_history_info", paging=HISTORY_PAGING)
OF_WEBHOOK = frozenset({"secretToken"})
# The paths for listing, and for a new secret, are guesses: the vendor's pages name these calls without them.
WEBHOOKS = Service("services/admin/webhook", GET, module="elvis_webhook", secrets=OF_WEBHOOK)
WEBHOOK = Service("services/admin/webhook/{id}", GET, module="elvis_webhook", secrets=OF_WEBHOOK)
WEBHOOK_ENABLE = Service("services/admin/webhook/{id}/enable", module="elvis_webhook", secrets=OF_WEBHOOK)
WEBHOOK_DISABLE = Service("services/admin/webhook/{id}/disable", module="elvis_webhook", secrets=OF_WEBHOOK)
WEBHOOK_SECRET = Service("services/admin/webhook/{id}/secretToken", module="elvis_webhook", secrets=OF_WEBHOOK)
_OF_KEY = frozenset({"authKey", "desktopClientUrl", "mobileClientUrl", "webClientUrl"})
_OF_LINK = frozenset({"id", "url"})
"""Whether the id alone opens a link is not known."""
UNDO_CHECK_OUT = Service("services/undocheckout/{id}", module="elvis_metadata")
FILES = (
    *(Service("file/{rest}", GET), Service("preview/{rest}", GET), Service("thumbnail/{rest}", GET)),
    Service("zip/{name}", ANY),
)
"""What returns a file. Hits have the addresses of the first three."""

SERVICES = (
    *(APILOGIN, LOGIN, LOGOUT, REDIRECT_LOGOUT),
    *(PING, PROFILE, SEARCH, BROWSE, PROCESS),
    Service("alive.txt", ANY),
    Service("version.jsp", GET),
    Service("services/system/metrics", ANY),
    Service("services/messages", ANY),
    Service("services/queryStats", ANY),
    HISTORY,
    *FILES,
    Service("metadata/{name}", ANY),
    # Folders and assets as resources. What a search for assets answers is a guess, after that for folders.
    Service("api/folder/get", GET),
    Service("api/folder/list", ANY, paging=_FOLDERS),
    Service("api/folder/search", ANY, paging=_FOLDERS),
    Service("api/folder/{id}", GET),
    Service("api/asset/search", ANY, paging=Paging("from", "size", "total", "assets")),
    Service("api/asset/{id}", GET),
    Service("api/asset/{id}/{rest}", GET, secrets=frozenset({"signedUrl"})),
    # Administration.
    Service("private-api/system/active-users", GET),
    *(WEBHOOKS, WEBHOOK, WEBHOOK_ENABLE, WEBHOOK_DISABLE, WEBHOOK_SECRET),
    Service("services/admin/webhook/{id}/{rest}", secrets=OF_WEBHOOK),
    Service("services/admin/externalProcessing", GET),
    Service("services/admin/externalProcessing/{id}", GET),
    Service("api/admin/permission/rule/search", ANY),
    Service("api/admin/permission/roles", ANY),
    Service("controller/admin/activation/currentState", ANY),
    # What changes something, and has more to it than that.
    *(CREATE_FOLDER, CREATE, MOVE, REMOVE, UPDATE, UPDATE_BULK, UNDO_CHECK_OUT, PROCESS_CANCEL),
    *(CREATE_RELATION, REMOVE_RELATION),
    # Where an asset that is made by this has no file yet, the address that takes one needs no login.
    Service("api/asset", secrets=frozenset({"uploadUrl"})),
    *(Service("services/createAuthKey", secrets=_OF_KEY), Service("services/updateAuthKey", secrets=_OF_KEY)),
    *(Service("api/sharelink", secrets=_OF_LINK), Service("api/sharelink/{rest}", secrets=_OF_LINK)),
    # The vendor's own plug-in makes this call; other tokens than the first are what OAuth 2.0 has beside it.
    Service("oauth/token", secrets=frozenset({"access_token", "refresh_token", "id_token"})),
)
"""The first one whose path fits counts."""
RESERVED = tuple(service for service in SERVICES if service.is_reserved)

UNKNOWN = Service("")
"""Any other call: it changes something, and its answer is read like any other."""


def find_service(path: str) -> Service:
    """Return the service with a path, as a server compares it: decoded, in lower case, without slashes at its ends."""
    segments = path.split("/")
    return next((service for service in SERVICES if service.fits(segments)), UNKNOWN)
