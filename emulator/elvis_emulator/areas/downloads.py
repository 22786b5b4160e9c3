# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Many assets as one file: ZIP archives, and reports of their metadata."""

from __future__ import annotations

import csv
import io
import json
import tempfile
import zipfile
from collections.abc import Iterable
from typing import Any
from urllib.parse import quote

from aiohttp import web

from elvis_emulator import unknowns
from elvis_emulator.server import Call
from elvis_emulator.store.asset import Asset
from elvis_emulator.store.fields import plain
from elvis_emulator.store.files import StoredFile
from elvis_emulator.store.paths import clean_path, name_of
from elvis_emulator.web.errors import ElvisError, bad_request, not_found

from .relations import query
from .renditions import Size, as_bytes, read_format

# Documented: how many assets of a query go into an archive.
_ASSETS_IN_ZIP = 50


def zip_download(call: Call) -> web.Response:
    """GET or POST /zip/NAME.zip: originals or previews of assets; documented by the vendor."""
    parameters = call.parameters
    given = [name for name in ("q", "assetIds", "folderPath") if parameters.text(name).strip()]
    if len(given) != 1:
        raise bad_request("Give one of 'q', 'assetIds' and 'folderPath'")
    size = _size(call)
    assets = _assets(call, given[0], "folderPath")
    if given == ["q"]:
        assets = assets[: parameters.number("num", _ASSETS_IN_ZIP)]
    # It has no name, so that it is gone when it is closed.
    file = tempfile.TemporaryFile(dir=call.server.spool)  # noqa: SIM115
    with zipfile.ZipFile(
        file, "w", zipfile.ZIP_DEFLATED if parameters.flag("compress") else zipfile.ZIP_STORED
    ) as made:
        _fill(made, assets, size)
    file.seek(0)
    return web.Response(body=file, headers=_headers(call, "application/zip"))


def report(call: Call) -> web.Response:
    """GET or POST /metadata/NAME.csv or NAME.json: fields of assets; documented by the vendor, but for the layout."""
    name = call.variables[0]
    given = [source for source in ("q", "assetIds", "assetPath") if call.parameters.text(source).strip()]
    if len(given) != 1:
        raise bad_request("Give one of 'q', 'assetIds' and 'assetPath'")
    documents = [asset.document.metadata for asset in _assets(call, given[0], "assetPath")]
    fields = [field.strip() for field in call.parameters.text("fields").split(",") if field.strip()]
    if name.lower().endswith(".json"):
        rows = [{field: row[field] for field in fields if field in row} if fields else row for row in documents]
        return web.Response(body=json.dumps(rows).encode("ascii"), headers=_headers(call, "application/json"))
    if not name.lower().endswith(".csv"):
        raise not_found("A report is a .csv or a .json")
    return web.Response(
        body=_csv(documents, fields or _all_fields(documents)), headers=_headers(call, "text/csv;charset=UTF-8")
    )


def _size(call: Call) -> Size | None:
    """Return the size of the previews that are asked for; None for the originals."""
    parameters = call.parameters
    if parameters.text("downloadPresetId"):
        raise not_found("No such download preset")
    if format_ := parameters.text("previewFormat"):
        return read_format(format_, unknowns.PREVIEW_SIDE)
    kind = parameters.text("downloadKind") or unknowns.DEFAULT_DOWNLOAD_KIND
    if kind not in ("original", "preview"):
        raise bad_request("'downloadKind' is original or preview")
    return Size(unknowns.PREVIEW_SIDE, unknowns.PREVIEW_SIDE, "jpg") if kind == "preview" else None


def _assets(call: Call, source: str, path_name: str) -> list[Asset]:
    """Return the assets that a call names by a query, by their ids, or by the path of one, a folder or a collection."""
    store, text = call.server.store, call.parameters.text(source)
    if source == "q":
        return store.found(query(call, text), call.node)
    if source == "assetIds":
        ids = [part.strip() for value in call.parameters.all(source) for part in value.split(",") if part.strip()]
        return [store.asset(asset_id) for asset_id in dict.fromkeys(ids)]
    path = clean_path(text)
    asset = store.asset_at(path)
    if asset and path_name == "assetPath":
        inside = call.server.relations.of(asset.id, "child", "contains")
        return [found for found in map(store.find, inside) if found] if inside else [asset]
    if not store.folder_at(path):
        raise not_found(f"Not found: {path}")
    return store.assets_below(path)


def _fill(archive: zipfile.ZipFile, assets: Iterable[Asset], size: Size | None) -> None:
    taken: set[str] = set()
    for asset in assets:
        name = name_of(asset.path)
        if size is None:
            if asset.file:
                _pack(archive, asset.file, _free(name, taken))
            continue
        try:
            body = as_bytes(asset, size)
        except ElvisError:
            # Documented: what has no such rendition is left out.
            continue
        archive.writestr(_free(f"{name.rpartition('.')[0] or name}.{size.extension}", taken), body)


def _pack(archive: zipfile.ZipFile, file: StoredFile, name: str) -> None:
    if file.path:
        archive.write(file.path, name)
    else:
        archive.writestr(name, file.read())


def _free(name: str, taken: set[str]) -> str:
    stem, dot, extension = name.rpartition(".")
    candidate, number = name, 0
    while candidate in taken:
        number += 1
        candidate = f"{stem}-{number}{dot}{extension}" if dot else f"{name}-{number}"
    taken.add(candidate)
    return candidate


def _all_fields(documents: list[dict[str, Any]]) -> list[str]:
    return sorted({field for document in documents for field in document})


def _csv(documents: list[dict[str, Any]], fields: list[str]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(fields)
    writer.writerows([_cell(document.get(field)) for field in fields] for document in documents)
    return text.getvalue().encode(errors="replace")


def _cell(value: object) -> object:
    if isinstance(value, list):
        return unknowns.LIST_IN_CSV.join(map(str, value))
    if isinstance(value, dict) and "formatted" in value:
        return value["formatted"] if unknowns.CSV_SHOWS_FORMATTED else plain(value)
    return value


def _headers(call: Call, content_type: str) -> dict[str, str]:
    name = quote(call.variables[0], safe="", errors="replace")
    return {"Content-Type": content_type, "Content-Disposition": f"attachment; filename*=UTF-8''{name}"}
