# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""An Elvis / Assets Server to test against: `elvis-emulator serve`."""
