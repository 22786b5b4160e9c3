# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Makes the import of the collection quick. Private to damops.elvis."""

from __future__ import annotations

import contextlib
import gc
from collections.abc import Iterator

from ._byte_code import kept_byte_code


@contextlib.contextmanager
def quick_imports() -> Iterator[None]:
    """Run a block that imports files of the collection, and leave Python as it was, whatever becomes of the imports.

    Byte code is kept, and the garbage collector rests. What is imported is not garbage, and Ansible has fifty thousand
    objects by then: looking through them again and again would take a tenth of the time of the import and more.
    """
    was_at_work = gc.isenabled()
    gc.disable()
    try:
        with kept_byte_code():
            yield
        gc.freeze()
    finally:
        if was_at_work:
            gc.enable()
