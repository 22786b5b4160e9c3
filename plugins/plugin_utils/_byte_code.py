# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Keeps the byte code of the collection in the user's cache folder. Private to damops.elvis.

Ansible compiles the files of a collection anew in each run. Python keeps byte code beside a file, and judges it by the
file's date and size: an edited file could run as it was, and an installed collection would not stay as it is. Here each
file of byte code names the hash of its source (PEP 552).

Byte code is run unseen, so its folder must be the user's own, and nobody else may write to it or to a folder above it.
Without such a folder nothing is kept. Byte code that was installed beside the files is used if it names the hash, too.

Nothing but the standard library is imported: session_guard's process starts with this file.
"""

from __future__ import annotations

import contextlib
import marshal
import os
import sys
from collections.abc import Iterator, Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import SOURCE_SUFFIXES, FileFinder, ModuleSpec, SourceFileLoader
from importlib.util import MAGIC_NUMBER, source_hash
from types import CodeType, ModuleType

from ._private_folder import OPENS_FOLDER, cache_folder, private_folder, read, refuse_unsafe, write

CHECKED_BY_HASH = (0b11).to_bytes(4, "little")
"""The flags of PEP 552 for byte code that is compared with its source."""

_PLUGINS = __name__.rpartition(".plugin_utils.")[0]


@contextlib.contextmanager
def kept_byte_code() -> Iterator[None]:
    """Run a block that imports files of the collection: their byte code is kept where that is safe."""
    finder = _Finder()
    with contextlib.ExitStack() as stack:
        with contextlib.suppress(OSError):
            finder.cache = stack.enter_context(private_folder(cache_folder()))
        sys.meta_path.insert(0, finder)
        try:
            yield
        finally:
            sys.meta_path.remove(finder)
            finder.cache = None


class _Finder(MetaPathFinder):
    """Finds what is shared by the collection's plugins."""

    def __init__(self) -> None:
        self.cache: int | None = None
        self._finders: dict[str, FileFinder] = {}

    def find_spec(self, name: str, path: Sequence[str] | None, target: ModuleType | None = None) -> ModuleSpec | None:
        if not path or not name.startswith((f"{_PLUGINS}.module_utils.", f"{_PLUGINS}.plugin_utils.")):
            return None
        folder = path[0]
        if folder not in self._finders:
            self._finders[folder] = FileFinder(folder, (SourceFileLoader, SOURCE_SUFFIXES))
        spec = self._finders[folder].find_spec(name, target)
        if not (spec and spec.loader and spec.origin):
            # A folder has no loader of its own: it is that of Ansible.
            return None
        spec.loader = _Loader(self, name, spec.origin)
        return spec


class _Loader(SourceFileLoader):
    """Loads a file, from byte code where some belongs to it."""

    def __init__(self, finder: _Finder, fullname: str, path: str) -> None:
        super().__init__(fullname, path)
        self._finder = finder

    def get_code(self, fullname: str) -> CodeType:
        source = self.get_data(self.path)
        header = MAGIC_NUMBER + CHECKED_BY_HASH + source_hash(source)
        name = f"{fullname[len(_PLUGINS) + 1 :]}{_suffix()}"
        code = self._kept(name, header) or self._installed(header)
        if code is None:
            code = self.source_to_code(source, self.path)
            self._keep(name, header + marshal.dumps(code))
        return code

    def _kept(self, name: str, header: bytes) -> CodeType | None:
        """Return the byte code in the cache."""
        return None if self._finder.cache is None else self._read(self._finder.cache, name, header)

    def _keep(self, name: str, content: bytes) -> None:
        if self._finder.cache is not None and not sys.dont_write_bytecode:
            with contextlib.suppress(OSError):
                write(self._finder.cache, name, content)

    def _installed(self, header: bytes) -> CodeType | None:
        """Return the byte code that was installed with the collection."""
        folder, _slash, file = self.path.rpartition("/")
        try:
            # The folders above it are those of the source: who can write there can replace that, too.
            opened = os.open(f"{folder}/__pycache__", OPENS_FOLDER)
        except OSError:
            return None
        try:
            refuse_unsafe(opened)
            return self._read(opened, f"{file.removesuffix('.py')}{_suffix()}", header)
        except OSError:
            return None
        finally:
            os.close(opened)

    def _read(self, folder: int, name: str, header: bytes) -> CodeType | None:
        """Return the code in a file, None where it was not made of the source at this path."""
        try:
            content = read(folder, name)
            # Nobody else can have written it.
            code = marshal.loads(content[len(header) :]) if content.startswith(header) else None  # noqa: S302
        except (OSError, EOFError, TypeError, ValueError):
            return None
        # Another installation of the collection may have left it: a traceback would name that one's files.
        return code if isinstance(code, CodeType) and code.co_filename == self.path else None


def _suffix() -> str:
    """Return how the name of a file ends that holds byte code for this Python."""
    optimized = f".opt-{sys.flags.optimize}" if sys.flags.optimize else ""
    return f".{sys.implementation.cache_tag}{optimized}.pyc"
