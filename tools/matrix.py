# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs the tests with every supported ansible-core, and prints one table: ``python -m tools.matrix [NAME …]``.

Each row is an environment of its own, with the Python that it names. A Python that is not there is reported as not run.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from tools import pip
from tools.ansible_test import real_python
from tools.collection import BIN, CACHE, ROOT

FOLDER = CACHE / "matrix"
LOWEST = ("requests==2.25.1", "urllib3==1.26.5")
"""What RHEL 9 ships, and the lowest that requirements.txt allows."""
OLDER_THAN_THE_TESTS = "3.10"
OF_THE_TESTS = frozenset(
    {
        "aiohttp",
        "hypothesis",
        "luqum",
        "multipart",
        "openpyxl",
        "pillow",
        "proxy-py",
        "pyjwt",
        "pysocks",
        "pytest",
        "pytest-xdist",
        "trustme",
        "truststore",
    }
)
"""What the unit tests themselves need."""
_NAMES_A_VERSION = re.compile(r"([A-Za-z0-9._-]+==\S+)( ;[^\\]+)?")
_SUMMARY = re.compile(r"^(?:=+ )?(\d+ (?:passed|failed|errors?|skipped).* in [\d.]+s)", re.MULTILINE)
_COUNTED = re.compile(r"(\d+) (passed|failed|error|skipped)")


@dataclass(frozen=True)
class Row:
    """What the tests run with.

    :param core: the ansible-core of the controller, for pip
    :param python: the controller's
    :param libraries: other ones than the newest, wherever the collection runs
    :param target_python: of the modules that travel, where it is not the controller's
    """

    core: str
    python: str
    libraries: Sequence[str] = ()
    target_python: str = ""

    @property
    def name(self) -> str:
        number = re.findall(r"[\d.]+\w*", self.core)[0].removesuffix(".0")
        target = f", target {self.target_python}" if self.target_python else ""
        libraries = ", " + " and ".join(self.libraries).replace("==", " ") if self.libraries else ""
        return f"ansible-core {number}, Python {self.python}{target}{libraries}"

    @property
    def folder(self) -> Path:
        return FOLDER / re.sub(r"[^\w.]+", "-", self.name)


ROWS = (
    Row("ansible-core~=2.16.13", "3.10"),
    Row("ansible-core~=2.17.6", "3.11"),
    Row("ansible-core~=2.18.0", "3.12"),
    Row("ansible-core~=2.19.0", "3.11"),
    Row("ansible-core~=2.20.0", "3.12"),
    Row("ansible-core~=2.21.0", "3.13"),
    Row("ansible-core~=2.21.0", "3.14"),
    Row("ansible-core>=2.22.0rc1,<2.23", "3.13"),
    Row("ansible-core~=2.16.13", "3.11", libraries=LOWEST),
    Row("ansible-core~=2.21.0", "3.12", libraries=LOWEST, target_python="3.9"),
)


class NotRun(Exception):
    """Something that a row needs is not there; the text says what."""


def find_python(version: str) -> Path:
    """Return the newest Python of a version: from the PATH, or one that pyenv keeps.

    :raises NotRun: when there is none
    """
    kept = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    on_path = shutil.which(f"python{version}")
    candidates = [*([Path(on_path)] if on_path else []), *sorted(kept.glob(f"{version}.*/bin/python"), reverse=True)]
    for candidate in candidates:
        if real_python(candidate):
            return candidate
    raise NotRun(f"no Python {version} here")


def make_environment(folder: Path, python: str, requirements: Iterable[str]) -> Path:
    """Make a virtual environment, unless it is there already, and return the folder of its programs.

    :raises NotRun: when there is no such Python, or pip can't install that
    """
    stamp = folder / ".complete"
    wanted = "\n".join(requirements)
    if not stamp.exists() or stamp.read_text(encoding="utf-8") != wanted:
        shutil.rmtree(folder, ignore_errors=True)
        subprocess.run([find_python(python), "-m", "venv", folder], check=True)
        done = pip.install(folder / "bin/python", "--quiet", *wanted.splitlines())
        if done.returncode:
            raise NotRun(f"pip: {done.stdout.strip().splitlines()[-1]}")
        stamp.write_text(wanted, encoding="utf-8")
    return folder / "bin"


def for_tests(python: str) -> list[str]:
    """Name what the unit tests themselves need, in the versions of the lock file."""
    if python == OLDER_THAN_THE_TESTS:
        return []
    locked = (ROOT / "requirements/test.txt").read_text(encoding="utf-8")
    found = _NAMES_A_VERSION.findall(locked)
    return [requirement for requirement, _marker in found if requirement.partition("==")[0] in OF_THE_TESTS]


def sanity(row: Row, programs: Path) -> list[str | Path]:
    # The pylint that a release candidate asks for may not be published yet.
    without = ("--skip-test", "pylint") if "rc" in row.core else ()
    return [programs / "python", "-m", "tools.ansible_test", "sanity", "--python", row.python, *without]


def units(row: Row, programs: Path) -> list[str | Path]:
    if row.python == OLDER_THAN_THE_TESTS:
        raise NotRun("the tests are written for Python 3.11")
    return [programs / "python", "-m", "tools.ansible_test", "units", "--python", row.python]


def integration(row: Row, programs: Path) -> list[str | Path]:
    pytest = (BIN / "python", "-m", "pytest", "-q", "-n", "auto", "tests/integration")
    command: list[str | Path] = [*pytest, "--ansible-playbook", programs / "ansible-playbook"]
    if row.target_python:
        target = make_environment(Path(f"{row.folder}-target"), row.target_python, row.libraries or ["requests"])
        command += ["--target-python", target / "python"]
    return command


PARTS: dict[str, Callable[[Row, Path], list[str | Path]]] = {
    "sanity": sanity,
    "units": units,
    "integration": integration,
}


def run(row: Row, part: str, more: Sequence[str]) -> str:
    """Run one part of a row and tell in a few words what came of it."""
    start = time.monotonic()
    try:
        requirements = [row.core, *(row.libraries or ["requests"]), *for_tests(row.python)]
        programs = make_environment(row.folder, row.python, requirements)
        command = [*PARTS[part](row, programs), *more]
    except NotRun as reason:
        return f"not run: {reason}"
    done = subprocess.run(
        command, cwd=ROOT, check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace"
    )
    log = Path(f"{row.folder}.{part}.log")
    log.write_text(done.stdout, encoding="utf-8")
    took = f"{time.monotonic() - start:.0f} s"
    told = ", ".join([*count(done.stdout), took])
    return f"ok ({told})" if done.returncode == 0 else f"FAILED ({told}), see {log.relative_to(ROOT)}"


def count(output: str) -> list[str]:
    """Return what pytest counted, as "12 passed"; ansible-test runs it more than once."""
    totals: Counter[str] = Counter()
    for summary in _SUMMARY.findall(output):
        totals.update({kind: int(number) for number, kind in _COUNTED.findall(summary)})
    return [f"{number} {kind}" for kind, number in totals.items()]


def main() -> None:
    parser = argparse.ArgumentParser(description="Run the tests with every supported ansible-core.")
    parser.add_argument("names", nargs="*", metavar="NAME", help="a part of a row's name, such as 2.16")
    parser.add_argument("--part", choices=PARTS, action="append", help="run only this, instead of all")
    parser.add_argument("--pytest", nargs=argparse.REMAINDER, default=[], help="what pytest is given for integration")
    arguments = parser.parse_args()
    rows = [row for row in ROWS if any(name in row.name for name in arguments.names or [""])]
    parts = arguments.part or list(PARTS)
    FOLDER.mkdir(parents=True, exist_ok=True)

    table = [("with", *parts), ("---",) * (len(parts) + 1)]
    for row in rows:
        results = []
        for part in parts:
            print(f"{row.name}: {part} …", file=sys.stderr, flush=True)
            results.append(run(row, part, arguments.pytest if part == "integration" else []))
            print(f"  {results[-1]}", file=sys.stderr, flush=True)
        table.append((row.name, *results))
    print("\n".join(f"| {' | '.join(line)} |" for line in table))
    if any("FAILED" in cell for line in table for cell in line):
        sys.exit(1)


if __name__ == "__main__":
    main()
