# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is locked is installed as it is locked: with a real pip of those that are too old to know better."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path

import pytest

from tools import pip, setup_venv
from tools.collection import CACHE, ROOT

# Each has a newer release; tiny_app asks for tiny_cover[toml], and that for tiny_toml.
TINY = {
    "tiny_app": ["Requires-Dist: tiny-cover[toml]>=1.0"],
    "tiny_cover": ["Provides-Extra: toml", "Requires-Dist: tiny-toml; extra == 'toml'"],
    "tiny_toml": [],
}
SETTINGS = {
    "USER": "yes",
    "PREFIX": "elsewhere",
    "TARGET": "elsewhere",
    "CONSTRAINT": "constraints.txt",
    "REQUIRE_VIRTUALENV": "yes",
    "QUIET": "3",
}


def make_wheel(folder: Path, name: str, version: str) -> None:
    info = f"{name}-{version}.dist-info"
    metadata = ["Metadata-Version: 2.1", f"Name: {name.replace('_', '-')}", f"Version: {version}", *TINY[name], ""]
    files = {
        f"{name}.py": f"VERSION = '{version}'\n",
        f"{info}/METADATA": "\n".join(metadata),
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = "".join(f"{path},,\n" for path in [*files, f"{info}/RECORD"])
    with zipfile.ZipFile(folder / f"{name}-{version}-py3-none-any.whl", "w") as wheel:
        for path, text in {**files, f"{info}/RECORD": record}.items():
            wheel.writestr(path, text)


@pytest.fixture(scope="module")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All that the index has."""
    folder = tmp_path_factory.mktemp("wheels")
    for name in TINY:
        for version in ("1.0", "2.0"):
            make_wheel(folder, name, version)
    return folder


@pytest.fixture(scope="session")
def with_old_pip() -> Path:
    """An environment whose pip is an old one: made once, as it comes from the user's index."""
    folder = CACHE / "venv/old-pip"
    command = (sys.executable, "-m", "tools.setup_venv", folder, Path(__file__).with_name("old_pip.txt"))
    # As somebody who lets nobody look.
    done = subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True, umask=0o077)
    if "connection broken" in done.stderr:
        pytest.skip(f"no index answers that has an old pip:\n{done.stderr}")
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture
def offline(with_old_pip: Path, wheels: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An environment on nobody's machine, in a folder whose name is not plain; its index is the folder of wheels."""
    for name in [name for name in os.environ if name.startswith("PIP_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(wheels))
    monkeypatch.chdir(tmp_path)
    return Path(shutil.copytree(with_old_pip, tmp_path / "Eigene Ümlaute/venv", symlinks=True))


def lock_of(folder: Path, wheels: Path, versions: Mapping[str, str], wrong: Iterable[str] = ()) -> Path:
    """Write a lock, with hashes that are those of the wheels, unless they are to be wrong."""
    lines = []
    for name, version in versions.items():
        wheel = wheels / f"{name}-{version}-py3-none-any.whl"
        content = wheel.read_bytes() if wheel.exists() and name not in wrong else b"another one"
        lines.append(f"{name.replace('_', '-')}=={version} --hash=sha256:{hashlib.sha256(content).hexdigest()}\n")
    lock = folder / "lock.txt"
    lock.write_text("".join(lines), encoding="utf-8")
    return lock


def installed(environment: Path) -> dict[str, str]:
    names = [
        path.name.removesuffix(".dist-info").split("-")
        for path in environment.glob("lib/python3*/site-packages/tiny_*.dist-info")
    ]
    return dict(sorted(names))


LOCKED = dict.fromkeys(TINY, "1.0")


@pytest.mark.parametrize("place", ["variables", "file"])
def test_newer_releases_and_settings_change_nothing(
    offline: Path, wheels: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    (tmp_path / "constraints.txt").write_text("tiny-cover>=2.0\n", encoding="utf-8")
    # A mirror, say, stands in a file.
    lines = ["[global]", "no-index = yes", f"find-links = {wheels}"]
    monkeypatch.delenv("PIP_FIND_LINKS")
    monkeypatch.delenv("PIP_NO_INDEX")
    for name, value in SETTINGS.items():
        if place == "variables":
            monkeypatch.setenv(f"PIP_{name}", value)
        else:
            lines.append(f"{name.lower().replace('_', '-')} = {value}")
    config = tmp_path / "pip.conf"
    config.write_text("\n".join(lines), encoding="utf-8")
    monkeypatch.setenv("PIP_CONFIG_FILE", str(config))
    setup_venv.install(offline, [lock_of(tmp_path, wheels, LOCKED)])
    assert installed(offline) == LOCKED
    assert not (tmp_path / "elsewhere").exists()
    done = subprocess.run(
        [offline / "bin/python", "-m", "pip", "--version"], check=True, capture_output=True, text=True
    )
    assert done.stdout.startswith("pip 23.2.1 ")


@pytest.mark.parametrize(
    ("versions", "wrong", "told"),
    [
        pytest.param(LOCKED, ["tiny_cover"], "THESE PACKAGES DO NOT MATCH THE HASHES", id="wrong hash"),
        pytest.param(
            {"tiny_toml": "3.0"}, [], "No matching distribution found for tiny-toml==3.0", id="no such release"
        ),
        pytest.param({"tiny_app": "1.0"}, [], "requires tiny-cover, which is not installed", id="incomplete lock"),
    ],
)
def test_what_is_wrong_is_refused(
    offline: Path, wheels: Path, tmp_path: Path, versions: dict[str, str], wrong: list[str], told: str
) -> None:
    with pytest.raises(SystemExit, match=told):
        setup_venv.install(offline, [lock_of(tmp_path, wheels, versions, wrong)])


def test_an_index_that_does_not_answer_is_named(
    offline: Path, wheels: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PIP_NO_INDEX")
    monkeypatch.delenv("PIP_FIND_LINKS")
    # Nobody listens on the discard port.
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/simple")
    monkeypatch.setenv("PIP_RETRIES", "1")
    with pytest.raises(SystemExit, match="Connection refused"):
        setup_venv.install(offline, [lock_of(tmp_path, wheels, LOCKED)])


@pytest.mark.parametrize(
    ("variables", "kept"),
    [
        ({"PIP_INDEX_URL": "https://mirror/simple"}, {"index-url": "https://mirror/simple"}),
        ({"PIP_EXTRA_INDEX_URL": "https://a https://b"}, {"extra-index-url": "https://a https://b"}),
        ({"PIP_DEFAULT_TIMEOUT": "180"}, {"default-timeout": "180"}),
        ({"PIP_TARGET": "/tmp", "PIP_PYTHON": "/nowhere"}, {}),  # noqa: S108
    ],
)
def test_only_the_way_to_an_index_is_kept(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], kept: dict[str, str]
) -> None:
    for name in [name for name in os.environ if name.startswith("PIP_")]:
        monkeypatch.delenv(name)
    for name, value in {"PIP_CONFIG_FILE": os.devnull, **variables}.items():
        monkeypatch.setenv(name, value)
    assert pip.index_settings(Path(sys.executable)) == kept
