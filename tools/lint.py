# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs every static check, two at a time, says in one line how each went, and fails when one did.

``python -m tools.lint NAME …`` runs only the checks that are named; a name's beginning will do.
"""

from __future__ import annotations

import argparse
import ast
import fcntl
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path

from tools import collection, ee
from tools.collection import BIN, CACHE, ROOT

# Whose get-pip script ansible-test looks for: ansible-core 2.16 and 2.17, 2.18 and 2.19, 2.20 and later
GET_PIP_VERSIONS = ("23_1_2", "24_2", "25_2")


class Failed(Exception):
    """A check found something; the text says what."""


def run(*command: str | Path, cwd: Path = ROOT, **environment: str) -> str:
    """Run one program of the environment that runs this, and return what it printed."""
    done = subprocess.run(
        command,
        cwd=cwd,
        env={
            **os.environ,
            "PATH": f"{BIN}:{os.environ['PATH']}",
            # Copies of the collection lie below, and are no part of this repository: it ignores them.
            "GIT_CEILING_DIRECTORIES": str(CACHE),
            **environment,
        },
        check=False,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    if done.returncode:
        raise Failed(done.stdout or f"{command[0]} ended with {done.returncode} and said nothing")
    return done.stdout


def ruff_check() -> None:
    run("ruff", "check", "--quiet", "--output-format", "concise", ".")


def ruff_format() -> None:
    run("ruff", "format", "--check", "--quiet", "--diff", ".")


def mypy() -> None:
    run("mypy", "-p", "ansible_collections.damops.elvis.plugins", "-p", "tests", "-p", "tools")


def yamllint() -> None:
    run("yamllint", "--strict", ".")


def codespell() -> None:
    run("codespell", *collection.project_files())


def reuse() -> None:
    run("reuse", "lint", "--lines")


def shellcheck() -> None:
    scripts = [name for name in collection.project_files() if is_shell_script(ROOT / name)]
    run("shellcheck", *scripts)


def is_shell_script(path: Path) -> bool:
    with path.open("rb") as file:
        return path.suffix == ".sh" or file.readline().rstrip() in (b"#!/usr/bin/env bash", b"#!/bin/sh")


def changelog() -> None:
    run("antsibull-changelog", "lint")


def plugin_docs() -> None:
    tree = collection.copy(CACHE / "trees/docs")
    run("antsibull-docs", "lint-collection-docs", "--plugin-docs", "--validate-collection-refs", "self", ".", cwd=tree)


def ansible_lint() -> None:
    trees = CACHE / "trees/ansible-lint"
    options = ("--profile", "production", "--offline", "--strict", "--nocolor")
    run("ansible-lint", *options, cwd=collection.copy(trees), ANSIBLE_COLLECTIONS_PATH=str(trees))


def galaxy_importer() -> None:
    output = CACHE / "importer"
    artifact = collection.build(output)
    report = run(
        "python",
        "-m",
        "galaxy_importer.main",
        artifact,
        cwd=output,
        GALAXY_IMPORTER_ANSIBLE_LOCAL_TMP=str(output / "ansible"),
        GALAXY_IMPORTER_CHECK_REQUIRED_TAGS="true",
        GALAXY_IMPORTER_TMP_ROOT_DIR=str(output),
    )
    # It ends with 0 and a warning, whatever ansible-lint finds.
    if found := [line for line in report.splitlines() if line.startswith(("WARNING", "ERROR", "CRITICAL"))]:
        raise Failed("\n".join(found))


def execution_environment() -> None:
    try:
        ee.check()
    except ee.Failed as error:
        raise Failed(str(error)) from None


def ansible_test(part: str, *options: str) -> None:
    """Run a part of the sanity tests; parts can run side by side."""
    tree = collection.copy(CACHE / "trees" / part)
    # It asks git for the files, and must not ask this checkout, which ignores them.
    run("git", "init", "--quiet", cwd=tree)
    home = CACHE / "home" / part
    prepare_home(home)
    path = path_to_pythons(CACHE / "pythons" / part)
    try:
        run("ansible-test", "sanity", "--color", "no", *options, cwd=tree, HOME=str(home), PATH=path)
    except Failed as error:
        # It tells at length what it installs.
        found = [line for line in str(error).splitlines() if line.startswith(("ERROR:", "FATAL:"))]
        raise Failed("\n".join(found) or str(error)) from None


def prepare_home(home: Path) -> None:
    """Make a home for ansible-test: it keeps there what it downloads, and passes no variables on to pip."""
    downloads = home / ".ansible/test/cache"
    downloads.mkdir(parents=True, exist_ok=True)
    for version in GET_PIP_VERSIONS:
        shutil.copy(ROOT / "tools/get_pip.py", downloads / f"get_pip_{version}.py")
    # The user's settings for pip (a mirror, a certificate), from files and variables alike.
    listed = run("python", "-m", "pip", "config", "list").splitlines()
    # Variables, which are listed as `:env:.name='value'`, win.
    listed.sort(key=lambda line: line.startswith(":env:"))
    settings = {}
    for line in listed:
        name, value = line.split("=", 1)
        settings[name.rpartition(".")[2]] = ast.literal_eval(value)
    config = home / ".config/pip/pip.conf"
    config.parent.mkdir(parents=True, exist_ok=True)
    config.touch(mode=0o600)
    lines = ["[global]", *(f"{name} = {value}" for name, value in settings.items())]
    config.write_text("\n".join(lines), encoding="utf-8")


def path_to_pythons(folder: Path) -> str:
    """Give a PATH whose Pythons all start: a version manager leaves stand-ins for those that are not switched on.

    Directories with one that doesn't start are left out; what does start there is linked from ``folder``.
    """
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    path = [str(BIN), str(folder)]
    for directory in os.get_exec_path():
        found = {python.name: real_python(python) for python in Path(directory).glob("python3.*[0-9]")}
        if None not in found.values():
            path.append(directory)
        for name, python in found.items():
            if python and not (folder / name).exists():
                (folder / name).symlink_to(python)
    return os.pathsep.join(path)


def real_python(python: Path) -> str | None:
    done = subprocess.run(
        [python, "-c", "import sys; print(sys.executable)"], check=False, capture_output=True, text=True
    )
    return done.stdout.strip() if done.returncode == 0 else None


def this_python() -> str:
    return f"{sys.version_info.major}.{sys.version_info.minor}"


def checks(*, all_pythons: bool) -> dict[str, Callable[[], None]]:
    """Name every check; the slow ones come first, so that nothing waits for them alone."""
    options = () if all_pythons else ("--python", this_python())
    pylint = "ansible-test-pylint"
    return {
        # It takes as long as all others of ansible-test together.
        pylint: lambda: ansible_test(pylint, "--test", "pylint", *options),
        "ansible-test": lambda: ansible_test("ansible-test", "--skip-test", "pylint", *options),
        "galaxy-importer": galaxy_importer,
        "mypy": mypy,
        "ansible-lint": ansible_lint,
        "execution-environment": execution_environment,
        "plugin-docs": plugin_docs,
        "changelog": changelog,
        "reuse": reuse,
        "ruff-check": ruff_check,
        "ruff-format": ruff_format,
        "yamllint": yamllint,
        "codespell": codespell,
        "shellcheck": shellcheck,
    }


def timed(check: Callable[[], None]) -> tuple[float, str]:
    """Run a check, and tell how long it took and what it found."""
    start = time.monotonic()
    try:
        check()
    except Failed as error:
        return time.monotonic() - start, str(error)
    return time.monotonic() - start, ""


def main() -> None:
    parser = argparse.ArgumentParser(description="Run every static check, or those that are named.")
    parser.add_argument("names", nargs="*", metavar="NAME", help="the beginning of a check's name")
    parser.add_argument("--all-pythons", action="store_true", help="let ansible-test use every Python that it finds")
    arguments = parser.parse_args()
    known = checks(all_pythons=arguments.all_pythons)
    chosen = {name: check for name, check in known.items() if name.startswith(tuple(arguments.names or [""]))}
    if not chosen:
        parser.error(f"no such check; there are {', '.join(known)}")

    CACHE.mkdir(exist_ok=True)
    with (CACHE / "lint.lock").open("w", encoding="utf-8") as guard, ThreadPoolExecutor(max_workers=2) as pool:
        # The copies of the collection are shared.
        fcntl.flock(guard, fcntl.LOCK_EX)
        running = {pool.submit(timed, check): name for name, check in chosen.items()}
        failures = {}
        for done in as_completed(running):
            seconds, found = done.result()
            print(f"{'FAILED' if found else 'ok':7} {running[done]:21} {seconds:5.1f} s", flush=True)
            if found:
                failures[running[done]] = found

    for name, found in failures.items():
        print(f"\n--- {name}\n{found.rstrip()}")
    if failures:
        sys.exit(f"\n{len(failures)} of {len(chosen)} checks failed: {', '.join(failures)}")
    print(f"All {len(chosen)} checks passed.")


if __name__ == "__main__":
    main()
