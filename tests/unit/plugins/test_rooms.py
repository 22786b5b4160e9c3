# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Imports run one way, from what a task is about to how it is done."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

from tests.conftest import ROOT

PLUGINS = ROOT / "plugins"
FLOORS = (
    ("_errors", "_signals", "_text"),
    ("_http",),
    ("_elvis",),
    ("_dam", "_files", "_tables"),
    ("_work",),
    ("_task", "_changes"),
    ("_transfers",),
    ("_operations",),
)
"""Of module_utils, from the ground up. A room may import itself and every room of the floors below it."""
ROOMS = {room: floor for floor, rooms in enumerate(FLOORS) for room in rooms}
FILES = sorted(path.relative_to(PLUGINS) for path in PLUGINS.rglob("*.py"))


def place_of(module: Path) -> str:
    """Return what a file belongs to: a room of module_utils, or a kind of plugin."""
    kind, *rest = module.with_suffix("").parts
    return rest[0] if kind == "module_utils" else kind


def may_import(place: str) -> set[str]:
    if place in ROOMS:
        return {place, *(room for room, floor in ROOMS.items() if floor < ROOMS[place])}
    return {
        "modules": {"_operations", "_task"},
        "action": {"_operations", "plugin_utils"},
        "callback": {"plugin_utils"},
        "filter": {"_dam", "_text"},
        "plugin_utils": {*ROOMS, "plugin_utils"} - {"_operations"},
        "doc_fragments": set(),
    }[place]


def imported_by(path: Path) -> Iterator[tuple[str, int, list[str]]]:
    """Yield each import: the module, the dots before it, and the names."""
    for node in ast.walk(ast.parse((PLUGINS / path).read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom):
            yield node.module or "", node.level, [alias.name for alias in node.names]
        elif isinstance(node, ast.Import):
            yield from ((alias.name, 0, []) for alias in node.names)
        elif isinstance(node, ast.Call) and ast.unparse(node.func) == "importlib.import_module":
            # One that is imported late, by its name beside the file.
            names = [name.value for name in node.args[:1] if isinstance(name, ast.Constant)]
            yield from (("", 1, [name[1:]]) for name in names if isinstance(name, str))


def ours_imported_by(path: Path) -> Iterator[Path]:
    """Yield the files of the collection that a file imports."""
    for module, level, names in imported_by(path):
        if level:
            folder = Path(*path.parts[: len(path.parts) - level], *filter(None, module.split(".")))
            for name in names:
                is_module = (PLUGINS / folder / f"{name}.py").exists() or (PLUGINS / folder / name).is_dir()
                yield folder / name if is_module else folder


@pytest.mark.parametrize("path", FILES, ids=str)
def test_imports_run_one_way(path: Path) -> None:
    allowed = may_import(place_of(path))
    wrong = {str(other) for other in ours_imported_by(path) if place_of(other) not in allowed}
    assert wrong == set()


def test_no_file_imports_itself_through_others() -> None:
    TopologicalSorter({path.with_suffix(""): set(ours_imported_by(path)) for path in FILES}).prepare()


@pytest.mark.parametrize("path", FILES, ids=str)
def test_imports_of_the_collection_are_relative(path: Path) -> None:
    assert [module for module, _level, _names in imported_by(path) if module.startswith("ansible_collections")] == []


@pytest.mark.parametrize("path", [path for path in FILES if path.parts[0] == "module_utils"], ids=str)
def test_what_runs_anywhere_needs_no_controller(path: Path) -> None:
    """Of Ansible only what comes along with a module, and that only where a task is what it is about."""
    of_ansible = {
        module for module, level, _names in imported_by(path) if not level and module.split(".")[0] == "ansible"
    }
    is_about_tasks = place_of(path) in ("_task", "_operations")
    assert {
        module for module in of_ansible if not (is_about_tasks and module.startswith("ansible.module_utils."))
    } == set()


@pytest.mark.parametrize(
    "path", [path for path in FILES if place_of(path) in ROOMS and place_of(path) != "_http"], ids=str
)
def test_only_one_room_knows_requests(path: Path) -> None:
    libraries = {module.split(".")[0] for module, level, _names in imported_by(path) if not level}
    assert libraries.isdisjoint({"requests", "urllib3"})


OPTIONS = {"dest", "files", "server_url", "paginate", "num", "cred", "auth_token", "wait_timeout"}
"""Names of options that HTTP has no business with; those of the connection are its own."""


@pytest.mark.parametrize("path", [path for path in FILES if place_of(path) == "_http"], ids=str)
def test_http_knows_nothing_of_elvis(path: Path) -> None:
    """What it says names neither a service nor an option: whoever knows them gives the advice."""
    tree = ast.parse((PLUGINS / path).read_text(encoding="utf-8"))
    docstrings = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef)) and isinstance(node.body[0], ast.Expr)
    }
    texts = [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings
    ]
    words = {word.strip(".,:;'\"()") for text in texts for word in text.split()}
    assert words & OPTIONS == set()
    assert not any("elvis" in text.lower() for text in texts if text != "damops.elvis")


def test_no_two_classes_have_one_name() -> None:
    """But for those whose name is Ansible's: it looks for it in each plugin."""
    classes = Counter(
        node.name
        for path in FILES
        for node in ast.parse((PLUGINS / path).read_text(encoding="utf-8")).body
        if isinstance(node, ast.ClassDef) and node.name not in ("ActionModule", "ModuleDocFragment")
    )
    assert [name for name, number in classes.items() if number > 1] == []
