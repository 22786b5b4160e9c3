# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""elvis_login, with a profile of what it does in the worker."""

from __future__ import annotations

import cProfile
import os
from pathlib import Path
from typing import Any

from ansible_collections.damops.elvis.plugins.action import elvis_login


class ActionModule(elvis_login.ActionModule):
    """Writes the profile into the folder that the variable profile_folder names."""

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        assert task_vars is not None
        profile = cProfile.Profile()
        result: dict[str, Any] = profile.runcall(super().run, tmp, task_vars)
        profile.dump_stats(Path(task_vars["profile_folder"]) / str(os.getpid()))
        return result
