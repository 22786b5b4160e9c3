# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The calls as OpenAPI describes them, for what makes up requests. Made from the routes, so that none is missing."""

from __future__ import annotations

import re
from typing import Any

from .routes import TABLE, Needs, Route

Schema = dict[str, object]

_NUMBERS = frozenset({"start", "num", "from", "size"})
_FLAGS = frozenset(
    [
        "returnProfile",
        "includeFolders",
        "includeAsset",
        "includeAssets",
        "autoRename",
        "clearCheckoutState",
        "flattenFolders",
        "async",
        "download",
        "createVersion",
        "keepMetadata",
        "parseMetadataModifications",
        "appendRequestSecret",
        "forceDownload",
    ]
)
_LISTS = frozenset({"eventTypes", "metadataToReturn", "triggerMetadataFields", "renditions", "assetTypes"})
_OBJECTS = frozenset({"metadata", "foldersAndQuery"})
_WORDS = {
    "folderReplacePolicy": ["AUTO_RENAME", "MERGE", "THROW_EXCEPTION"],
    "fileReplacePolicy": [
        *("AUTO_RENAME", "OVERWRITE", "OVERWRITE_IF_NEWER", "REMOVE_SOURCE", "DO_NOTHING", "THROW_EXCEPTION")
    ],
}
_SECURITY: dict[Needs, list[dict[str, list[str]]]] = {
    Needs.NOTHING: [],
    Needs.SESSION: [{"bearer": []}, {"cookie": []}],
    Needs.CSRF_TOKEN_OR_SECRET: [{}, {"bearer": []}, {"cookie": [], "csrf": []}],
    Needs.CSRF_TOKEN: [{"bearer": []}, {"cookie": [], "csrf": []}],
}


def describe() -> dict[str, Any]:
    """Return the description, in OpenAPI 3; its paths are below the prefix."""
    paths: dict[str, dict[str, object]] = {}
    for route in TABLE:
        for method in route.methods.split():
            paths.setdefault(route.path, {})[method.lower()] = _operation(method, route)
    return {
        "openapi": "3.0.3",
        "info": {"title": "Elvis emulator", "version": "1"},
        "paths": paths,
        "components": {
            "securitySchemes": {
                "bearer": {"type": "http", "scheme": "bearer"},
                "cookie": {"type": "apiKey", "in": "cookie", "name": "authToken"},
                "csrf": {"type": "apiKey", "in": "header", "name": "X-CSRF-TOKEN"},
            }
        },
    }


def _operation(method: str, route: Route) -> dict[str, object]:
    path, names = route.path, route.takes.split()
    parameters = [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
        for name in re.findall(r"\{(\w+)\}", path)
    ]
    operation: dict[str, object] = {
        "parameters": parameters,
        "responses": {"default": {"description": "what the call found, or an error"}},
        "security": _SECURITY[route.needs],
    }
    if method == "GET":
        parameters += [{"name": name, "in": "query", "schema": _schema(name, is_json=False)} for name in names]
    elif names:
        operation["requestBody"] = {"content": _content(path, names)}
    return operation


def _content(path: str, names: list[str]) -> dict[str, object]:
    is_json = path.startswith(("/api/", "/private-api/", "/services/admin/", "/services/renditionpreset/save"))
    schema = {"type": "object", "properties": {name: _schema(name, is_json) for name in names}}
    if is_json:
        return {"application/json": {"schema": schema}}
    kinds = (
        ["multipart/form-data"] if "Filedata" in names else ["application/x-www-form-urlencoded", "multipart/form-data"]
    )
    return {kind: {"schema": schema} for kind in kinds}


def _schema(name: str, is_json: bool) -> Schema:
    if name in _NUMBERS:
        return {"type": "integer", "minimum": 0}
    if name in _FLAGS:
        return {"type": "boolean"}
    if name in _OBJECTS and is_json:
        return {"type": "object"}
    if name in _LISTS and is_json:
        return {"type": "array", "items": {"type": "string"}}
    if name == "Filedata":
        return {"type": "string", "format": "binary"}
    return {"type": "string", "enum": _WORDS[name]} if name in _WORDS else {"type": "string"}
