# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a real server, its cluster and its gateways do to a client, and a model has no need to."""
