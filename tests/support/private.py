# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes folders that nobody but this user can write to, as the usual ones for temporary files are not."""

from __future__ import annotations

import atexit
import functools
import os
import pwd
import shutil
import tempfile
from pathlib import Path


def new_private_folder() -> Path:
    """Return a new folder below this user's own; whoever asks for it removes it."""
    # Not what HOME says: that is another one for each test.
    home = Path(pwd.getpwuid(os.geteuid()).pw_dir).resolve() / ".cache"
    home.mkdir(mode=0o700, exist_ok=True)
    return Path(tempfile.mkdtemp(prefix="damops.elvis.tests-", dir=home))


@functools.cache
def shared_cache() -> Path:
    """Return the cache folder of all playbooks that this process runs: what they import is compiled once."""
    folder, owner = new_private_folder(), os.getpid()
    atexit.register(lambda: os.getpid() == owner and shutil.rmtree(folder, ignore_errors=True))
    return folder
