# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Make a virtual environment that holds just what a lock file names: ``python -m tools.setup_venv FOLDER LOCK``.

It returns at once when the environment is there and right. It makes a new one when the lock changed, the checkout
was moved, the interpreter is gone or another one was asked for, or when an earlier set-up was interrupted: the stamp is
written last.
"""

from __future__ import annotations

import argparse
import fcntl
import hashlib
import shutil
import subprocess
import sys
import venv
from pathlib import Path

STAMP = ".stamp"


def fingerprint(folder: Path, lock: Path) -> str:
    """Say what the environment was made from; a virtual environment cannot be moved, so its place is part of that."""
    digest = hashlib.sha256(lock.read_bytes()).hexdigest()
    return f"{digest}\n{folder}\n{sys.base_prefix} {sys.version}\n"


def is_current(folder: Path, wanted: str) -> bool:
    """Tell whether the environment in this folder is complete, made from the same, and its interpreter still starts."""
    try:
        if (folder / STAMP).read_text(encoding="utf-8") != wanted:
            return False
        subprocess.run([folder / "bin/python", "-c", ""], check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        return False
    return True


def make(folder: Path, lock: Path, wanted: str) -> None:
    """Make the environment anew."""
    print(f"Setting up {folder.name} from {lock.name} (once, until that file changes) …", flush=True)
    shutil.rmtree(folder, ignore_errors=True)
    venv.create(folder, with_pip=True, symlinks=True)
    pip = [str(folder / "bin/python"), "-m", "pip", "--disable-pip-version-check", "--no-input"]
    done = subprocess.run(
        [*pip, "install", "--no-deps", "--require-hashes", "--requirement", str(lock)],
        check=False,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    if done.returncode:
        sys.exit(f"{done.stdout}\nSetting up {folder} failed, see above. The next run starts over.")
    (folder / STAMP).write_text(wanted, encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description="Make a virtual environment that holds just what a lock file names.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("lock", type=Path)
    arguments = parser.parse_args()
    folder = arguments.folder.absolute()
    wanted = fingerprint(folder, arguments.lock)
    if is_current(folder, wanted):
        return
    folder.parent.mkdir(parents=True, exist_ok=True)
    # Two `make` at the same time must not both set up.
    with arguments.lock.open(encoding="utf-8") as guard:
        fcntl.flock(guard, fcntl.LOCK_EX)
        if not is_current(folder, wanted):
            make(folder, arguments.lock, wanted)


if __name__ == "__main__":
    main()
