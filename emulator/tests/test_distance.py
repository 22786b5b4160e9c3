# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A server that is far away."""

from __future__ import annotations

import asyncio
import time

from elvis_emulator.web.distance import Distance


def test_who_comes_while_others_are_answered_is_noticed_at_once() -> None:
    seen: list[str] = []
    distance = Distance(0.02)

    async def answer(name: str) -> None:
        await distance.cover()
        time.sleep(0.005)
        seen.append(name)

    async def serve() -> None:
        loop = asyncio.get_running_loop()
        loop.call_later(0.05, seen.append, "another one comes")
        await asyncio.gather(*(answer(f"answer {number}") for number in range(20)))

    asyncio.run(serve())
    assert len(seen) == 21
    assert seen[-1] != "another one comes"
