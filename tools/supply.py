# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Looks after what comes from elsewhere, and what must not get out: known vulnerabilities, and secrets in the code."""

from __future__ import annotations

import json
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tools.collection import ROOT, project_files
from tools.programs import Failed, Skipped, run, start

LOCKS = sorted((ROOT / "requirements").glob("*.txt"))
# What the traceback names when pip-audit got no usable answer; it has no exit code of its own for that.
NO_ANSWER = ("requests.exceptions.", "pip_audit._service.", "your network may be blocking this service")

# What looks like a password and is none, whole. The emulated server has its accounts in users/accounts.py.
INVENTED = (
    "wonderland",
    "wonder.{0,3}land.*",
    "1",
    "wonder",
    "wünder",
    "yes",
    "changemenow",
    "alice",
    "api",
    "a:b.*",
    r"a\+b %26.*",
    "p:ä ss.*",
    r"p&ss\* wörd.*",
    "p@ss/w:rd 100%",
    "looking-glass(-password|%)?",
    "((env|wrong)-)?password",
    "s3cret",
    "humpty",
    "dumpty",
    "tweedledee",
    r"tweedle dum\+dee",
    "a-key-of-the-gateway",
    "wrong",
    # Names of variables, files and modules, and texts
    "ELVIS_[A-Z_]+",
    r"[a-z-]+\.pem",
    r"ansible\.module_utils\.secrets",
    "secret(_t|T)oken",
    "false",
    "true",
    "Invalid username or password",
)


def vulnerabilities() -> None:
    """Ask for known vulnerabilities of all that the lock files name."""
    with ThreadPoolExecutor() as pool:
        found = [line for report in pool.map(audit, LOCKS) for line in report]
    if found:
        raise Failed("\n".join(found))


def audit(lock: Path) -> list[str]:
    """Say in a line each which versions in this file have a known vulnerability."""
    options = ("--disable-pip", "--require-hashes", "--progress-spinner", "off", "--timeout", "10", "--format", "json")
    service = os.environ.get("PIP_AUDIT_VULNERABILITY_SERVICE", "osv")
    done = start("pip-audit", *options, "--vulnerability-service", service, "--requirement", lock)
    try:
        packages = json.loads(done.stdout)["dependencies"]
    except ValueError:
        reason = done.stderr.strip()
        if any(sign in reason for sign in NO_ANSWER):
            raise Skipped(f"pip-audit got no answer about known vulnerabilities: {reason.splitlines()[-1]}") from None
        raise Failed(f"pip-audit can't read {lock.name}: {reason}") from None
    return [
        f"{lock.name}: {package['name']} {package['version']} has {found['id']}; mended in "
        f"{', '.join(found['fix_versions']) or 'no version yet'}"
        for package in packages
        for found in package.get("vulns", ())
    ]


def secrets() -> None:
    """Look for passwords, keys and tokens in all files but the lock files, which are full of hashes."""
    files = [name for name in project_files() if ROOT / name not in LOCKS]
    try:
        run("detect-secrets-hook", "--exclude-secrets", f"^({'|'.join(INVENTED)})$", *files)
    except Failed as error:
        raise Failed(f"{error}\nA test takes a password that tools/supply.py knows as invented.") from None
