# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each kind of failure has a reason and an advice."""

from __future__ import annotations

from typing import get_args

from ansible_collections.damops.elvis.plugins.module_utils._elvis.advice import MEANINGS
from ansible_collections.damops.elvis.plugins.module_utils._errors import Kind


def test_every_kind_of_failure_says_what_to_do() -> None:
    assert set(MEANINGS) == set(get_args(Kind))
    assert [kind for kind, meaning in MEANINGS.items() if not meaning.advice.endswith(".")] == []
