# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Failures as people meet them: the tasks that fail, what they fail at, and what a screen shows of them."""
