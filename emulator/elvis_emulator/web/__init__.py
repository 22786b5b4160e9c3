# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What speaks HTTP: the server, the parameters of a call, the reply of a failure."""
