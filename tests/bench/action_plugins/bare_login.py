# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The least that an action can do which logs in by requests: no checks, nothing hidden, no errors told."""

from __future__ import annotations

from typing import Any

import requests
from ansible.plugins.action import ActionBase


class ActionModule(ActionBase):
    """Sends the form `user` to `url`."""

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        super().run(tmp, task_vars)
        address = f"{self._task.args['url']}/services/apilogin"
        answer = requests.post(address, data=dict(self._task.args["user"]), timeout=60).json()
        return {"changed": True, "session": answer["authToken"]}
