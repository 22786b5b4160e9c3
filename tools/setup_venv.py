# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Make a virtual environment that holds just what lock files name: ``python -m tools.setup_venv FOLDER LOCK …``.

``--editable PROJECT`` installs a project of this checkout on top, so that its commands run the code as it is.

It returns at once when the environment is there and right. It makes a new one when a lock changed, the checkout
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
from collections.abc import Sequence
from pathlib import Path

from tools import pip

STAMP = ".stamp"
WITHOUT_PIP = "{python} can't make a virtual environment with pip, see above (on Debian: apt install python3-venv)."


def fingerprint(folder: Path, locks: Sequence[Path], projects: Sequence[Path] = ()) -> str:
    """Say what the environment was made from; a virtual environment cannot be moved, so its place is part of that."""
    sources = [*locks, *(project / "pyproject.toml" for project in projects)]
    digest = hashlib.sha256(b"".join(source.read_bytes() for source in sources)).hexdigest()
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


def make(folder: Path, locks: Sequence[Path], wanted: str, projects: Sequence[Path] = ()) -> None:
    """Make the environment anew."""
    names = " and ".join(lock.name for lock in locks)
    print(f"Setting up {folder.name} from {names} (once, until that changes; about a minute) …", flush=True)
    shutil.rmtree(folder, ignore_errors=True)
    try:
        venv.create(folder, with_pip=True, symlinks=True)
    except subprocess.CalledProcessError as error:
        sys.exit(f"{(error.output or b'').decode(errors='replace')}\n{WITHOUT_PIP.format(python=sys.executable)}")
    install(folder, locks, projects)
    (folder / STAMP).write_text(wanted, encoding="utf-8")


def install(folder: Path, locks: Sequence[Path], projects: Sequence[Path] = ()) -> None:
    """Install what the locks name, as it is locked, then the projects, and see that nothing is missing."""
    python = folder / "bin/python"
    # What has no wheel is built with what an earlier lock installed: pip would take the newest for that.
    from_lock = [("--no-build-isolation", "--require-hashes", "--requirement", str(lock)) for lock in locks]
    from_here = [("--no-build-isolation", "--editable", str(project)) for project in projects]
    for options in [*from_lock, *from_here]:
        # Without dependencies nothing is resolved, and a newer release changes nothing.
        done = pip.install(python, "--no-deps", *options)
        if done.returncode:
            sys.exit(f"{done.stdout}\nSetting up {folder} failed, see above. The next run starts over.")
    done = pip.start(python, "check", environment=pip.environment(python))
    if done.returncode:
        sys.exit(f"{done.stdout}\n{locks[-1]} is not complete, see above: `make lock` writes it again.")


def main() -> None:
    parser = argparse.ArgumentParser(description="Make a virtual environment that holds just what lock files name.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("locks", type=Path, nargs="+", metavar="lock", help="installed in this order")
    parser.add_argument("--editable", type=Path, action="append", default=[], metavar="PROJECT")
    arguments = parser.parse_args()
    folder = arguments.folder.absolute()
    wanted = fingerprint(folder, arguments.locks, arguments.editable)
    if is_current(folder, wanted):
        return
    folder.parent.mkdir(parents=True, exist_ok=True)
    # Two `make` at the same time must not both set up.
    with arguments.locks[-1].open(encoding="utf-8") as guard:
        fcntl.flock(guard, fcntl.LOCK_EX)
        if not is_current(folder, wanted):
            make(folder, arguments.locks, wanted, arguments.editable)


if __name__ == "__main__":
    main()
