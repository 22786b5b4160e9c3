# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs a program for which rights of files count, even for root, and a folder is a small disk.

FOLDER SIZE PROGRAM ARGUMENTS…; ends with CANNOT_MOUNT where this user may not mount a file system.
"""

from __future__ import annotations

import ctypes
import os
import subprocess
import sys
from pathlib import Path

CANNOT_MOUNT = 77
_PR_CAPBSET_DROP = 24
_CAP_DAC_OVERRIDE, _CAP_DAC_READ_SEARCH = 1, 2
_CLONE_NEWNS, _CLONE_NEWUSER = 0x20000, 0x10000000
_MS_REC, _MS_PRIVATE = 0x4000, 0x40000


def can_mount(folder: Path) -> bool:
    """Tell whether a folder can be a disk for a program."""
    return subprocess.run([sys.executable, __file__, folder, "4096", "/bin/true"], check=False).returncode == 0


def _mount(folder: str, size: str) -> bool:
    """Mount a file system that only this process and its children see; others can't notice it."""
    libc = ctypes.CDLL(None)
    user, group = os.geteuid(), os.getegid()
    if libc.unshare(_CLONE_NEWNS | (_CLONE_NEWUSER if user else 0)):
        return False
    if user:
        Path("/proc/self/setgroups").write_text("deny")
        Path("/proc/self/uid_map").write_text(f"{user} {user} 1")
        Path("/proc/self/gid_map").write_text(f"{group} {group} 1")
    options = f"size={size},mode=700".encode()
    return not (
        libc.mount(None, b"/", None, _MS_REC | _MS_PRIVATE, None)
        or libc.mount(b"tmpfs", os.fsencode(folder), b"tmpfs", 0, options)
    )


if __name__ == "__main__":
    disk, disk_size, *command = sys.argv[1:]
    if not _mount(disk, disk_size):
        sys.exit(CANNOT_MOUNT)
    if os.geteuid() == 0:
        for capability in (_CAP_DAC_OVERRIDE, _CAP_DAC_READ_SEARCH):
            ctypes.CDLL(None).prctl(_PR_CAPBSET_DROP, capability, 0, 0, 0)
    os.execv(command[0], command)  # noqa: S606 - the test names the program
