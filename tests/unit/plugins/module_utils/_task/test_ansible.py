# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a module uses of Ansible that is not public: the releases that have it, and what happens without it.

Each name is there from ansible-core 2.16 to 2.22.
"""

from __future__ import annotations

import pytest
from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.common.parameters import PASS_VARS

from ansible_collections.damops.elvis.plugins.module_utils._task._ansible import OpenModule

NAMES = {
    "_load_params": lambda: hasattr(AnsibleModule, "_load_params"),
    "_diff": lambda: PASS_VARS["diff"][0] == "_diff",
    "_name": lambda: PASS_VARS["module_name"][0] == "_name",
}


@pytest.mark.parametrize("name", NAMES)
def test_this_release_has_the_name(name: str) -> None:
    """When one fails, a release has let it go: what happens then stands beside its use."""
    assert NAMES[name]()


def test_without_the_names_a_module_knows_less() -> None:
    bare = OpenModule.__new__(OpenModule)

    assert bare.shows_diff is False
    assert bare.own_name == "this module"
