# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Two users, a search that lags, and processes that are killed: no file is lost, and no asset that nobody named.

The model is simple. A local file goes only when the server has its bytes as a version of the asset with its name, or
of one that had it. An asset goes only when the task named it, or when it has no counterpart for a mirror.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from unittest.mock import patch

from hypothesis import settings, strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from ansible_collections.damops.elvis.plugins.module_utils._elvis import client
from ansible_collections.damops.elvis.plugins.module_utils._elvis.gate import Gate
from ansible_collections.damops.elvis.plugins.module_utils._elvis.paths import pairing_key
from ansible_collections.damops.elvis.plugins.module_utils._operations.asset import OPERATION as ASSET
from ansible_collections.damops.elvis.plugins.module_utils._operations.upload import OPERATION as UPLOAD
from tests.support.operations import result_of
from tests.support.small_dam import URL, Asset, Clock, Failure, Killed, SmallDam, Wire

HERE = "/Zone/Inbox"
SESSION = {"server_url": URL, "auth_method": "bearer", "auth_token": "a-token-of-this-session", "username": "alice"}
NAMES = ("a.jpg", "sub/b.jpg")
CONTENTS = (b"one", b"two", b"three")
MEMORY = Path("/dev/shm")  # noqa: S108 - only a folder in it is used
A_DAY = 24 * 60 * 60
CALLS = ("unlink", "link", "rename", "replace", "mkdir")
"""What changes something on a disk, and so a moment at which a process may be killed."""

files = st.dictionaries(st.sampled_from(NAMES), st.sampled_from(CONTENTS), min_size=1)
names, contents = st.sampled_from(NAMES), st.sampled_from(CONTENTS)
# Others act, an answer is lost, or the process is killed, at a request or a file operation with this number.
moments = st.integers(1, 24)
others = st.dictionaries(moments, st.tuples(st.integers(0, 6), names, contents), max_size=3)
ends = st.sampled_from(("lost before", "lost after", "kill before", "kill after"))
fates = st.dictionaries(moments, ends, max_size=1)
kills = st.none() | st.tuples(st.integers(1, 8), st.booleans())


class LostFiles(RuleBasedStateMachine):
    """One folder here, one in the DAM, and what people and tasks do with both."""

    @initialize(
        lag=st.sampled_from((0.0, 1.0, 3.0)), checksum=st.sampled_from(("first", "latest")), embeds=st.booleans()
    )
    def begin(self, lag: float, checksum: str, embeds: bool) -> None:
        self.root = Path(tempfile.mkdtemp(dir=MEMORY if MEMORY.is_dir() else None))
        self.src, self.done = self.root / "src", self.root / "done"
        self.src.mkdir()
        self.done.mkdir()
        # The dates that the system itself keeps are behind, as those of files that are long there.
        self.clock = Clock(float(int(time.time())) + A_DAY)
        self.dam = SmallDam(self.clock, lag, checksum, embeds)
        self.mistakes: list[str] = []

    def teardown(self) -> None:
        if hasattr(self, "root"):
            shutil.rmtree(self.root)

    # --- What people do here

    @rule(name=names, content=contents, is_old=st.booleans())
    def write(self, name: str, content: bytes, is_old: bool) -> None:
        path = self.src / name
        if path.parent.is_symlink():
            return
        with contextlib.suppress(FileExistsError, NotADirectoryError):
            path.parent.mkdir(exist_ok=True)
            if path.is_symlink():
                path.unlink()
            path.write_bytes(content)
            moment = self.clock.now - (1000 if is_old else 0)
            os.utime(path, (moment, moment))

    def arrive(self, files: dict[str, bytes]) -> None:
        for name, content in files.items():
            self.write(name, content, False)

    @rule(name=names, content=contents)
    def rewrite_with_its_date(self, name: str, content: bytes) -> None:
        path = self.src / name
        if path.parent.is_symlink():
            return
        with contextlib.suppress(OSError):
            found = path.stat()
            path.write_bytes((content * 9 or b"x" * 9)[: found.st_size])
            os.utime(path, ns=(found.st_atime_ns, found.st_mtime_ns))

    @rule(name=names)
    def take_away(self, name: str) -> None:
        if (self.src / name).parent.is_symlink():
            return
        with contextlib.suppress(OSError):
            (self.src / name).unlink()

    @rule(leads_to=st.sampled_from(("nowhere", ".", "../done")))
    def put_a_link_for_the_folder(self, leads_to: str) -> None:
        folder = self.src / "sub"
        if folder.is_dir() and not folder.is_symlink():
            shutil.rmtree(folder)
        with contextlib.suppress(OSError):
            folder.symlink_to(leads_to)

    @rule()
    def take_the_link_away(self) -> None:
        if (self.src / "sub").is_symlink():
            (self.src / "sub").unlink()

    # --- What people do in the DAM

    @rule(name=names, content=contents)
    def store(self, name: str, content: bytes) -> None:
        with contextlib.suppress(Failure):
            asset = self.dam.at(f"{HERE}/{name}")
            if asset:
                self.dam.replace(asset, content)
            else:
                self.dam.create(f"{HERE}/{name}", content)

    @rule(name=names)
    def remove(self, name: str) -> None:
        asset = self.dam.at(f"{HERE}/{name}")
        if asset:
            self.dam.remove(asset)

    @rule(name=names, to=names)
    def rename(self, name: str, to: str) -> None:
        asset = self.dam.at(f"{HERE}/{name}")
        if asset and name != to:
            with contextlib.suppress(Failure):
                self.dam.move(asset, f"{HERE}/{to}")

    @rule(name=names)
    def revert(self, name: str) -> None:
        asset = self.dam.at(f"{HERE}/{name}")
        if asset:
            self.dam.replace(asset, asset.files[0])

    @rule(seconds=st.sampled_from((0.5, 1.5, 5.0, 100.0)))
    def wait(self, seconds: float) -> None:
        self.clock.wait(seconds)

    # --- What tasks do

    @rule(files=files)
    def store_all(self, files: dict[str, bytes]) -> None:
        """Nothing happens meanwhile, and the search knows of it by the end."""
        self.arrive(files)
        options: dict[str, Any] = {"src": str(self.src), "path": HERE, "concurrency": 1}
        self.run(UPLOAD, options, self.may_not, {}, {}, None)
        self.clock.wait(100)

    @rule(name=names, content=contents, is_removed=st.booleans(), uploaded=st.sampled_from(("remove", "move")))
    def change_the_dam_and_empty_the_folder(self, name: str, content: bytes, is_removed: bool, uploaded: str) -> None:
        """The search does not know yet what somebody has just done."""
        if is_removed:
            self.remove(name)
        else:
            self.store(name, content)
        options: dict[str, Any] = {"src": str(self.src), "path": HERE, "concurrency": 1, "uploaded": uploaded}
        if uploaded == "move":
            options["move_to"] = str(self.done)
        self.run(UPLOAD, options, self.may_not, {}, {}, None)

    @rule(
        files=files,
        uploaded=st.sampled_from(("keep", "remove", "move")),
        existing=st.sampled_from(("update", "update", "keep", "newer")),
        checksum=st.booleans(),
        delete=st.booleans(),
        others=others,
        fates=fates,
        kill=kills,
    )
    def upload(
        self,
        files: dict[str, bytes],
        uploaded: str,
        existing: str,
        checksum: bool,
        delete: bool,
        others: dict[int, tuple[int, str, bytes]],
        fates: dict[int, str],
        kill: tuple[int, bool] | None,
    ) -> None:
        options: dict[str, Any] = {"src": str(self.src), "path": HERE, "concurrency": 1, "existing": existing}
        options |= {"uploaded": uploaded, "checksum": checksum}
        self.arrive(files)
        if uploaded == "move":
            options["move_to"] = str(self.done)
        elif uploaded == "keep" and delete:
            options |= {"delete": True, "max_delete": "100%"}
        self.run(UPLOAD, options, self.may_mirror if options.get("delete") else self.may_not, others, fates, kill)

    @rule(name=names, by_id=st.booleans(), others=others, fates=fates)
    @precondition(lambda self: self.dam.assets)
    def remove_with_a_task(
        self, name: str, by_id: bool, others: dict[int, tuple[int, str, bytes]], fates: dict[int, str]
    ) -> None:
        path = f"{HERE}/{name}"
        asset = self.dam.at(path)
        options: dict[str, Any] = {"path": path, "state": "absent"}
        if by_id and asset:
            options = {"id": asset.id, "state": "absent"}
        wanted = options.get("id")

        def may(removed: Asset) -> str | None:
            is_it = removed.id == wanted if wanted else removed.path == path
            return None if is_it else f"{removed.path} was removed, and the task named {options}"

        self.run(ASSET, options, may, others, fates, None)

    # --- The model

    def may_not(self, removed: Asset) -> str | None:
        return f"{removed.path} was removed, and no task named it"

    def may_mirror(self, removed: Asset) -> str | None:
        """Return why a mirror must not have removed an asset."""
        if not removed.path.startswith(f"{HERE}/"):
            return f"{removed.path} was removed, and lies outside"
        place = self.src
        for segment in removed.path.removeprefix(f"{HERE}/").split("/"):
            if place != self.src and (place.is_symlink() or not any(one.is_file() for one in place.rglob("*"))):
                return f"{removed.path} was removed, and {place} is no folder with a file"
            there = [one for one in place.iterdir() if pairing_key(one.name) == pairing_key(segment)]
            if not there:
                return None
            place = there[0]
        return f"{removed.path} was removed, and {place} is here"

    def may_go(self, path: Path) -> str | None:
        """Return why a local file must not go."""
        relative = path.relative_to(self.src)
        content = path.read_bytes()
        if any(asset.holds(f"{HERE}/{relative}", content) for asset in self.dam.assets.values()):
            return None
        return f"{relative} with {content!r} went, and no asset of that name has it"

    # --- How a task is run

    def run(
        self,
        operation: Any,
        options: dict[str, Any],
        may_remove: Callable[[Asset], str | None],
        others: dict[int, tuple[int, str, bytes]],
        fates: dict[int, str],
        kill: tuple[int, bool] | None,
    ) -> None:
        disk = Disk(self, kill)
        before = self.put_away()

        def decide(number: int) -> str:
            disk.check_alive()
            if number in others:
                self.note_overwritten(before)
                with disk.by_people():
                    self.act(*others[number])
                # Where a task was killed while it put a file away, the file has two names, and people write to both.
                before.update(self.put_away())
            fate = fates.get(number, "pass")
            disk.is_dead = fate.startswith("kill")
            return fate

        def look(asset: Asset) -> None:
            mistake = may_remove(asset)
            if mistake:
                self.mistakes.append(mistake)

        self.dam.removed = look
        wire = Wire(self.dam, self.clock, decide)
        wired = patch.object(client, "kept_transport", lambda *_: wire)
        with contextlib.suppress(Killed), disk.patched(), self.clocked(), wired:
            result = result_of(operation, session=SESSION, tell=lambda _line: None, **options)
            assert result.get("reason") != "internal", result
        self.note_overwritten(before)
        assert self.mistakes == []

    def put_away(self) -> dict[Path, bytes]:
        """Return the files that tasks have put away, and what is in them."""
        return {path: path.read_bytes() for path in self.done.rglob("*") if path.is_file()}

    def note_overwritten(self, before: dict[Path, bytes]) -> None:
        """Take note of the files that were put away before and are another one now."""
        for path, content in before.items():
            if not path.is_file() or path.read_bytes() != content:
                self.mistakes.append(f"{path} was overwritten")

    @contextlib.contextmanager
    def clocked(self) -> Iterator[None]:
        clock = self.clock
        with (
            patch.object(time, "time", clock.read),
            patch.object(time, "monotonic", clock.read),
            patch.object(time, "sleep", clock.wait),
            patch.object(Gate, "pause", lambda _gate, seconds: clock.wait(seconds)),
            patch.object(Gate, "go_through", lambda _gate: None),
        ):
            yield

    def act(self, kind: int, name: str, content: bytes) -> None:
        """Do what somebody else does while a task runs."""
        acts: list[Callable[[], object]] = [
            lambda: self.write(name, content, False),
            lambda: self.rewrite_with_its_date(name, content),
            lambda: self.put_a_link_for_the_folder("../done"),
            lambda: self.store(name, content),
            lambda: self.remove(name),
            lambda: self.rename(name, NAMES[NAMES[0] == name]),
            lambda: self.revert(name),
        ]
        acts[kind]()


class Disk:
    """The file operations of one task: each is watched, and one of them may be its last.

    :param kill: the number of that one, and whether it is done before
    """

    def __init__(self, machine: LostFiles, kill: tuple[int, bool] | None) -> None:
        self._machine = machine
        self._kill = kill
        self._number = 0
        self._is_free = False
        self.is_dead = False

    def check_alive(self) -> None:
        if self.is_dead:
            raise Killed

    @contextlib.contextmanager
    def by_people(self) -> Iterator[None]:
        """Let people do what they want."""
        self._is_free = True
        try:
            yield
        finally:
            self._is_free = False

    @contextlib.contextmanager
    def patched(self) -> Iterator[None]:
        with contextlib.ExitStack() as patches:
            for name in CALLS:
                patches.enter_context(patch.object(os, name, self._watched(name, getattr(os, name))))
            yield

    def _watched(self, name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def call(path: Any, *arguments: Any, **options: Any) -> Any:
            if self._is_free:
                return real(path, *arguments, **options)
            self.check_alive()
            self._number += 1
            is_last = self._kill is not None and self._kill[0] == self._number
            if is_last and not (self._kill and self._kill[1]):
                self.is_dead = True
                raise Killed
            if name == "unlink":
                self._look(path, options.get("dir_fd"))
            done = real(path, *arguments, **options)
            if is_last:
                self.is_dead = True
                raise Killed
            return done

        return call

    def _look(self, name: Any, folder: int | None) -> None:
        above = os.readlink(f"/proc/self/fd/{folder}") if folder is not None else ""  # noqa: PTH115
        path = Path(above, os.fsdecode(name))
        if path.name.startswith(".elvis-") or not path.is_relative_to(self._machine.src):
            return
        mistake = self._machine.may_go(path)
        if mistake:
            self._machine.mistakes.append(mistake)


TestLostFiles = LostFiles.TestCase
TestLostFiles.settings = settings(stateful_step_count=20)
