# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The option of the modules that write, for servers whose searches lag."""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  index_wait:
    description:
      - How many seconds, at most, a task that wrote something waits at its end until the server shows it.
      - The searches of a server may lag. A later task compares with what a search finds, so it could take the state
        before these writes for the present one, and change too little or too much.
      - The task looks for its last writes with one search. On a server that does not lag, nothing is waited for.
      - A search may show a text shortened, in other letter case or with other blanks, although the reply to the write
        showed the whole text. The task gives one warning, which names up to three such texts. It checks only its last
        writes, and writes to fields in which the search showed such a form of the text before.
      - V(0) does not look, and does not wait. When the seconds are over, the task gives one warning.
      - Nothing is waited for in check mode, and when the session, the server or the time of the task is gone.
      - The task does not know of the writes of M(damops.elvis.elvis_request) or of other clients, and waits for none of
        them.
      - After an answer was lost, the task looks whether the write was stored. It looks for 10 seconds, or for
        O(index_wait), whichever is longer.
    type: float
    default: 10
"""
