# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Stands in for the get-pip script that ``ansible-test`` downloads for the environments of its sanity tests.

A machine that reaches its packages through a mirror can't reach that download. Every Python brings a pip along, so none
is needed: this one installs the asked-for version through the machine's own index. ``tools/lint.py`` puts it into
ansible-test's cache. It is run with pip's arguments: options and requirements such as ``pip==25.2``.
"""

from __future__ import annotations

import ensurepip
import os
import subprocess
import sys

# ensurepip drops PIP_* and turns the configuration off, for this whole process
environment = dict(os.environ)
ensurepip.bootstrap(default_pip=True)
requirements = [argument for argument in sys.argv[1:] if not argument.startswith("-")]
if requirements:
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, *requirements], check=True, env=environment)
