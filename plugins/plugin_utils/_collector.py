# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Lets the garbage collector rest while the collection is imported. Private to damops.elvis.

What is imported is not garbage, and Ansible has fifty thousand objects by then: looking through them again and again
would take a tenth of the time of the import and more.
"""

from __future__ import annotations

import gc

_was_at_work = gc.isenabled()
gc.disable()


def collect_again() -> None:
    """Let it work again, as it did before this module was imported."""
    if _was_at_work:
        gc.enable()
