"""The boxes of HEIC and AVIF files (ISO/IEC 23008-12, in the boxes of 14496-12): size, sampling, whether it is turned.

Decoders reserve memory for the size that is coded in the picture, not for the one that the file states: libheif
compares the two before, libavif afterwards. So the sequence headers of AVIF are read, too. Notes, and the film of a
picture that moves, are hidden from the decoder: Pillow would parse all EXIF data of an AVIF and take the first image
from the film, and pi-heif crashes on notes that are damaged.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from .av1 import frame_sizes
from .exif import orientation_of
from .header import Header, TooManyParts

MOST_BOXES, MOST_PARTS = 10_000, 4096

# Bytes a pixel as measured: RGB of libheif beside the planes; RGB of libavif, the picture that Pillow makes of it, and
# more than the planes.
_HEIC_RGB, _AVIF_RGB, _AVIF_PLANES = 3.0, 7.0, 1.6
# Samples a pixel, by HEVC's chroma_format_idc.
_SAMPLES = (1.0, 1.5, 2.0, 3.0)
# The boxes that hold boxes, and how many bytes of theirs come before these.
_PARENTS = {b"meta": 4, b"iprp": 0, b"ipco": 0, b"iref": 4}
_MOST_EXIF = 65_536  # Bytes of EXIF data that are looked at.

Box = tuple[bytes, int, int]  # Type, start and end of its content.


@dataclass(slots=True)
class _Found:
    """What the boxes say."""

    sizes: list[tuple[int, int]] = field(default_factory=list)  # (width, height) of all pictures.
    samples: float = 1.5  # A pixel.
    deep: bool = False  # Whether a sample has more than 8 bits.
    alpha: bool = False
    oriented: bool = False  # Whether the file says which way is up; the decoder applies it.
    hidden: dict[int, bytes] = field(default_factory=dict)  # What is written over four bytes, and where.
    kinds: dict[int, bytes] = field(default_factory=dict)  # Of those items that have AV1 or EXIF data.
    inside: int = 0  # Where the data inside the meta box start.
    locations: Box | None = None  # The box that says where each item's data are.


def read_header(data: bytes, kind: str) -> Header:
    """Read the header of a "HEIC" or "AVIF" file.

    Raises TooManyParts, and ValueError for a file that is damaged or has no picture.
    """
    found = _Found()
    for name, start, stop in _boxes(data, 0, len(data), iter(range(MOST_BOXES))):
        _read_box(found, data, name, start, stop)
    if not found.sizes:
        raise ValueError("no picture in it")
    for item, first, last in _places(found, data):
        if found.kinds[item] == b"av01":
            found.sizes += frame_sizes(memoryview(data)[first:last])
        else:
            found.oriented = found.oriented or _notes_orientation(data[first : min(last, first + _MOST_EXIF)])
    width, height = max(found.sizes, key=lambda size: size[0] * size[1])
    if not width or not height:
        raise ValueError("no pixels")
    planes = found.samples * (2 if found.deep else 1) + found.alpha
    if kind == "HEIC" and (found.deep or found.samples > 1.5):
        # libheif converts these in two steps.
        planes += found.samples
    decoding = _HEIC_RGB + planes if kind == "HEIC" else _AVIF_RGB + _AVIF_PLANES * planes
    content = bytearray(data)
    for place, text in found.hidden.items():
        content[place : place + 4] = text
    return Header(
        width,
        height,
        bytes(content),
        decoding + (2 if found.alpha else 0),
        4 if kind == "AVIF" or found.alpha else 3,
        copied=len(content),
        oriented=found.oriented,
    )


def _boxes(data: bytes, start: int, stop: int, left: Iterator[int]) -> Iterator[Box]:
    """Yield the boxes between two places, and those inside them; ``left`` counts down."""
    while start + 8 <= stop:
        if next(left, None) is None:
            raise TooManyParts
        size, name, body = (
            int.from_bytes(data[start : start + 4], "big"),
            data[start + 4 : start + 8],
            start + 8,
        )
        if size == 1:
            size, body = int.from_bytes(data[start + 8 : start + 16], "big"), start + 16
        end = stop if size == 0 else start + size
        if not body <= end:
            raise ValueError("a broken box")
        end = min(end, stop)
        yield name, body, end
        if name in _PARENTS:
            yield from _boxes(data, body + _PARENTS[name], end, left)
        elif name == b"iinf":
            yield from _boxes(data, body + (6 if data[body : body + 1] == b"\0" else 8), end, left)
        start = end


def _read_box(found: _Found, data: bytes, name: bytes, start: int, stop: int) -> None:
    body = data[start : min(stop, start + 64)]
    if name in (b"moov", b"cdsc"):
        found.hidden[start - 4] = b"skip"
    elif name == b"ftyp":
        found.hidden |= {at: b"avif" for at in range(start, stop - 3, 4) if data[at : at + 4] == b"avis"}
    elif name == b"infe" and len(body) >= 12 and body[0] in (2, 3):
        wide = 4 if body[0] == 3 else 2
        if (kind := body[6 + wide : 10 + wide]) in (b"av01", b"Exif"):
            found.kinds[int.from_bytes(body[4 : 4 + wide], "big")] = kind
    elif name == b"ispe" and len(body) >= 12:
        found.sizes.append((int.from_bytes(body[4:8], "big"), int.from_bytes(body[8:12], "big")))
    elif name == b"hvcC" and len(body) >= 19:
        found.samples = max(found.samples, _SAMPLES[body[16] & 3])
        found.deep = found.deep or body[17] & 7 > 0
    elif name == b"av1C" and len(body) >= 4:
        horizontal, vertical = body[2] >> 3 & 1, body[2] >> 2 & 1
        found.samples = max(found.samples, 1 + 2 / ((1 + horizontal) * (1 + vertical)))
        found.deep = found.deep or bool(body[2] & 0x40)
    elif name == b"auxC":
        found.alpha = found.alpha or b"alpha" in body or b"auxid:1" in body
    elif name in (b"irot", b"imir"):
        found.oriented = True
    elif name == b"idat":
        found.inside = start
    elif name == b"iloc":
        found.locations = name, start, stop


def _notes_orientation(notes: bytes) -> bool:
    """Return whether EXIF data, behind the four bytes that say where they start, have an orientation."""
    return orientation_of(notes[4 + int.from_bytes(notes[:4], "big") :]) is not None


def _places(found: _Found, data: bytes) -> Iterator[tuple[int, int, int]]:
    """Yield the item, start and end of all AV1 and EXIF data, by the box "iloc" in its versions 0 to 2."""
    if found.locations is None:
        return
    _, place, stop = found.locations
    version = data[place]
    sizes = [data[place + 4] >> 4, data[place + 4] & 15, data[place + 5] >> 4, data[place + 5] & 15]
    place += 6

    def number(size: int) -> int:
        nonlocal place
        if place + size > stop:
            raise ValueError("a broken list of places")
        place += size
        return int.from_bytes(data[place - size : place], "big")

    wide = 4 if version == 2 else 2
    items = number(wide)
    if items > MOST_PARTS:
        raise TooManyParts
    for _ in range(items):
        item = number(wide)
        inside = version > 0 and number(2) & 15 == 1
        number(2)
        base = number(sizes[2]) + (found.inside if inside else 0)
        extents = number(2)
        if extents > MOST_PARTS:
            raise TooManyParts
        for _ in range(extents):
            number(sizes[3] if version > 0 else 0)
            first, length = base + number(sizes[0]), number(sizes[1])
            if item in found.kinds:
                yield item, first, first + length if length else len(data)
