# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What every module of the collection can do."""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options: {}
attributes:
  check_mode:
    description: Runs in C(check_mode) and predicts whether it would change something, without changing it.
    support: full
  diff_mode:
    description: Returns details on what has changed, or would change in C(check_mode), when in diff mode.
    support: none
  action_group:
    description: Use C(group/damops.elvis.elvis) in C(module_defaults) to set defaults for this module.
    support: full
    membership:
      - damops.elvis.elvis
  async:
    description: Supports being used with the C(async) keyword.
    support: full
"""
