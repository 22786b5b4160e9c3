# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Takes back wrong changes of metadata, in the playbook process."""

from __future__ import annotations

from ..plugin_utils._imports import quick_imports

with quick_imports():
    from ..module_utils._operations.metadata_restore import OPERATION
    from ..plugin_utils._action import ElvisAction


class ActionModule(ElvisAction):
    OPERATION = OPERATION
