# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options of the modules that send several requests at a time."""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  concurrency:
    description:
      - How many connections work at a time, from 1 to 16. All of them use one session, which is one licence seat.
    type: int
    default: 4
  process_timeout:
    description:
      - Seconds that the server may work on a request after its last byte.
      - For as long a request also waits for its turn when a gateway allows only so many a second and answers 429, or
        503 with C(Retry-After). All connections wait then for as long as it asks, and O(retries) does not count that.
    type: float
    default: 300
"""
