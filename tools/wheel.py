# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Builds the emulated server's wheel: ``python -m tools.wheel FOLDER``; ``--try`` also tries it as a stranger would.

That is: installed into an empty environment, without this checkout, and a Galaxy user's first playbook run against it.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

from tools import collection, pip
from tools.collection import BIN, ROOT
from tools.demo import for_emulated_server, running_server

PLAYBOOK = ROOT / "examples/session.yml"


def build(output: Path) -> Path:
    """Build the wheel, alone in that folder, with what the lock file names."""
    shutil.rmtree(output, ignore_errors=True)
    options = ("--no-deps", "--no-build-isolation", "--wheel-dir", str(output))
    python = Path(sys.executable)
    done = pip.start(python, "wheel", *options, str(ROOT / "emulator"), environment=pip.environment(python))
    if done.returncode:
        sys.exit(f"{done.stdout}\nThe wheel was not built, see above.")
    (wheel,) = output.glob("*.whl")
    return wheel


def try_out(wheel: Path, folder: Path) -> None:
    """Install a wheel into an empty environment, start its command there, and run the first playbook against it."""
    venv.create(folder / "venv", with_pip=True, symlinks=True)
    # What it needs is installed in the versions of the lock file, as far as that names them.
    constraints = folder / "constraints.txt"
    constraints.write_text(locked(), encoding="utf-8")
    done = pip.install(folder / "venv/bin/python", "--constraint", str(constraints), str(wheel))
    if done.returncode:
        sys.exit(f"{done.stdout}\nThe wheel can't be installed, see above.")
    collections = folder / "collections"
    artifact = collection.build(folder / "artifact")
    install = [str(BIN / "ansible-galaxy"), "collection", "install", "-p", str(collections), str(artifact)]
    subprocess.run(install, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    playbook = folder / PLAYBOOK.name
    shutil.copy2(PLAYBOOK, playbook)
    home = folder / "home"
    home.mkdir()
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "ANSIBLE_", "ELVIS_"))}
    clean |= {"HOME": str(home)}
    command = [str(folder / "venv/bin/elvis-emulator"), "serve", "--port", "0"]
    with running_server(command, folder / "server.log", folder, clean) as url:
        settings = {"ANSIBLE_COLLECTIONS_PATH": str(collections), "ANSIBLE_LOCALHOST_WARNING": "false"}
        settings |= {"ANSIBLE_INVENTORY_UNPARSED_WARNING": "false"}
        environment = clean | settings | for_emulated_server(url)
        subprocess.run([BIN / "ansible-playbook", playbook], cwd=folder, env=environment, check=True)


def locked() -> str:
    """Return the lock file without its hashes, as constraints have none."""
    lines = (ROOT / "requirements/test.txt").read_text(encoding="utf-8").splitlines()
    return "\n".join(line.removesuffix(" \\") for line in lines if line and line[0] not in " #") + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description="Build the wheel of the emulated server.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--try", dest="tries", action="store_true", help="install it elsewhere, and use it there")
    given = parser.parse_args()
    wheel = build(given.folder.absolute())
    print(f"Built {wheel.name}", flush=True)
    if given.tries:
        with tempfile.TemporaryDirectory(prefix="elvis-emulator-wheel-") as folder:
            try_out(wheel, Path(folder))
        print(f"{wheel.name} works in an empty environment, without this checkout.")


if __name__ == "__main__":
    main()
