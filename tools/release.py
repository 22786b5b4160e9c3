# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Makes a release: ``make release VERSION=1.2.3``, or with ``ARGS=--dry-run`` only shows it.

All of it is made in a second work tree, and taken over when it is complete: whatever goes wrong, this checkout stays as
it was. A dry run is the same, without the checks, and without the last step. Nothing is published.
"""

from __future__ import annotations

import argparse
import hashlib
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import yaml
from ansible.utils.version import SemanticVersion

from tools.collection import ROOT
from tools.programs import Failed, run

DIST = "dist"
CHANGELOG = "changelogs/changelog.yaml"
FRAGMENTS = "changelogs/fragments"
NOTHING_TO_TELL = f"""\
there is nothing to tell: no fragment in {FRAGMENTS} that no earlier release had. Add a file there, named after the
  change, such as {FRAGMENTS}/17-logout.yml, commit it, and try again:
    ---
    bugfixes:
      - elvis_logout - accept a session that the server has already ended (https://github.com/damops/elvis/pull/17).
  CONTRIBUTING.md says more under "Changelog"."""


def git(*arguments: str, cwd: Path = ROOT) -> str:
    # git says itself what is wrong.
    done = subprocess.run(["git", *arguments], cwd=cwd, check=False, stdout=subprocess.PIPE, text=True)
    if done.returncode:
        sys.exit(f"git {arguments[0]} failed, see above; nothing was released")
    return done.stdout.strip()


def semantic(text: str) -> SemanticVersion | None:
    try:
        return SemanticVersion(text)
    except ValueError:
        return None


def obstacles(version: str) -> Iterator[str]:
    """Say what is in the way of a release with this version."""
    wanted = semantic(version)
    if wanted is None:
        yield f"'{version}' is not a semantic version: make release VERSION=1.2.3, see https://semver.org"
    tags = [tag for tag in git("tag", "--list").splitlines() if semantic(tag)]
    if version in tags:
        yield f"the tag {version} exists already"
    elif wanted and tags and wanted <= (last := max(map(SemanticVersion, tags))):
        yield f"{version} is not higher than the last release, {last.vstring}"
    if changed := git("status", "--porcelain"):
        yield f"there are changes that are not committed:\n{changed}"
    if not new_fragments(version):
        yield NOTHING_TO_TELL


def new_fragments(version: str) -> set[str]:
    """Name the changelog fragments that no other release has told."""
    releases = yaml.safe_load((ROOT / CHANGELOG).read_text(encoding="utf-8"))["releases"]
    told = {name for other, release in releases.items() if other != version for name in release.get("fragments", ())}
    return {path.name for path in (ROOT / FRAGMENTS).glob("*.y*ml")} - told


@contextmanager
def second_work_tree() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as folder:
        tree = Path(folder) / "release"
        git("worktree", "add", "--quiet", "--detach", str(tree))
        try:
            yield tree
        finally:
            git("worktree", "remove", "--force", str(tree))


def check(program: str, *, only_shown: bool) -> None:
    print(f"Checks: {program}{', not run' * only_shown}\n", flush=True)
    if not only_shown and subprocess.run([ROOT / program], cwd=ROOT, check=False).returncode:
        sys.exit(f"No release: {program} failed, see above")


def make(version: str, tree: Path) -> str:
    """Commit the release in this tree, put all that is handed out in its dist/, and return the commit."""
    metadata = tree / "galaxy.yml"
    numbered = re.sub(r"(?m)^version: .*$", f"version: {version}", metadata.read_text(encoding="utf-8"))
    metadata.write_text(numbered, encoding="utf-8")
    changelog = ("antsibull-changelog", "release", "--version", version, "--update-existing")
    run(*changelog, "--refresh", "--reload-plugins", cwd=tree)
    git("add", "--all", cwd=tree)
    # The changelog of a first release may have been committed already, and hooks would repeat the checks.
    git("commit", "--quiet", "--allow-empty", "--no-verify", "--message", f"Release {version}", cwd=tree)
    # After the commit: its time is the artifact's.
    run("python", "-m", "tools.collection", DIST, cwd=tree)
    (artifact,) = (tree / DIST).iterdir()
    digest = hashlib.sha256(artifact.read_bytes()).hexdigest()
    (tree / DIST / "SHA256SUMS").write_text(f"{digest}  {artifact.name}\n", encoding="utf-8")
    notes = ("--only-latest", "--output-format", "md", "--output", f"{DIST}/RELEASE_NOTES.md")
    run("antsibull-changelog", "generate", *notes, version, cwd=tree)
    return git("rev-parse", "HEAD", cwd=tree)


def show(version: str, tree: Path) -> None:
    print(git("show", "--stat", "--format=Commit: %s", "HEAD", cwd=tree))
    print(f"\nTag: {version}\n\nIn {DIST}/:")
    for path in sorted((tree / DIST).iterdir()):
        print(f"  {path.name}, {path.stat().st_size} bytes")
    for name in ("SHA256SUMS", "RELEASE_NOTES.md"):
        print(f"\n--- {name}\n{(tree / DIST / name).read_text(encoding='utf-8').strip()}")


def take_over(version: str, commit: str, tree: Path) -> None:
    git("merge", "--quiet", "--ff-only", commit)
    git("tag", "--annotate", version, "--message", f"damops.elvis {version}", commit)
    shutil.rmtree(ROOT / DIST, ignore_errors=True)
    shutil.copytree(tree / DIST, ROOT / DIST)


def main() -> None:
    parser = argparse.ArgumentParser(prog="make release", description="Make a release of the collection.")
    parser.add_argument("version", help="the new version, for example 1.2.3")
    parser.add_argument("--dry-run", action="store_true", help="show all of it, and change nothing")
    parser.add_argument("--no-checks", action="store_true", help="do without .ci/run")
    arguments = parser.parse_args()
    version = arguments.version

    if found := list(obstacles(version)):
        sys.exit("No release:\n" + "\n".join(f"- {obstacle}" for obstacle in found))
    check(".ci/run", only_shown=arguments.dry_run or arguments.no_checks)

    with second_work_tree() as tree:
        try:
            commit = make(version, tree)
        except Failed as failed:
            sys.exit(f"Nothing was released:\n{failed}")
        show(version, tree)
        if not arguments.dry_run:
            take_over(version, commit, tree)

    print(
        "\nThis was a dry run: nothing has changed." if arguments.dry_run else f"\nReleased {version} in this checkout."
    )
    print("A release is published with")
    print(f"  git push origin HEAD {version}")
    print(f"  ansible-galaxy collection publish {DIST}/damops-elvis-{version}.tar.gz")


if __name__ == "__main__":
    main()
