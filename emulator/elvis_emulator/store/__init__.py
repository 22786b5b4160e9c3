# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the server holds, and what finds it: assets, folders, their fields, the search."""
