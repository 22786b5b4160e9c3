# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The one table of calls: which goes where, what it needs and what it takes."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum

from . import unknowns
from .areas import (
    admin,
    asset_api,
    assets,
    browse,
    bulk,
    checkout,
    downloads,
    files,
    folders,
    history,
    login,
    messages,
    presets,
    relations,
    renditions,
    search,
    sharing,
    system,
    transfer,
    usage,
    versions,
    webhooks,
)
from .server import Handler
from .web.errors import NotModelledError, wrong_method


class Needs(Enum):
    """What a call asks of its caller."""

    NOTHING = 0
    SESSION = 1
    # Of a session that came to be by /services/login and shows its cookie; a Bearer header suffices as well.
    CSRF_TOKEN = 2
    # As CSRF_TOKEN; without a session the handler decides, by a secret in the address.
    CSRF_TOKEN_OR_SECRET = 3


@dataclass(frozen=True)
class Route:
    """A call: its methods and path, and the names that it takes in the query, in a form or in a JSON object.

    `json_only` are names that only a JSON object may have: what clients send back, or what makes no difference here.
    """

    methods: str
    path: str
    needs: Needs
    handler: Handler
    takes: str = ""
    json_only: str = ""

    @property
    def json_keys(self) -> frozenset[str]:
        """What a JSON object in the body may hold."""
        return frozenset(f"{self.takes} {self.json_only}".split())


NOTHING, SESSION, CSRF = Needs.NOTHING, Needs.SESSION, Needs.CSRF_TOKEN
UPLOAD = Needs.CSRF_TOKEN_OR_SECRET
API_WRITE = CSRF if unknowns.API_WRITES_NEED_CSRF else SESSION

ENGINE = "name url assetTypes renditions enabled returnStorageInfo"
WEBHOOK = "name url eventTypes metadataToReturn changedMetadataToReturn triggerMetadataFields foldersAndQuery enabled"
SEARCH_AS_JSON = (
    "query firstResult maxResultHits sorting showAssetsOfSubfolders showSubCollections returnHighlightedText"
    " returnThumbnailHits logSearch"
)
UPDATE_OF_ASSETS = (
    "extractMetadata reEmbedMetadata extractTextContent deleteRemovedAssetsFromIndex regenerateThumbnailsAndPreviews"
    " rebuildAutoCreatedRelations pruneBlacklist runExclusive pauseMillis numThreads"
)
SHARED = "subject validUntil assetIds description downloadOriginal requestUpload containerId importFolderPath"
TRANSFER = "source target filterQuery flattenFolders folderReplacePolicy fileReplacePolicy async"

TABLE = (
    # Logging in and out
    Route(
        *("POST", "/services/login", NOTHING, login.login),
        "username password cred clientType clientId returnProfile",
    ),
    Route("POST", "/services/apilogin", NOTHING, login.apilogin, "username password clientId"),
    Route("POST", "/oauth/token", NOTHING, login.oauth_token, "grant_type impersonator_id"),
    Route("POST", "/services/logout", CSRF, login.logout),
    Route("GET POST", "/logout", NOTHING, login.redirect_logout, "logoutSuccessUrl"),
    Route("POST", "/services/profile", CSRF, login.profile),
    # The state of the server
    Route("GET POST", "/services/ping", NOTHING, system.ping, "uid"),
    Route("GET POST", "/alive.txt", SESSION, system.alive, "uid"),
    Route("GET POST", "/services/system/metrics", NOTHING, system.metrics),
    Route("GET", "/version.jsp", NOTHING, system.version),
    Route("GET", "/private-api/system/active-users", SESSION, system.active_users),
    # Single assets
    Route(
        *("GET POST", "/services/search", SESSION, search.search),
        "q start num sort metadataToReturn facets facet.tags.selection appendRequestSecret",
        SEARCH_AS_JSON,
    ),
    Route(
        *("GET POST", "/services/browse", SESSION, browse.browse),
        "path fromRoot includeFolders includeAsset includeAssets includeExtensions",
    ),
    Route(
        *("POST", "/services/create", CSRF, assets.create),
        "Filedata metadata assetPath folderPath filename name autoRename parseMetadataModifications metadataToReturn"
        " nextUrl",
    ),
    Route(
        *("POST", "/services/update", CSRF, assets.update),
        "id Filedata metadata filename name autoRename createVersion keepMetadata clearCheckoutState"
        " parseMetadataModifications metadataToReturn nextUrl",
    ),
    Route("POST", "/services/checkout/{id}", CSRF, checkout.checkout, "download"),
    Route("POST", "/services/undocheckout/{id}", CSRF, checkout.undo_checkout),
    # Its address may hold a secret, which does for a session.
    Route("GET", "/file/{id}/{rest}", NOTHING, files.download, "requestSecret forceDownload"),
    Route("GET POST", "/preview/{rest}", NOTHING, renditions.preview, "requestSecret forceDownload"),
    Route("GET POST", "/thumbnail/{rest}", NOTHING, renditions.thumbnail, "requestSecret forceDownload"),
    Route("GET POST", "/services/asset/history", SESSION, history.history, "id start num detailLevel actions"),
    Route("GET POST", "/services/version/list", SESSION, versions.list_versions, "assetId"),
    Route("POST", "/services/version/promote", CSRF, versions.promote, "assetId version"),
    Route("POST", "/services/version/delete", CSRF, versions.delete_versions, "assetId versions"),
    Route("GET", "/private-api/contentsource/retrieveVersion", SESSION, versions.retrieve, "assetId version"),
    Route("POST", "/private-api/contentsource/promoteVersion", API_WRITE, versions.promote_content, "assetId version"),
    Route("GET", "/private-api/contentsource/getUserDetails", SESSION, system.user_details, "username"),
    # Single assets, as the server's Swagger pages have them
    Route("POST", "/api/asset", API_WRITE, asset_api.create, "assetPath autoRename metadata metadataToReturn"),
    Route("GET", "/api/asset/search", SESSION, asset_api.search, "q from size"),
    Route("GET", "/api/asset/{id}", SESSION, asset_api.get),
    Route("GET", "/api/asset/{id}/original", NOTHING, asset_api.get_original, "requestSecret"),
    Route("PUT POST", "/api/asset/{id}/original", UPLOAD, asset_api.upload, "file createVersion requestSecret"),
    Route("GET", "/api/asset/{id}/preview", SESSION, asset_api.get_preview),
    Route("GET", "/api/asset/{id}/thumbnail", SESSION, asset_api.get_thumbnail),
    Route("GET", "/api/asset/{ids}/signed-original-url", SESSION, asset_api.sign_original, "validFor"),
    Route("GET", "/api/asset/{ids}/signed-preview-url", SESSION, asset_api.sign_preview, "validFor"),
    Route("GET", "/api/asset/{ids}/signed-thumbnail-url", SESSION, asset_api.sign_thumbnail, "validFor"),
    Route(
        *("GET", "/api/asset/{ids}/signed-image-rendition-url", SESSION, asset_api.sign_rendition),
        "validFor format maxWidth maxHeight scale quality ppi",
    ),
    # Relations and collections
    Route(
        *("POST", "/services/createRelation", CSRF, relations.create_relation),
        "relationType target1Id target2Id metadata",
    ),
    Route("POST", "/services/removeRelation", CSRF, relations.remove_relation, "relationIds"),
    Route("POST", "/services/collection/add", CSRF, relations.add_to_collection, "collectionId childIds"),
    Route("POST", "/services/collection/remove", CSRF, relations.remove_from_collection, "collectionId childIds"),
    # Sharing
    Route("POST", "/services/createAuthKey", CSRF, sharing.create_auth_key, SHARED),
    Route("POST", "/services/updateAuthKey", CSRF, sharing.update_auth_key, f"key {SHARED}"),
    Route("POST", "/services/revokeAuthKeys", CSRF, sharing.revoke_auth_keys, "keys"),
    Route(
        *("POST", "/api/sharelink", API_WRITE, sharing.create_share_link),
        "subject validUntil description sharedAssetIds sharedContainerId uploadFolderPath requestUpload",
        "query requestApproval notifyEmail",
    ),
    # Many assets
    Route(
        *("GET POST", "/zip/{name}", SESSION, downloads.zip_download),
        "assetIds q num folderPath downloadKind previewFormat downloadPresetId compress",
    ),
    Route("GET POST", "/metadata/{name}", SESSION, downloads.report, "assetIds assetPath q fields"),
    Route("POST", "/services/updatebulk", CSRF, bulk.update_bulk, "q metadata async parseMetadataModifications"),
    Route("POST", "/services/remove", CSRF, bulk.remove, "q ids folderPath async"),
    Route("POST", "/services/copy", CSRF, transfer.copy, TRANSFER),
    Route("POST", "/services/move", CSRF, transfer.move, TRANSFER),
    Route("POST", "/services/process/info", CSRF, bulk.process_info, "processId"),
    Route("POST", "/services/process/cancel", CSRF, bulk.process_cancel, "processId"),
    # Statistics and texts
    Route("POST", "/services/logUsage", CSRF, usage.log_usage, "assetId action"),
    Route(
        *("GET POST", "/services/queryStats", SESSION, usage.query_stats),
        "queryFile num action_type period_start period_end periodicity group_by_user_name group_by_asset_domain",
    ),
    Route("GET POST", "/services/renditionpreset/list", SESSION, presets.list_presets),
    Route("GET POST", "/services/renditionpreset/listAll", SESSION, presets.list_all),
    Route("POST", "/services/renditionpreset/save", CSRF, presets.save, unknowns.PRESET_FIELDS),
    Route("POST", "/services/renditionpreset/remove", CSRF, presets.remove, "ids"),
    Route("POST", "/services/fieldinfo", SESSION, system.field_info),
    Route("GET POST", "/services/messages", SESSION, messages.messages, "localeChain bundle ifModifiedSince"),
    Route("POST", "/services/notify/email", CSRF, messages.send_mail, "to subject body htmlBody"),
    Route("POST", "/notify/email", CSRF, messages.send_mail, "to subject body htmlBody"),
    # Administration
    Route("POST", "/services/admin/externalProcessing", CSRF, admin.create_engine, ENGINE, "thumbnailUrl"),
    Route("GET", "/services/admin/externalProcessing", SESSION, admin.get_engines),
    Route("GET", "/services/admin/externalProcessing/{id}", SESSION, admin.get_engine),
    Route("PUT", "/services/admin/externalProcessing/{id}", CSRF, admin.update_engine, ENGINE, "id thumbnailUrl"),
    Route("DELETE", "/services/admin/externalProcessing/{id}", CSRF, admin.delete_engine),
    Route("POST", "/api/admin/permission/rule", API_WRITE, admin.create_rule, unknowns.RULE_FIELDS),
    Route("POST", "/api/admin/permission/rule/search", SESSION, admin.search_rules, unknowns.RULE_SEARCH_FIELDS),
    Route("DELETE", "/api/admin/permission/rule/{id}", API_WRITE, admin.delete_rule),
    Route("GET POST", "/api/admin/permission/roles", SESSION, admin.roles),
    Route("POST", "/controller/admin/activation/currentState", SESSION, admin.activation_state),
    Route(
        *("POST", "/private-api/system/asset/update/start", API_WRITE, admin.start_asset_update, "filterQuery"),
        UPDATE_OF_ASSETS,
    ),
    # Webhooks
    Route("POST", "/services/admin/webhook", CSRF, webhooks.create, WEBHOOK, "id secretToken"),
    Route("GET", "/services/admin/webhook", SESSION, webhooks.get_all),
    Route("GET", "/services/admin/webhook/{id}", SESSION, webhooks.get),
    Route("PUT", "/services/admin/webhook/{id}", CSRF, webhooks.update, WEBHOOK, "id secretToken"),
    Route("DELETE", "/services/admin/webhook/{id}", CSRF, webhooks.delete),
    Route("PUT POST", "/services/admin/webhook/{id}/enable", CSRF, webhooks.enable),
    Route("PUT POST", "/services/admin/webhook/{id}/disable", CSRF, webhooks.disable),
    Route("PUT POST", unknowns.WEBHOOK_SECRET_PATH, CSRF, webhooks.renew_secret),
    # Folders
    Route("POST", "/services/createFolder", CSRF, folders.create_folder, "path"),
    Route("POST", "/api/folder", API_WRITE, folders.api_create, "path metadata metadataToReturn"),
    Route("GET", "/api/folder/get", SESSION, folders.api_get_by_path, "path metadataToReturn"),
    Route("GET POST", "/api/folder/list", SESSION, folders.api_list, "id from size metadataToReturn"),
    Route("GET POST", "/api/folder/search", SESSION, folders.api_search, "q from size metadataToReturn"),
    Route("GET", "/api/folder/{id}", SESSION, folders.api_get, "metadataToReturn"),
    Route(
        "PUT",
        "/api/folder/{id}",
        API_WRITE,
        folders.api_update,
        "metadata metadataToReturn",
        "id name path permissions",
    ),
    Route("DELETE", "/api/folder/{id}", API_WRITE, folders.api_delete, json_only="metadata"),
)

# A variable is a segment of the path, `{rest}` all that is left.
_VARIABLES = {"{rest}": "((?s:.+))"}
_ANY_SEGMENT = "([^/]+)"


def find_route(method: str, path: str) -> tuple[Route, tuple[str, ...]]:
    """Return the route of a call and the variables in its path; raise a 404 or a 405."""
    methods, variables = (_FIXED[path], ()) if path in _FIXED else _find_by_pattern(path)
    route = methods.get("GET" if method == "HEAD" else method)
    if route is None:
        raise wrong_method(method)
    return route, variables


def _find_by_pattern(path: str) -> tuple[dict[str, Route], tuple[str, ...]]:
    for pattern, methods in _BY_PATTERN:
        match = pattern.fullmatch(path)
        if match:
            return methods, match.groups()
    raise NotModelledError


def _by_path() -> dict[str, dict[str, Route]]:
    by_path: dict[str, dict[str, Route]] = {}
    for route in TABLE:
        for method in route.methods.split():
            by_path.setdefault(route.path, {})[method] = route
    return by_path


def _as_pattern(path: str) -> re.Pattern[str]:
    parts = re.split(r"(\{\w+\})", path)
    return re.compile(
        "".join(_VARIABLES.get(part, _ANY_SEGMENT) if part.startswith("{") else re.escape(part) for part in parts)
    )


_FIXED = {path: methods for path, methods in _by_path().items() if "{" not in path}
_BY_PATTERN = [(_as_pattern(path), methods) for path, methods in _by_path().items() if "{" in path]
