# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Copies and builds the collection: ``python -m tools.collection FOLDER`` puts the artifact for Galaxy there."""

from __future__ import annotations

import fnmatch
import functools
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

from tools.reproducible import repack

ROOT = Path(__file__).resolve().parent.parent
CACHE = ROOT / ".cache"
# Programs of the environment that runs this.
BIN = Path(sys.prefix) / "bin"

# What an artifact may hold at its top; galaxy.yml's build_ignore keeps the rest out.
SHIPPED = {
    "CHANGELOG.md", "CHANGELOG.rst", "FILES.json", "LICENSE", "MANIFEST.json", "README.md", "SECURITY.md", "changelogs",
    "docs", "examples", "extensions", "meta", "playbooks", "plugins", "requirements.txt", "roles", "tests",
}  # fmt: skip
SHIPPED_BELOW = {
    "changelogs": {"changelogs/changelog.yaml"},
    "tests": {"tests/config.yml"},
}


def git(*arguments: str, root: Path = ROOT) -> str | None:
    """Return what git says of this checkout: None for a source archive, and where git can't or won't look into it."""
    # An archive may have been unpacked inside another repository.
    if not (root / ".git").exists():
        return None
    try:
        done = subprocess.run(["git", *arguments], cwd=root, check=False, capture_output=True, text=True)
    except OSError as error:
        reason = str(error)
    else:
        if done.returncode == 0:
            return done.stdout
        reason = done.stderr.strip()
    told(f"git can't tell what belongs to {root}, so all that .gitignore does not name is taken:\n{reason}")
    return None


@functools.cache
def told(message: str) -> None:
    """Say this, once."""
    print(message, file=sys.stderr, flush=True)


def project_files(root: Path = ROOT) -> list[str]:
    """Name the files that belong to the project: what git has or would take."""
    listed = git("ls-files", "-z", "--cached", "--others", "--exclude-standard", root=root)
    names = walk(root) if listed is None else listed.split("\0")
    # A file that was removed but not yet committed is still listed.
    return sorted({name for name in names if name and (root / name).is_file()})


def walk(root: Path) -> Iterator[str]:
    """Name all files but those that .gitignore names; of its patterns those are known that are used there."""
    patterns = ["/.git"]
    for line in (root / ".gitignore").read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            pattern = line.rstrip("/")
            patterns.append(pattern if pattern.startswith("/") else f"*/{pattern}")
    for folder, folders, files in os.walk(root):
        below = f"/{Path(folder).relative_to(root)}/".replace("/./", "/")
        folders[:] = [name for name in folders if not matches(below + name, patterns)]
        yield from ((below + name)[1:] for name in files if not matches(below + name, patterns))


def matches(path: str, patterns: Iterable[str]) -> bool:
    return any(fnmatch.fnmatchcase(path, pattern) for pattern in patterns)


def copy(folder: Path) -> Path:
    """Copy the project's files to ansible_collections/damops/elvis in this folder, as Ansible's tools expect it."""
    target = folder / "ansible_collections/damops/elvis"
    shutil.rmtree(target, ignore_errors=True)
    for name in project_files():
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, target / name, follow_symlinks=False)
    return target


def build(output: Path) -> Path:
    """Build the artifact that Galaxy takes, alone in that folder, and check what is in it.

    The same commit gives the same bytes, with the same ansible-core and zlib.
    """
    shutil.rmtree(output, ignore_errors=True)
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(
            [BIN / "ansible-galaxy", "collection", "build", "--output-path", output.absolute()],
            cwd=copy(Path(folder)),
            check=True,
            stdout=subprocess.DEVNULL,
        )
    (artifact,) = output.glob("*.tar.gz")
    repack(artifact, source_date())
    with tarfile.open(artifact) as archive:
        names = [member.name for member in archive if member.isfile()]
    if strays := [name for name in names if not is_shipped(name)]:
        sys.exit(f"{artifact.name} holds what no user needs, see build_ignore in galaxy.yml:\n  " + "\n  ".join(strays))
    return artifact


def source_date() -> int:
    """Say when the sources were last changed: what SOURCE_DATE_EPOCH says, or the last commit, or the newest file."""
    if given := os.environ.get("SOURCE_DATE_EPOCH"):
        return int(given)
    # In an archive that git made, all files have the commit's time.
    return int(git("log", "-1", "--format=%ct") or max((ROOT / name).stat().st_mtime for name in project_files()))


def is_shipped(name: str) -> bool:
    top = name.partition("/")[0]
    return top in SHIPPED and (top not in SHIPPED_BELOW or name in SHIPPED_BELOW[top])


def main() -> None:
    print(build(Path(sys.argv[1])))


if __name__ == "__main__":
    main()
