# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The state of a server as records: in one file, or in a folder that outlives the process."""
