# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Makes the import of the collection quick, from the moment this file is imported. Private to damops.elvis.

Ansible compiles the files of a collection anew in each run. Python itself keeps the byte code of what it imports in
``__pycache__`` beside the file and compiles again when the file has changed; so does it with the collection's own files
now. Where that folder can't be written, or Python is told not to, nothing is kept.

The garbage collector rests meanwhile. What is imported is not garbage, and Ansible has fifty thousand objects by then:
looking through them again and again would take a tenth of the time of the import and more.
"""

from __future__ import annotations

import functools
import gc
import sys
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import SOURCE_SUFFIXES, FileFinder, ModuleSpec, SourceFileLoader
from types import ModuleType

_PLUGINS = __name__.rpartition(".plugin_utils.")[0]


class KeepsByteCode(MetaPathFinder):
    """Finds what is shared by the collection's plugins, for Python's own loader."""

    def find_spec(self, name: str, path: Sequence[str] | None, target: ModuleType | None = None) -> ModuleSpec | None:
        if not path or not name.startswith((f"{_PLUGINS}.module_utils.", f"{_PLUGINS}.plugin_utils.")):
            return None
        spec = _finder(path[0]).find_spec(name, target)
        # A folder has no loader of its own: it is Ansible's.
        return spec if spec and spec.loader else None


@functools.cache
def _finder(folder: str) -> FileFinder:
    return FileFinder(folder, (SourceFileLoader, SOURCE_SUFFIXES))


def _keep_byte_code() -> None:
    """Find the collection before Ansible does, and where Ansible does: elsewhere, byte code is kept anyway."""
    for place, finder in enumerate(sys.meta_path):
        if type(finder).__module__.startswith("ansible.utils.collection_loader"):
            sys.meta_path.insert(place, KeepsByteCode())
            return


_was_at_work = gc.isenabled()
gc.disable()
_keep_byte_code()


def collect_again() -> None:
    """Let the garbage collector work again, as it did before this module was imported, on what will come."""
    gc.freeze()
    if _was_at_work:
        gc.enable()
