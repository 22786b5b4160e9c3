# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""How far away the server is."""

from __future__ import annotations

import asyncio


class Distance:
    """The way between client and server.

    :param seconds: for the way there and back
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._turn = asyncio.Lock()

    async def cover(self) -> None:
        """Wait as long as a request and its reply are on their way."""
        if not self._seconds:
            return
        await asyncio.sleep(self._seconds)
        # Requests that came together go on one by one, with a look at the network in between. Else, the way of what
        # comes meanwhile would begin only when all of these are answered, and from then on all would go in step.
        async with self._turn:
            await asyncio.sleep(0)
