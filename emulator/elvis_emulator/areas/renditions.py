# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Previews and thumbnails: real pictures, made of those uploads that are one, and of the first lines of texts."""

from __future__ import annotations

import io
import warnings
from dataclasses import dataclass
from functools import lru_cache

from aiohttp import web
from PIL import Image, ImageDraw

from elvis_emulator import unknowns
from elvis_emulator.server import Call
from elvis_emulator.store.asset import Asset
from elvis_emulator.store.files import StoredFile
from elvis_emulator.store.paths import clean_path
from elvis_emulator.web.errors import bad_request, not_found, not_logged_in

_FORMATS = {
    "jpg": ("JPEG", "image/jpeg"),
    "jpeg": ("JPEG", "image/jpeg"),
    "png": ("PNG", "image/png"),
    "gif": ("GIF", "image/gif"),
    "tif": ("TIFF", "image/tiff"),
    "tiff": ("TIFF", "image/tiff"),
}
# What a format may say besides; it is read, and makes no difference here.
_WITHOUT_EFFECT = frozenset({"page", "ppi", "embedMetadata", "embedColorProfile", "watermarked", "maxLength"})

# Of a picture that is opened. A few bytes can stand for gigabytes of them.
MAX_PIXELS = 25_000_000
MAX_SIDE = 10_000

# Of a text that is drawn.
PAPER = (600, 800)
LINES, LETTERS_IN_A_LINE = 50, 100
MAX_DRAWN = LINES * LETTERS_IN_A_LINE


@dataclass(frozen=True)
class Size:
    """How large a rendition may be, and its format."""

    width: int
    height: int
    extension: str
    quality: int = 85
    scale: float = 100


def preview(call: Call) -> web.Response:
    """GET /preview/ID, /preview/PATH, with /previews/FORMAT and /*/NAME behind it; documented by the vendor."""
    return _answer(call, "preview", unknowns.PREVIEW_SIDE)


def thumbnail(call: Call) -> web.Response:
    """GET /thumbnail/ID with /*/NAME behind it."""
    return _answer(call, "thumbnail", unknowns.THUMBNAIL_SIDE)


def picture(call: Call, asset: Asset, kind: str) -> web.Response:
    """The preview or the thumbnail of an asset, in the default size."""
    side = unknowns.PREVIEW_SIDE if kind == "preview" else unknowns.THUMBNAIL_SIDE
    return _rendition(call, asset, Size(side, side, "jpg"))


def as_bytes(asset: Asset, size: Size) -> bytes:
    """Return a rendition of an asset, or raise a 404 when there is none."""
    if not (asset.file and asset.document.has_picture):
        raise not_found("The asset has no preview")
    made = _made(asset.file, size, is_picture=asset.file.is_picture)
    if made is None:
        raise not_found("The asset has no preview")
    return made


def read_format(text: str, side: int) -> Size:
    """Read a format such as `maxWidth_256_maxHeight_200.jpg`; `preview.tiff` and the like is the default size."""
    stem, _dot, extension = text.rpartition(".")
    if extension.lower() not in _FORMATS:
        raise bad_request("Unknown format of a preview")
    parts = stem.split("_")
    if len(parts) == 1:
        return Size(side, side, extension.lower())
    given = dict(zip(parts[::2], parts[1::2], strict=False))
    known = {"maxWidth", "maxHeight", "quality", "scale"}
    if len(parts) % 2 or given.keys() - known - _WITHOUT_EFFECT:
        raise bad_request("Unknown format of a preview")
    numbers = {name: _number(given[name]) for name in known & given.keys()}
    limited = "maxWidth" in numbers or "maxHeight" in numbers
    return Size(
        width=int(numbers.get("maxWidth", MAX_SIDE if limited else side)),
        height=int(numbers.get("maxHeight", MAX_SIDE if limited else side)),
        extension=extension.lower(),
        quality=int(min(numbers.get("quality", 85), 100)),
        scale=min(numbers.get("scale", 100), 100),
    )


def _answer(call: Call, kind: str, side: int) -> web.Response:
    what, _star, name = call.variables[0].partition("/*/")
    place, previews, format_ = what.partition("/previews/")
    store = call.server.store
    asset = store.find(place.partition("/")[0]) if "/" not in place else None
    if not (
        call.session or (asset and call.server.secrets.fits(asset.id, call.parameters.text("requestSecret"), kind))
    ):
        raise not_logged_in()
    asset = asset or store.asset_at(clean_path(place))
    if asset is None:
        raise not_found(f"Asset not found: {place[:100]}")
    extension = name.rpartition(".")[2].lower()
    default = extension if extension in _FORMATS else "jpg"
    size = read_format(format_, side) if previews else Size(side, side, default)
    return _rendition(call, asset, size)


def _rendition(call: Call, asset: Asset, size: Size) -> web.Response:
    body = as_bytes(asset, size)
    call.server.journal.note("PREVIEW", asset.id, asset.path)
    headers = {"Content-Type": _FORMATS[size.extension][1]}
    if call.parameters.flag("forceDownload"):
        headers["Content-Disposition"] = "attachment"
    return web.Response(body=body, headers=headers)


@lru_cache(maxsize=64)
def _made(file: StoredFile, size: Size, is_picture: bool) -> bytes | None:
    """Make a rendition of a file, which never changes; None when it is not a picture after all."""
    try:
        with warnings.catch_warnings():
            # Of a broken file it says what it is missing; that is not a fault of this server.
            warnings.simplefilter("ignore")
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            image = _opened(file) if is_picture else _drawn(file)
        if image is None:
            return None
        factor = min(1.0, size.width / image.width, size.height / image.height, size.scale / 100)
        image = image.resize((max(1, round(image.width * factor)), max(1, round(image.height * factor))))
        made = io.BytesIO()
        image.save(made, _FORMATS[size.extension][0], quality=size.quality)
        return made.getvalue()
    except (OSError, ValueError, SyntaxError, EOFError, Image.DecompressionBombError, Image.DecompressionBombWarning):
        return None


def _opened(file: StoredFile) -> Image.Image | None:
    with file.open() as stream, Image.open(stream) as opened:
        return None if opened.width * opened.height > MAX_PIXELS else opened.convert("RGB")


def _drawn(file: StoredFile) -> Image.Image:
    """Draw the start of a text; a JavaScript client's tests ask for the preview of one."""
    image = Image.new("RGB", PAPER, "white")
    text = file.read(MAX_DRAWN).decode(errors="replace")
    lines = [line[:LETTERS_IN_A_LINE] for line in text.splitlines()[:LINES]]
    ImageDraw.Draw(image).text((20, 20), "\n".join(lines), fill="black")
    return image


def _number(text: str) -> float:
    if not (text.isascii() and text.isdigit() and 0 < int(text[:6]) <= MAX_SIDE):
        raise bad_request("Unknown format of a preview")
    return int(text[:6])
