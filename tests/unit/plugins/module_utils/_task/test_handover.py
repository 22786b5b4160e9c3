# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""How a module's result reaches its action whole."""

from __future__ import annotations

import string

import pytest
from ansible.module_utils.common.parameters import remove_values

from ansible_collections.damops.elvis.plugins.module_utils._task.handover import unwrap, wrap

RESULT = {"changed": True, "session": {"auth_token": "elvis-1-a", "username": "älice \U0001f600"}, "status": None}


def test_a_result_comes_out_as_it_went_in() -> None:
    assert unwrap(wrap(RESULT)) == RESULT


@pytest.mark.parametrize("password", ["a", "1", "elvis", '"', ":", "session", *string.punctuation])
def test_no_password_damages_what_is_handed_over(password: str) -> None:
    travelled = remove_values({"result": wrap(RESULT)}, [password])
    assert unwrap(travelled["result"]) == RESULT


@pytest.mark.parametrize("damaged", ["", "{}", "plain text", wrap(RESULT)[:-1], "\ue000"])
def test_what_was_not_wrapped_is_refused(damaged: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - any of it
        unwrap(damaged)
