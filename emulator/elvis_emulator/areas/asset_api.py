# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The calls under /api/asset, as the server's own Swagger pages have them: two-step upload, signed addresses."""

from __future__ import annotations

import time
from urllib.parse import quote, urlencode

from aiohttp import web

from elvis_emulator import unknowns
from elvis_emulator.server import Call
from elvis_emulator.store.asset import Asset
from elvis_emulator.store.paths import free_path, name_of
from elvis_emulator.web.errors import bad_request, json_reply, not_logged_in
from elvis_emulator.web.parameters import Upload

from .checkout import refuse_check_in_by_other, refuse_if_held_by_other
from .files import original
from .hits import Hits, hit
from .relations import query
from .renditions import picture, read_format

DEFAULT_HITS = 10
FOREVER = -1
_RENDITION_NUMBERS = ("maxWidth", "maxHeight", "scale", "quality", "ppi")


def create(call: Call) -> object:
    """POST /api/asset: a placeholder, and the address that its file is to be sent to."""
    body = call.parameters.json_body()
    given = body.get("assetPath")
    path = call.server.names.clean_path(given) if isinstance(given, str) else ""
    metadata = body.get("metadata") or {}
    if not path or not isinstance(metadata, dict):
        raise bad_request("An asset needs an 'assetPath', and its 'metadata' are an object")
    fields = _fields(body.get("metadataToReturn"))
    store = call.server.store
    if there := store.asset_at(path):
        if body.get("autoRename") is False:
            # Documented: who is there already is shown, and takes no file.
            return json_reply(Hits(call, fields).show(there.document) | {"uploadUrl": None}, 409)
        path = free_path(path, store.is_taken)
    asset = store.add_asset(path, call.user, metadata, None)
    secret = call.server.secrets.of(asset.id)
    address = f"{call.base_url}/api/asset/{asset.id}/original?requestSecret={secret}"
    shown = Hits(call, fields).show(asset.document) | {"uploadUrl": address}
    return json_reply(shown, unknowns.ASSET_CREATED_STATUS)


def upload(call: Call) -> object:
    """PUT or POST /api/asset/{id}/original: the file as a part of a form, or as the body."""
    asset = call.server.store.asset(_allowed(call))
    given = call.parameters.upload("file") or call.parameters.upload("Filedata") or _body_as_upload(call)
    if given is None:
        raise bad_request("The call has no file")
    refuse_if_held_by_other_session(call, asset)
    user = call.session.user if call.session else asset.creator
    keeps_version = asset.file is not None and call.parameters.flag("createVersion", default=True)
    call.server.store.change_asset(asset, user, {}, given, keeps_version=keeps_version)
    return hit(call, asset)


def refuse_if_held_by_other_session(call: Call, asset: Asset) -> None:
    """Refuse what other sessions may not change; who only has the secret of an address is such another one."""
    if call.session:
        refuse_if_held_by_other(call, asset)
        refuse_check_in_by_other(call, asset)
    elif asset.checkout:
        raise not_logged_in()


def get(call: Call) -> object:
    return hit(call, call.server.store.asset(call.variables[0]))


def get_original(call: Call) -> web.StreamResponse:
    return original(call, call.server.store.asset(_allowed(call)))


def get_preview(call: Call) -> web.StreamResponse:
    return picture(call, call.server.store.asset(call.variables[0]), "preview")


def get_thumbnail(call: Call) -> web.StreamResponse:
    return picture(call, call.server.store.asset(call.variables[0]), "thumbnail")


def search(call: Call) -> object:
    """GET /api/asset/search with `q`, `from` and `size`; the shape is a guess, after that of /api/folder/search."""
    start, count = call.parameters.number("from", 0), call.parameters.number("size", DEFAULT_HITS)
    found = call.server.store.search(query(call, call.parameters.text("q") or "*"), node=call.node)
    hits = Hits(call)
    return {"total": len(found), "hits": [hits.show(document) for document in found[start : start + count]]}


def sign_original(call: Call) -> object:
    return _signed(call, "original", "file/{id}/*/{name}")


def sign_preview(call: Call) -> object:
    return _signed(call, "preview", "preview/{id}")


def sign_thumbnail(call: Call) -> object:
    return _signed(call, "thumbnail", "thumbnail/{id}")


def sign_rendition(call: Call) -> object:
    """A preview in a format of one's own; the format is told by parameters here, by the path there."""
    parts = [f"{name}_{call.parameters.number(name, 0)}" for name in _RENDITION_NUMBERS if call.parameters.text(name)]
    format_ = f"{'_'.join(parts) or 'preview'}.{call.parameters.text('format') or 'jpg'}"
    read_format(format_, unknowns.PREVIEW_SIDE)
    return _signed(call, "preview", f"preview/{{id}}/previews/{quote(format_)}", unknowns.RENDITION_VALID_FOR_UNIT)


def _signed(call: Call, kind: str, path: str, unit: int = 1) -> object:
    text = call.parameters.text("validFor").strip()
    seconds = FOREVER if text == str(FOREVER) else call.parameters.number("validFor", unknowns.SIGNED_VALID_FOR)
    expires = 0 if seconds == FOREVER else int(time.time()) + min(seconds * unit, 10**9)
    signed = []
    for asset_id in call.variables[0].split(","):
        asset = call.server.store.asset(asset_id.strip())
        place = path.format(id=asset.id, name=quote(name_of(asset.path), safe="", errors="replace"))
        secret = urlencode({"requestSecret": call.server.secrets.until(asset.id, expires, kind)})
        signed.append({"assetId": asset.id, "signedUrl": f"{call.base_url}/{place}?{secret}"})
    return signed


def _allowed(call: Call) -> str:
    """Return the id of the asset in the path, for who is logged in or knows its secret."""
    asset_id = call.variables[0]
    if not (call.session or call.server.secrets.fits(asset_id, call.parameters.text("requestSecret"))):
        raise not_logged_in()
    return asset_id


def _body_as_upload(call: Call) -> Upload | None:
    return next(iter(call.parameters.uploads), None)


def _fields(value: object) -> str | None:
    if isinstance(value, list):
        return ",".join(map(str, value))
    return value if isinstance(value, str) else None
