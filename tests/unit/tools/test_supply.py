# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The checks of what comes from elsewhere and of what must not get out, with the real tools."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from tests.support.lint_venv import needs, start
from tests.support.serving import serving
from tools.collection import ROOT

pytestmark = [needs("pip-audit"), needs("detect-secrets-hook")]

VULNERABILITY = {
    "id": "PYSEC-2018-28",
    "schema_version": "1.4.0",
    "summary": "The Authorization header travels on",
    "affected": [
        {
            "package": {"name": "requests", "ecosystem": "PyPI"},
            "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "2.20.0"}]}],
            "versions": ["2.19.0"],
        }
    ],
}


@contextmanager
def advisories(status: int, body: bytes) -> Iterator[str]:
    """Serve a service of the OSV kind that always answers this."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_arguments: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server, serving(server):
        yield f"http://127.0.0.1:{server.server_port}/v1/query"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project that needs one package, and has a file of settings."""
    shutil.copytree(ROOT / "tools", tmp_path / "tools")
    (tmp_path / "requirements").mkdir()
    pinned = f"requests==2.19.0 --hash=sha256:{'0' * 64}\n"
    (tmp_path / "requirements/test.txt").write_text(pinned, encoding="utf-8")
    (tmp_path / "settings.py").write_text('password = "wonderland"\n', encoding="utf-8")
    (tmp_path / ".gitignore").write_text(".cache\n__pycache__\n", encoding="utf-8")
    subprocess.run(["git", "init", "--quiet"], cwd=tmp_path, check=True)
    return tmp_path


def lint(project: Path, service: str, *checks: str) -> tuple[int, str]:
    done = start("-m", "tools.lint", *checks, cwd=project, PIP_AUDIT_OSV_URL=service, NO_PROXY="127.0.0.1")
    return done.returncode, done.stdout


def test_a_finding_fails_the_checks(project: Path) -> None:
    # Backwards, since this file is searched as well.
    unheard_of = "elpats-yrettab"[::-1]
    (project / "settings.py").write_text(f'password = "{unheard_of}"\n', encoding="utf-8")
    with advisories(200, json.dumps({"vulns": [VULNERABILITY]}).encode()) as service:
        code, told = lint(project, service, "pip-audit", "secrets")
    assert code == 1
    assert "test.txt: requests 2.19.0 has PYSEC-2018-28; mended in 2.20.0" in told
    assert "settings.py:1" in told
    assert "2 of 2 checks failed" in told
    assert unheard_of not in told


def test_nothing_found_is_a_pass(project: Path) -> None:
    with advisories(200, b"{}") as service:
        code, told = lint(project, service, "pip-audit", "secrets")
    assert (code, told.splitlines()[-1]) == (0, "All 2 checks passed."), told


@pytest.mark.parametrize(("status", "body"), [(503, b"{}"), (200, b"<html>Please log in</html>")])
def test_a_service_that_gives_no_answer_is_a_skip(project: Path, status: int, body: bytes) -> None:
    with advisories(status, body) as service:
        code, told = lint(project, service, "pip-audit")
    assert code == 0, told
    assert "skipped: pip-audit got no answer about known vulnerabilities" in told
    assert told.splitlines()[-1] == "0 of 1 checks passed, skipped: pip-audit."


def test_a_service_that_can_not_be_reached_is_a_skip(project: Path) -> None:
    with advisories(200, b"{}") as gone:
        pass
    code, told = lint(project, gone, "pip-audit")
    assert code == 0, told
    assert "skipped: pip-audit got no answer" in told


def test_a_lock_file_without_hashes_is_no_skip(project: Path) -> None:
    (project / "requirements/test.txt").write_text("requests>=2\n", encoding="utf-8")
    with advisories(200, b"{}") as service:
        code, told = lint(project, service, "pip-audit")
    assert code == 1, told
    assert "can't read test.txt" in told
