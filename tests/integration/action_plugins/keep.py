# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes registered variables to a file: there they are whole, whatever the output hides."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from ansible.plugins.action import ActionBase


class ActionModule(ActionBase):
    """A copy of its own, which takes no process and no connection."""

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        super().run(tmp, task_vars)
        content = self._task.args["content"]
        # Older templating makes data of a text that looks like it.
        text = content if isinstance(content, str) else json.dumps(content)
        Path(self._task.args["dest"]).write_text(text, encoding="utf-8")
        return {"changed": False}
