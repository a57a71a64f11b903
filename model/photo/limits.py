"""The limit on a photo's size: how much memory its decoding takes, estimated from its header.

Not pixels are dear but what a decoder holds: a baseline JPEG of 200 megapixels is reduced row by row and takes 30 MB; a
progressive one of 48 must be held whole until its last scan, 300 MB. The tests measure every format.
"""

from __future__ import annotations

import math

from .decode import strip_pixels
from .header import Header

MAX_DECODE_BYTES = 120_000_000
# Bytes for each pixel of a strip that is converted.
_STRIP = 11


def decode_bytes(header: Header, factor: int = 1) -> int:
    """Return the estimated bytes that decoding takes at its peak, reduced by ``factor``: 1, 2, 4 or 8."""
    pixels = header.width * header.height
    reduced = -(-header.width // factor) * -(-header.height // factor)
    decoded = reduced if header.scales else pixels
    decoding = header.fixed + header.decoding * decoded
    converting = header.image * decoded + 3 * reduced + _STRIP * strip_pixels(header.width, header.height)
    return math.ceil(header.copied + max(decoding, converting))


def refusal(header: Header, name: str, estimate: int, most: int) -> str:
    """Return the sentence for a photo whose decoding takes too much; ``name`` is its format."""
    size = f"{header.width:,} × {header.height:,} pixels"
    width = header.width * math.sqrt(most / estimate)
    rounded = max(1, int(width // 100 * 100) if width >= 200 else int(width))
    smaller = f"ake it at most {rounded} pixels wide"
    baseline = "a JPEG that is not progressive" if header.name else "a JPEG"
    way_out = f"M{smaller}" if header.scales and not header.fixed else f"Save it as {baseline}, or m{smaller}"
    return (
        f"Decoding this {header.name or name} of {size} would take about {estimate / 1e6:.0f} MB of memory, and a "
        f"photo may take {most / 1e6:g}. {way_out}, and try again."
    )
