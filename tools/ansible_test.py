# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs ansible-test on a copy of the collection: ``python -m tools.ansible_test units --python 3.12``.

It is the ansible-test of the environment that runs this.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from tools import collection, pip
from tools.collection import BIN, CACHE, ROOT
from tools.programs import Failed, run

# Whose get-pip script ansible-test looks for: ansible-core 2.16 and 2.17, 2.18 and 2.19, 2.20 and later
GET_PIP_VERSIONS = ("23_1_2", "24_2", "25_2")
# It fails without a module of PowerShell's gallery; and of PowerShell, the collection has only examples.
NO_POWERSHELL_LINTER = ("--skip-test", "pslint")


def ansible_test(part: str, *arguments: str) -> str:
    """Run ansible-test and return what it printed. What runs side by side needs names of its own, as ``part``.

    :raises Failed: when it finds something
    """
    tree = collection.copy(CACHE / "trees" / part)
    # It asks git for the files, and must not ask this checkout, which ignores them.
    run("git", "init", "--quiet", cwd=tree)
    home = CACHE / "home" / part
    prepare_home(home)
    path = path_to_pythons(CACHE / "pythons" / part)
    if arguments[0] == "sanity":
        arguments += NO_POWERSHELL_LINTER
    return run("ansible-test", *arguments, "--color", "no", cwd=tree, HOME=str(home), PATH=path)


def prepare_home(home: Path) -> None:
    """Make a home for ansible-test: it keeps there what it downloads, and passes no variables on to pip."""
    downloads = home / ".ansible/test/cache"
    downloads.mkdir(parents=True, exist_ok=True)
    for version in GET_PIP_VERSIONS:
        shutil.copy(ROOT / "tools/get_pip.py", downloads / f"get_pip_{version}.py")
    settings = pip.index_settings(BIN / "python")
    config = home / ".config/pip/pip.conf"
    config.parent.mkdir(parents=True, exist_ok=True)
    config.touch(mode=0o600)
    lines = ["[global]", *(f"{name} = {value}" for name, value in settings.items())]
    config.write_text("\n".join(lines), encoding="utf-8")


def path_to_pythons(folder: Path) -> str:
    """Give a PATH whose Pythons all start: a version manager leaves stand-ins for those that are not switched on.

    Directories with one that doesn't start are left out; what does start there is linked from ``folder``.
    """
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    path = [str(BIN), str(folder)]
    for directory in os.get_exec_path():
        found = {python.name: real_python(python) for python in Path(directory).glob("python3.*[0-9]")}
        if None not in found.values():
            path.append(directory)
        for name, python in found.items():
            if python and not (folder / name).exists():
                (folder / name).symlink_to(python)
    return os.pathsep.join(path)


def real_python(python: Path) -> str | None:
    done = subprocess.run(
        [python, "-c", "import sys; print(sys.executable)"], check=False, capture_output=True, text=True
    )
    return done.stdout.strip() if done.returncode == 0 else None


def main() -> None:
    try:
        print(ansible_test(f"{sys.argv[1]}-alone", *sys.argv[1:]))
    except Failed as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
