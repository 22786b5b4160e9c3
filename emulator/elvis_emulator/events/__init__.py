# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What happened on the server: the record of it, and the webhooks that hear of it."""
