# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""How long the work between login and logout takes: the collection, PowerShell's loops, a bare client, curl.

Each has a server of its own, and they take turns. Of each whole program its own start is taken off: what it takes to
log in and out. The ratios count; where there is no PowerShell, its rows are left out.
"""
