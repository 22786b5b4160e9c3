# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Releases of a throw-away repository that holds this project, with the real git and antsibull-changelog."""

from __future__ import annotations

import hashlib
import json
import subprocess
import tarfile
from pathlib import Path

import pytest

from tests.support.lint_venv import needs, start
from tools import collection

pytestmark = needs("antsibull-changelog")

FRAGMENT = "---\nbugfixes:\n  - elvis_login - the white rabbit is never late (https://example.com/1).\n"


class Repository:
    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def git(self, *arguments: str) -> str:
        done = subprocess.run(["git", *arguments], cwd=self.folder, check=True, capture_output=True, text=True)
        return done.stdout.strip()

    def write(self, name: str, text: str) -> None:
        (self.folder / name).write_text(text, encoding="utf-8")

    def commit(self) -> None:
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message", "Work")

    def release(self, version: str, *options: str) -> tuple[int, str]:
        done = start("-m", "tools.release", version, *options, cwd=self.folder)
        return done.returncode, done.stdout

    def state(self) -> tuple[str, ...]:
        return (
            self.git("rev-parse", "HEAD"),
            self.git("for-each-ref"),
            self.git("worktree", "list"),
            self.git("status", "--porcelain"),
            str((self.folder / "dist").exists()),
        )


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    """This project, whose release 0.1.0 is out."""
    repository = Repository(collection.copy(tmp_path))
    repository.git("init", "--quiet", "--initial-branch", "main")
    repository.git("config", "user.name", "Alice")
    repository.git("config", "user.email", "alice@example.com")
    # Every fragment of today belongs to that release.
    told = [path.name for path in (repository.folder / "changelogs/fragments").iterdir()]
    repository.write(
        "changelogs/changelog.yaml",
        json.dumps({"ancestor": None, "releases": {"0.1.0": {"fragments": told, "release_date": "2026-01-01"}}}),
    )
    repository.commit()
    repository.git("tag", "0.1.0")
    return repository


def test_refuses_what_is_no_release(repository: Repository) -> None:
    before = repository.state()
    code, told = repository.release("0.1.0", "--no-checks")
    assert code == 1
    assert "the tag 0.1.0 exists already" in told
    code, told = repository.release("0.0.9", "--dry-run")
    assert code == 1
    assert "0.0.9 is not higher than the last release, 0.1.0" in told
    assert "there is nothing to tell: no fragment" in told
    assert "Add a file there" in told
    assert "not committed" not in told
    assert repository.state() == before
    repository.write("stray.txt", "")
    code, told = repository.release("v0.2", "--no-checks")
    assert code == 1
    assert "'v0.2' is not a semantic version" in told
    assert "there are changes that are not committed:\n?? stray.txt" in told


def test_releases_nothing_when_the_checks_fail(repository: Repository) -> None:
    repository.write("changelogs/fragments/17.yml", FRAGMENT)
    repository.write(".ci/run", "#!/bin/sh\necho 'a test failed'\nexit 1\n")
    repository.commit()
    before = repository.state()
    code, told = repository.release("0.2.0")
    assert code == 1
    assert "a test failed" in told
    assert "No release: .ci/run failed" in told
    assert repository.state() == before


def test_a_dry_run_shows_the_release_that_then_is_made(repository: Repository) -> None:
    repository.write("changelogs/fragments/17.yml", FRAGMENT)
    repository.commit()
    before = repository.state()

    code, dry = repository.release("0.2.0", "--dry-run")
    assert code == 0, dry
    assert repository.state() == before
    assert "This was a dry run: nothing has changed." in dry

    code, real = repository.release("0.2.0", "--no-checks")
    assert code == 0, real
    for told in (dry, real):
        assert "Commit: Release 0.2.0" in told
        assert "Tag: 0.2.0" in told
        assert "the white rabbit is never late" in told
        assert "ansible-galaxy collection publish dist/damops-elvis-0.2.0.tar.gz" in told

    assert repository.git("log", "-1", "--format=%s", "0.2.0") == "Release 0.2.0"
    assert repository.git("rev-parse", "0.2.0^{commit}") == repository.git("rev-parse", "main")
    assert repository.git("status", "--porcelain") == ""
    assert "version: 0.2.0\n" in repository.git("show", "main:galaxy.yml")
    assert "the white rabbit" in repository.git("show", "main:CHANGELOG.md")

    dist = repository.folder / "dist"
    artifact = dist / "damops-elvis-0.2.0.tar.gz"
    content = artifact.read_bytes()
    assert (dist / "SHA256SUMS").read_text(encoding="utf-8") == (
        f"{hashlib.sha256(content).hexdigest()}  {artifact.name}\n"
    )
    notes = (dist / "RELEASE_NOTES.md").read_text(encoding="utf-8")
    assert "the white rabbit is never late" in notes
    assert "0.1.0" not in notes
    with tarfile.open(artifact) as archive:
        manifest = archive.extractfile("MANIFEST.json")
        assert manifest
        assert json.load(manifest)["collection_info"]["version"] == "0.2.0"

    # Whoever builds the tag gets the same bytes.
    built = start("-m", "tools.collection", ".cache/again", cwd=repository.folder)
    assert built.returncode == 0, built.stdout
    assert (repository.folder / ".cache/again" / artifact.name).read_bytes() == content
