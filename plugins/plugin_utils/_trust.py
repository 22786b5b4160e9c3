# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reads whom the tasks of a playbook trust, before workers are forked for them. Private to damops.elvis."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping

from ansible.module_utils.parsing.convert_bool import boolean

from ..module_utils._errors import CallFailure
from ..module_utils._http.transport import IMPORT_ERROR
from ..module_utils._http.trust import TlsOptions, tls_context
from ..module_utils._task.arguments import CONNECTION_ARGUMENTS
from ..module_utils._task.environment import resolve


def read_trust(environment: Mapping[str, str]) -> None:
    """Make the TLS context of a task that leaves it to the environment whom to trust; its worker inherits it.

    A file that can't be used is for that task to complain of.
    """
    options = resolve({}, {"server_url", *CONNECTION_ARGUMENTS}, environment).options
    speaks_tls = not str(options.get("server_url", "https:")).startswith("http:")
    verifies = boolean(options.get("validate_certs", True), strict=False)
    if IMPORT_ERROR is None and speaks_tls and verifies:
        with contextlib.suppress(CallFailure):
            tls_context(TlsOptions(ca_path=options.get("ca_path")))
