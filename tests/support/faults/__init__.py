# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""All that can go wrong between a task and its server: the calls, the servers, and the table of what comes of it."""
