# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Many assets moved, given back or removed, in the playbook process."""

from __future__ import annotations

from ..plugin_utils._imports import quick_imports

with quick_imports():
    from ..module_utils._operations.asset_bulk import OPERATION
    from ..plugin_utils._action import ElvisAction


class ActionModule(ElvisAction):
    OPERATION = OPERATION
