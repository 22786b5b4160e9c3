# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the modules need of Ansible that is not public, and may be gone in any release. Private to damops.elvis."""

from __future__ import annotations

from ansible.module_utils.basic import AnsibleModule


class OpenModule(AnsibleModule):
    """An Ansible module with public names for what it keeps to itself."""

    def take_params(self) -> None:
        """Change ``params`` before they are validated.

        Where Ansible calls it no more, it refuses what an action adds to them, and nothing is sent.
        """

    @property
    def shows_diff(self) -> bool:
        """Whether a person wants to see what changes; where that is not known, nobody sees it."""
        return bool(getattr(self, "_diff", False))

    @property
    def own_name(self) -> str:
        """The module's name, for messages."""
        return str(getattr(self, "_name", "this module"))

    def _load_params(self) -> None:
        super()._load_params()  # type: ignore[no-untyped-call]
        self.take_params()
