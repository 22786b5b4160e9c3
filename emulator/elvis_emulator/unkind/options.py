# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The part of the command line that makes the server unkind."""

from __future__ import annotations

import argparse
import math
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from urllib.parse import urlsplit

from elvis_emulator import unknowns
from elvis_emulator.store.rules import StoreRules

CHAOS: Mapping[str, object] = MappingProxyType(
    {
        "index_delay": (0.2, 3.0),
        "public_url": "https://elvis.invalid:8443/dam",
        "write_replies": "mixed",
        "sorted_lists": True,
        "embed": "all",
        "checksum": "mixed",
        "busy": 0.05,
        "chunked": 0.5,
        "nodes": 2,
    }
)
"""What --chaos sets, unless the command line sets it itself."""

WRITE_REPLIES = ("complete", "id", "object", "empty")


@dataclass(frozen=True)
class Unkindness:
    """What happens to calls and replies, whatever they are about."""

    # None: the ids are random. All other chances are those of an empty seed.
    seed: str | None
    # The address that the server believes to have, prefix included.
    public_url: str | None
    write_replies: str
    sorted_lists: bool
    # The share of the calls that are refused, and that of the replies without their length; 0 to 1.
    busy: float
    chunked: float


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options that --chaos sets, but for those of the cluster."""
    group = parser.add_argument_group("unkindness")
    group.add_argument(
        "--chaos",
        metavar="SEED",
        help="be unkind in all these ways; the same seed means the same, and what is set besides stays as it is set",
    )
    group.add_argument(
        "--public-url",
        type=_address,
        metavar="URL",
        help="the address in hits, as behind a proxy; whole, with the prefix",
    )
    group.add_argument(
        "--write-replies",
        choices=(*WRITE_REPLIES, "mixed"),
        default="complete",
        help="what create, update and updatebulk answer: the asset, its id, {}, or nothing (default: %(default)s)",
    )
    group.add_argument(
        "--sorted-lists", action=argparse.BooleanOptionalAction, default=False, help="show lists of texts sorted"
    )
    group.add_argument(
        "--busy",
        type=_percent,
        default=0.0,
        metavar="PERCENT",
        help="refuse so many calls with 429 or 503 and Retry-After, or with errorcode 429",
    )
    group.add_argument(
        "--chunked",
        type=_percent,
        default=0.0,
        metavar="PERCENT",
        help="send so many replies without Content-Length, as some proxies do",
    )
    group.add_argument(
        "--index-delay",
        type=_delay,
        default=(0.0, 0.0),
        metavar="MS[-MS]",
        help="a search finds what was written only so long after it; of two numbers, a time between them, which "
        "differs by node",
    )
    group.add_argument(
        "--embed",
        nargs="?",
        choices=("none", "texts", "all"),
        default="none",
        const="texts",
        help="write texts into the stored files, so that a download is not the upload: into those of assets that have "
        "some, or into all",
    )
    group.add_argument(
        "--checksum",
        choices=("first", "latest", "mixed"),
        default=unknowns.CHECKSUM,
        help="whose firstExtractedChecksum is when a file is replaced (default: that of the %(default)s file)",
    )


def unkindness(given: argparse.Namespace) -> Unkindness:
    return Unkindness(
        seed=given.chaos,
        public_url=given.public_url,
        write_replies=given.write_replies,
        sorted_lists=given.sorted_lists,
        busy=given.busy,
        chunked=given.chunked,
    )


def store_rules(given: argparse.Namespace) -> StoreRules:
    return StoreRules(index_delay=given.index_delay, embeds=given.embed, checksum=given.checksum)


def _address(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.netloc or parts.query or parts.fragment:
        raise argparse.ArgumentTypeError("expected http://HOST or https://HOST, and a path at most")
    return text.rstrip("/")


def _percent(text: str) -> float:
    number = float(text)
    if not 0 <= number <= 100:
        raise argparse.ArgumentTypeError("expected 0 to 100")
    return number / 100


def _delay(text: str) -> tuple[float, float]:
    """Return seconds: the least, and the most."""
    least, dash, most = text.partition("-")
    low, high = float(least), float(most if dash else least)
    if not 0 <= low <= high < math.inf:
        raise argparse.ArgumentTypeError("expected milliseconds, or two numbers of them, the smaller one first")
    return low / 1000, high / 1000
