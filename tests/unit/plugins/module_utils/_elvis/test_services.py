# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The one table of what a server can be asked."""

from __future__ import annotations

import importlib

import pytest
import yaml

from ansible_collections.damops.elvis.plugins.module_utils._elvis.endpoint import parse_endpoint
from ansible_collections.damops.elvis.plugins.module_utils._elvis.services import ANY, SERVICES, UNKNOWN, find_service
from tests.conftest import ROOT


@pytest.mark.parametrize(
    ("method", "path", "reads"),
    [
        ("GET", "services/search", True),
        ("POST", "services/search", True),
        ("POST", "services/profile", True),
        ("POST", "services/process/info", True),
        ("POST", "services/asset/history", True),
        ("POST", "services/messages", True),
        ("POST", "metadata/report.csv", True),
        ("POST", "zip/all.zip", True),
        ("POST", "api/folder/search", True),
        ("GET", "api/folder/BcDeFg", True),
        ("GET", "file/BcDeFg/a/b.jpg", True),
        ("GET", "preview/BcDeFg", True),
        ("GET", "services/admin/webhook/BcDeFg", True),
        ("PUT", "services/search", False),
        ("DELETE", "services/search", False),
        ("POST", "services/update", False),
        ("POST", "api/folder", False),
        ("PUT", "api/folder/BcDeFg", False),
        ("PUT", "api/asset/BcDeFg/original", False),
        ("POST", "services/admin/webhook", False),
        ("POST", "services/process/cancel", False),
        ("POST", "services/search/extra", False),
        ("GET", "services/remove", False),
        ("GET", "services/removed", False),
        ("GET", "services/Create", False),
        ("GET", "services/checkout/BcDeFg", False),
        ("GET", "services/createFolder", False),
        ("GET", "services/createRelation", False),
        ("GET", "services/removeRelation", False),
        ("GET", "services/version/promote", False),
        ("GET", "services/notify/email", False),
        ("GET", "services/revokeAuthKeys", False),
        ("GET", "services/admin/webhook/BcDeFg/enable", False),
        ("GET", "anything/at/all", False),
    ],
)
def test_what_only_reads(method: str, path: str, reads: bool) -> None:
    """By GET too, only what is known to read does: old servers accept changes by it."""
    assert (method in parse_endpoint(path, "https://dam.example.com").service.reads) is reads


def test_each_service_is_found_by_its_own_path() -> None:
    for service in SERVICES:
        example = service.path.replace("{id}", "BcDeFg").replace("{name}", "a.b").replace("{rest}", "x/y")
        assert find_service(example.casefold()) is service, service.path
    assert find_service("nothing/like/it") is UNKNOWN


def test_a_module_that_makes_a_call_is_there() -> None:
    modules = {path.stem for path in (ROOT / "plugins/modules").glob("*.py")}
    assert {service.module for service in SERVICES if service.module} <= modules


def named_after(words: str) -> set[str]:
    """Return the calls that elvis_request's page names in the sentence that begins with these words."""
    module = importlib.import_module("ansible_collections.damops.elvis.plugins.modules.elvis_request")
    page = yaml.safe_load(module.DOCUMENTATION)
    paragraphs = [*page["notes"], *page["options"]["path"]["description"], *page["options"]["paginate"]["description"]]
    (sentence,) = [text for text in paragraphs if text.startswith(words)]
    return {part.partition(")")[0] for part in sentence.split("C(")[1:]}


@pytest.mark.parametrize(
    ("words", "named"),
    [
        ("These read by V(GET) and V(POST)", {service.path for service in SERVICES if service.reads == ANY}),
        ("These read by V(GET).", {service.path for service in SERVICES if service.reads == ("GET",)}),
        ("It can't be", {service.path for service in SERVICES if service.is_reserved}),
        ("It works with", {service.path for service in SERVICES if service.paging}),
    ],
)
def test_the_documentation_names_them_all(words: str, named: set[str]) -> None:
    assert named_after(words) == named
