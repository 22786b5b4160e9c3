# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Makes one term of an Elvis query of a text."""

from __future__ import annotations

DOCUMENTATION = r"""
name: query_term
short_description: Makes one term of an Elvis query of a text
version_added: 0.2.0
author:
  - the damops.elvis authors (@damops)
description:
  - Returns the text in double quotes, with a backslash before each character that is a sign of Elvis' query language.
  - Use it for each value that comes from a variable, a survey, a file or a person. Without it, a value such as
    V(x OR *) or one with a quote in it changes what the query finds.
  - Elvis searches words. A term with several words finds them side by side, in a field that may hold more.
positional: _input
options:
  _input:
    description:
      - The text, or a number. An empty text, V(<) and V(>) are refused, because no query can hold them.
    type: str
    required: true
seealso:
  - module: damops.elvis.elvis_asset_info
  - module: damops.elvis.elvis_metadata
  - module: damops.elvis.elvis_download
"""

EXAMPLES = r"""
- name: Find the assets that a person has checked out
  damops.elvis.elvis_asset_info:
    session: "{{ elvis.session }}"
    query: "checkedOutBy:{{ person | damops.elvis.query_term }}"

- name: Find the pictures of a folder that are approved
  damops.elvis.elvis_asset_info:
    session: "{{ elvis.session }}"
    query: >-
      ancestorPaths:{{ folder | damops.elvis.query_term }}
      AND assetDomain:image AND status:{{ status | damops.elvis.query_term }}
"""

RETURN = r"""
_value:
  description: The term, in double quotes.
  type: str
  sample: '"\/Demo Zone\/Inbox"'
"""

from collections.abc import Callable
from typing import Any

from ansible.errors import AnsibleFilterError

from ..module_utils._dam.query import quoted, unwritable_in
from ..module_utils._text import escaped


def query_term(value: Any) -> str:
    """Return a text as one quoted term of a query.

    :raises AnsibleFilterError: when it can't be one
    """
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        raise AnsibleFilterError(f"damops.elvis.query_term takes one text or number, not a {type(value).__name__}.")
    text = str(value)
    if not text.strip():
        raise AnsibleFilterError("damops.elvis.query_term got an empty text, which is no term of a query.")
    sign = unwritable_in(text)
    if sign:
        raise AnsibleFilterError(
            f"damops.elvis.query_term got {escaped(text)}, and no query can hold the sign {sign}. Leave it out."
        )
    return quoted(text)


class FilterModule:
    """The filter, for Ansible."""

    def filters(self) -> dict[str, Callable[[Any], str]]:
        return {"query_term": query_term}
