# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs every static check, two at a time, says in one line how each went, and fails when one did.

``python -m tools.lint NAME …`` runs only the checks that are named; a name's beginning will do.
"""

from __future__ import annotations

import argparse
import fcntl
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path

from tools import collection, ee, supply
from tools.ansible_test import ansible_test
from tools.collection import CACHE, ROOT
from tools.programs import Failed, Skipped, run


def ruff_check() -> None:
    run("ruff", "check", "--quiet", "--output-format", "concise", ".")


def ruff_format() -> None:
    run("ruff", "format", "--check", "--quiet", "--diff", ".")


def mypy() -> None:
    packages = (
        "ansible_collections.damops.elvis.plugins",
        "tests",
        "tools",
        "elvis_emulator",
        "emulator.tests",
        "emulator.load",
    )
    run("mypy", *(option for package in packages for option in ("-p", package)))


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
    """Run the checks of Galaxy, as they are run there: on the artifact alone, by somebody who has nothing else."""
    # Below the checkout, ansible-lint would find the project's own settings.
    with tempfile.TemporaryDirectory(prefix="galaxy-") as folder:
        report = run(
            "python",
            "-m",
            "galaxy_importer.main",
            collection.build(Path(folder) / "artifact"),
            cwd=Path(folder),
            HOME=folder,
            ANSIBLE_HOME=f"{folder}/.ansible",
            GALAXY_IMPORTER_ANSIBLE_LOCAL_TMP=f"{folder}/local",
            GALAXY_IMPORTER_CHECK_REQUIRED_TAGS="true",
            GALAXY_IMPORTER_TMP_ROOT_DIR=folder,
        )
    # It ends with 0 and a warning, whatever ansible-lint finds.
    if found := [line for line in report.splitlines() if line.startswith(("WARNING", "ERROR", "CRITICAL"))]:
        raise Failed("\n".join(found))


def sanity(part: str, *options: str) -> None:
    """Run a part of ansible-test's sanity tests."""
    try:
        ansible_test(part, "sanity", *options)
    except Failed as error:
        # It tells at length what it installs.
        found = [line for line in str(error).splitlines() if line.startswith(("ERROR:", "FATAL:"))]
        raise Failed("\n".join(found) or str(error)) from None


def this_python() -> str:
    return f"{sys.version_info.major}.{sys.version_info.minor}"


def checks(*, all_pythons: bool) -> dict[str, Callable[[], object]]:
    """Name every check; the slow ones come first, so that nothing waits for them alone."""
    options = () if all_pythons else ("--python", this_python())
    return {
        # pylint takes as long as all others of ansible-test together.
        "ansible-test-pylint": lambda: sanity("pylint", "--test", "pylint", *options),
        "ansible-test": lambda: sanity("sanity", "--skip-test", "pylint", *options),
        "galaxy-importer": galaxy_importer,
        "mypy": mypy,
        "ansible-lint": ansible_lint,
        "execution-environment": ee.check,
        "plugin-docs": plugin_docs,
        "pip-audit": supply.vulnerabilities,
        "secrets": supply.secrets,
        "changelog": changelog,
        "reuse": reuse,
        "ruff-check": ruff_check,
        "ruff-format": ruff_format,
        "yamllint": yamllint,
        "codespell": codespell,
        "shellcheck": shellcheck,
    }


def timed(name: str, check: Callable[[], object]) -> tuple[float, str, str]:
    """Run a check, and tell how long it took, how it ended, and what there is to say."""
    print(f"started {name}", flush=True)
    start = time.monotonic()
    outcome, found = "ok", ""
    try:
        check()
    except Failed as error:
        outcome, found = "FAILED", str(error)
    except Skipped as error:
        outcome, found = "skipped", str(error)
    return time.monotonic() - start, outcome, found


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
        running = {pool.submit(timed, name, check): name for name, check in chosen.items()}
        failures = {}
        skipped = []
        for done in as_completed(running):
            name = running[done]
            seconds, outcome, found = done.result()
            print(f"{outcome:7} {name:21} {seconds:5.1f} s", flush=True)
            if outcome == "FAILED":
                failures[name] = found
            elif outcome == "skipped":
                skipped.append(name)
                print(f"skipped: {found}", flush=True)

    for name, found in failures.items():
        print(f"\n--- {name}\n{found.rstrip()}")
    if failures:
        sys.exit(f"\n{len(failures)} of {len(chosen)} checks failed: {', '.join(failures)}")
    if skipped:
        print(f"{len(chosen) - len(skipped)} of {len(chosen)} checks passed, skipped: {', '.join(skipped)}.")
    else:
        print(f"All {len(chosen)} checks passed.")


if __name__ == "__main__":
    main()
