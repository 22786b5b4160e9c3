# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The program that session_guard starts: closes what a run leaves open. Private to damops.elvis.

It runs outside of Ansible, which alone knows where collections are. So it first makes the collection that it is part of
importable by its name.
"""

from __future__ import annotations

import importlib
import os.path
import signal
import sys
import types

COLLECTION = "ansible_collections.damops.elvis"


def outlive_the_run() -> None:
    """Ignore what asks all processes of a job to end, as systemd does: this one ends by itself, after its work."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)


def name_collection() -> None:
    """Make this very collection importable, and no other."""
    # Where it is when it starts: later, the folder may be gone or another one.
    # To import pathlib takes as long as all else that is done here.
    folder = os.path.realpath(__file__).rsplit(os.sep, 4)[0]
    names = COLLECTION.split(".")
    for depth in range(1, len(names) + 1):
        package = types.ModuleType(".".join(names[:depth]))
        package.__path__ = [folder] if depth == len(names) else []
        sys.modules[package.__name__] = package


def byte_code_keeper() -> types.ModuleType:
    """Return the module that keeps byte code in the user's cache, imported without leaving any beside its file."""
    before, sys.dont_write_bytecode = sys.dont_write_bytecode, True
    try:
        return importlib.import_module(f"{COLLECTION}.plugins.plugin_utils._byte_code")
    finally:
        sys.dont_write_bytecode = before


if __name__ == "__main__":
    outlive_the_run()
    name_collection()
    with byte_code_keeper().kept_byte_code():
        process = importlib.import_module(f"{COLLECTION}.plugins.plugin_utils._guard.process")
    process.main(lifeline=int(sys.argv[1]), starter=int(sys.argv[2]))
