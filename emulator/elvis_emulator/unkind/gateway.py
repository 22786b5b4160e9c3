# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What stands between a client and the server: refuses calls, answers with little, takes sizes away."""

from __future__ import annotations

from dataclasses import dataclass, field

from aiohttp import HttpVersion11, hdrs, web

from elvis_emulator import unknowns
from elvis_emulator.areas.files import FileReply
from elvis_emulator.areas.metadata import given_metadata
from elvis_emulator.server import Call
from elvis_emulator.web.errors import ElvisError, json_reply

from .fates import Fates
from .options import WRITE_REPLIES, Unkindness

# Whose replies are lean: a hit, or a list of hits.
_ANSWER_HITS = frozenset({"/services/create", "/services/update", "/services/updatebulk"})

# A client can't repeat a login, whose password may count as wrong, nor the creation of what has no name of its own.
_NEVER_REFUSED = ("/services/login", "/services/apilogin", "/services/admin/")

# The parameters that say what a call is about.
_SUBJECT = (
    *("id", "ids", "assetId", "assetPath", "folderPath", "filename", "name", "path", "source", "target", "q"),
    *("start", "from", "assetIds", "collectionId", "childIds", "target1Id", "target2Id", "relationIds", "processId"),
)


@dataclass
class Gateway:
    """Between one server and its clients."""

    unkindness: Unkindness
    fates: Fates
    # A client that repeats a call a few times gets through: a call that was refused is taken the next time.
    _refused: set[str] = field(default_factory=set)

    def refuse(self, call: Call, path: str) -> web.Response | None:
        """Return the refusal of a call, or raise one that the server itself gives; None where it may go on."""
        if not self.unkindness.busy or path.startswith(_NEVER_REFUSED):
            return None
        subject = _subject(call, path)
        if subject in self._refused:
            self._refused.remove(subject)
            return None
        if self.fates.chance("busy", subject) >= self.unkindness.busy:
            return None
        self._refused.add(subject)
        status = self.fates.choose("refusal", subject, (429, 503, None))
        if status is None:
            raise ElvisError(429, unknowns.TOO_MANY_REQUESTS_NAME, "Too many requests")
        text = "<html><body>Try again later</body></html>"
        headers = {"Retry-After": str(unknowns.RETRY_AFTER)}
        return web.Response(status=status, text=text, content_type="text/html", headers=headers)

    def reply(self, call: Call, path: str, result: object) -> web.StreamResponse:
        """Return the reply to a call as the client gets it."""
        if not isinstance(result, web.StreamResponse):
            result = self._lean(call, path, result)
        if self._loses_its_length(call, path, result):
            return _without_length(result)
        return result

    def _loses_its_length(self, call: Call, path: str, reply: web.StreamResponse) -> bool:
        share = self.unkindness.chunked
        if not (share and _may_be_chunked(call.request, reply)):
            return False
        return self.fates.chance("chunked", _subject(call, path)) < share

    def _lean(self, call: Call, path: str, result: object) -> web.Response:
        form = self.unkindness.write_replies
        if form == "complete" or path not in _ANSWER_HITS:
            return json_reply(result)
        if form == "mixed":
            form = self.fates.choose("reply", _subject(call, path), WRITE_REPLIES)
        if form == "empty":
            return web.Response()
        return json_reply([_leaner(hit, form) for hit in result] if isinstance(result, list) else _leaner(result, form))


def _leaner(value: object, form: str) -> object:
    """Return a hit with less in it; the counts of a call by a query have nothing that could be left out."""
    if form == "object":
        return {}
    return {"id": value["id"]} if form == "id" and isinstance(value, dict) and "id" in value else value


def _subject(call: Call, path: str) -> str:
    parameters = call.parameters
    values = [value for name in _SUBJECT for value in parameters.all(name)]
    if parameters.body[:1] in (b"[", b"{") and not parameters.form:
        values.append(parameters.body.decode(errors="replace"))
    elif parameters.all("metadata"):
        # Where `create` has the name of an asset.
        values.append(str(given_metadata(parameters).get("name", "")))
    return " ".join((call.request.method, path, *values))


def _may_be_chunked(request: web.BaseRequest, reply: web.StreamResponse) -> bool:
    # A part of a file is a part of something whose size is known.
    is_whole = reply.status == 200 and hdrs.RANGE not in request.headers
    return is_whole and request.version == HttpVersion11 and request.method != "HEAD"


def _without_length(reply: web.StreamResponse) -> web.StreamResponse:
    if isinstance(reply, FileReply):
        reply = web.Response(body=reply.path.open("rb"), headers=reply.headers)
    reply.enable_chunked_encoding()
    return reply
