# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""All that a server holds, as records, and back: a record is its kind, its key and a JSON value.

What belongs to a running process is no state: sessions, the log of requests, deliveries, processes.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict
from typing import Any, NamedTuple

from elvis_emulator.events.entry import Entry
from elvis_emulator.events.webhooks import Webhook
from elvis_emulator.server import Server
from elvis_emulator.store.asset import Asset, Folder, Version
from elvis_emulator.store.changes import shared
from elvis_emulator.store.document import Checkout
from elvis_emulator.store.files import StoredFile
from elvis_emulator.store.query import parse_query
from elvis_emulator.store.relations import Relation

Json = dict[str, Any]
FileToJson = Callable[[StoredFile], Json]
JsonToFile = Callable[[Json], StoredFile]

# What an administrator or a user made and that is kept as JSON already, by the name in the server.
REGISTRIES = ("auth_keys", "engines", "rules", "presets")


class Record(NamedTuple):
    """One thing that the server holds."""

    kind: str
    key: str
    value: Json


def everything(server: Server, to_json: FileToJson) -> Iterator[Record]:
    """Yield all records; what refers to another one comes after it."""
    for folder in server.store.folders_below(""):
        yield folder_record(folder)
    for asset in server.store.assets():
        yield asset_record(asset, to_json)
    for relation in server.relations.all():
        yield relation_record(relation)
    for entry in server.journal.all():
        yield entry_record(entry)
    yield from small_records(server)


def small_records(server: Server) -> Iterator[Record]:
    """Yield the records of what is changed in its place, and is little."""
    for name in REGISTRIES:
        for key, value in getattr(server, name).items():
            yield Record(name, key, value)
    for webhook in server.webhooks.all():
        yield webhook_record(webhook)
    for user, count in server.accounts.wrong_passwords().items():
        yield Record("wrong_passwords", user, {"count": count})
    yield Record("request_secrets", "key", {"key": server.secrets.key.hex()})


def restore(server: Server, records: Iterable[Record], to_file: JsonToFile) -> None:
    """Put records into a server that holds nothing yet."""
    handlers: dict[str, Callable[[str, Json], None]] = {
        "folder": lambda key, value: server.store.restore_folder(Folder(key, value["path"], value["metadata"])),
        "asset": lambda key, value: server.store.restore_asset(_asset(key, value, to_file)),
        "relation": lambda key, value: server.relations.restore(Relation(id=key, **value)),
        "entry": lambda key, value: server.journal.restore(Entry.from_json(int(key), value)),
        "webhook": lambda key, value: server.webhooks.add(_webhook(key, value)),
        "wrong_passwords": lambda key, value: server.accounts.restore_wrong_passwords(key, value["count"]),
        "request_secrets": lambda _key, value: server.secrets.restore(bytes.fromhex(value["key"])),
    }
    for record in records:
        if record.kind in REGISTRIES:
            getattr(server, record.kind)[record.key] = record.value
        else:
            handlers[record.kind](record.key, record.value)


def folder_record(folder: Folder) -> Record:
    return Record("folder", folder.id, {"path": folder.path, "metadata": folder.metadata})


def asset_record(asset: Asset, to_json: FileToJson) -> Record:
    value: Json = {
        "path": asset.path,
        "creator": asset.creator,
        "created": asset.created,
        "modifier": asset.modifier,
        "modified": asset.modified,
        "metadata": asset.metadata,
        "version": asset.version,
    }
    if asset.file:
        value["file"] = to_json(asset.file)
        value["fileModified"] = asset.file_modified
        value["firstChecksum"] = asset.first_checksum
    if asset.versions:
        value["versions"] = [
            {
                "number": version.number,
                "file": version.file and to_json(version.file),
                "user": version.user,
                "replaced": version.replaced,
                "metadata": version.metadata,
            }
            for version in asset.versions
        ]
    if asset.checkout:
        value["checkout"] = asdict(asset.checkout)
    return Record("asset", asset.id, value)


def relation_record(relation: Relation) -> Record:
    value = {"type": relation.type, "parent_id": relation.parent_id, "child_id": relation.child_id}
    return Record("relation", relation.id, value | {"metadata": dict(relation.metadata)})


def entry_record(entry: Entry) -> Record:
    return Record("entry", str(entry.number), entry.as_json())


def webhook_record(webhook: Webhook) -> Record:
    value = {name: value for name, value in vars(webhook).items() if name not in ("id", "query", "waiting", "worker")}
    return Record("webhook", webhook.id, value | {"query": webhook.query.text if webhook.query else None})


def _asset(key: str, value: Json, to_file: JsonToFile) -> Asset:
    # A million of them must fit into memory: what is equal is one object.
    creator, modifier = (sys.intern(value[name]) for name in ("creator", "modifier"))
    metadata = {sys.intern(name): shared(inner) for name, inner in value["metadata"].items()}
    modified = value["created"] if value["modified"] == value["created"] else value["modified"]
    asset = Asset(key, value["path"], creator, value["created"], modifier, modified, metadata)
    asset.version = value["version"]
    if "file" in value:
        asset.file, asset.file_modified = to_file(value["file"]), value["fileModified"]
        if asset.file_modified == modified:
            asset.file_modified = modified
        first = value["firstChecksum"]
        asset.first_checksum = asset.file.checksum if first == asset.file.checksum else first
    asset.versions = tuple(
        Version(
            version["number"],
            to_file(version["file"]) if version["file"] else None,
            version["user"],
            version["replaced"],
            version["metadata"],
        )
        for version in value.get("versions", ())
    )
    asset.checkout = Checkout(**value["checkout"]) if "checkout" in value else None
    return asset


def _webhook(key: str, value: Json) -> Webhook:
    query = value["query"]
    return Webhook(**value | {"query": parse_query(query) if query else None}, id=key)
