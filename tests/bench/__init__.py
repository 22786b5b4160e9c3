# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Measures what tasks of the collection cost, beside what others cost: ``make bench``."""
