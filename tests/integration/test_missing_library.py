# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A Python without requests is no riddle."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.integration.support import Ansible


def test_says_what_is_missing(installed: Ansible, tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", tmp_path], check=True)
    run = installed.play(
        """
        - damops.elvis.elvis_login:
            server_url: https://dam.example.com
            username: alice
            password: wonderland
          register: login
          ignore_errors: true
        - damops.elvis.elvis_logout:
            server_url: https://dam.example.com
            auth_token: token
          register: logout
          ignore_errors: true
        """,
        vars={"ansible_python_interpreter": str(tmp_path / "bin/python")},
    )

    for result in run.results.values():
        assert (result["failed"], result["reason"]) == (True, "missing_library")
        assert f"{tmp_path}/bin/python -m pip install requests" in result["msg"]
    assert run.results.keys() == {"login", "logout"}
