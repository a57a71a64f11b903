"""What is known of a picture file before it is decoded."""

from __future__ import annotations

from dataclasses import dataclass

# Photo programs write one segment per 8 kB or more, and a few dozen others; this leaves room.
PARTS, BYTES_A_PART = 4096, 1024


class TooManyParts(ValueError):
    """The file has more segments, chunks, scans or runs than any photo."""


class Incomplete(ValueError):
    """The end of the file is missing, and with it more of the picture than can be done without."""


@dataclass(frozen=True, slots=True)
class Header:
    """A picture file's header, and the part of the file that is to be decoded.

    The decoder gets neither notes nor profiles nor further pictures: what it does not get can take no time and no
    memory.
    """

    width: int  # Pixels, as stored: before EXIF orientation.
    height: int
    content: bytes  # What the decoder is given.
    decoding: float  # Bytes per decoded pixel that it takes at its peak …
    image: float  # … and that its picture takes afterwards.
    fixed: int = 0  # Bytes besides: the coefficients of a JPEG that must be read to its end first.
    copied: int = 0  # Bytes of ``content`` where it is a copy.
    scales: bool = False  # Whether the decoder itself reduces the picture, so that only reduced pixels count.
    orientation: int | None = None  # EXIF's, 1…8; None if the file does not say.
    oriented: bool = False  # Whether the file says which way is up by other means, which its decoder applies.
    truncated: bool = False  # Whether the end of the file is missing.
    name: str = ""  # What such a file is called in a sentence, where its format does not say enough.


def most_parts(data: bytes) -> int:
    """Return how many parts a photo of as many bytes may have."""
    return PARTS + len(data) // BYTES_A_PART
