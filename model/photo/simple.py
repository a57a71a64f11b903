"""The headers of WebP, GIF and BMP."""

from __future__ import annotations

from .exif import orientation_of
from .header import Header, TooManyParts, most_parts

# Bytes a pixel that the decoders were measured to take at their peak.
_WEBP_LOSSY, _WEBP_LOSSLESS, _WEBP_ALPHA, _WEBP_ANIMATED = 6.2, 7.2, 2.5, 16.2
_VP8X_ANIMATED, _VP8X_ALPHA = 0x02, 0x10

_GIF_HEAD, _GIF_COLOURS = 13, 0x80
_EXTENSION, _IMAGE, _CONTROL = 0x21, 0x2C, 0xF9

_BMP_SIZES = (12, 40, 52, 56, 64, 108, 124)
# Pillow unpacks run-length-encoded pixels in Python.
MOST_RUN_BYTES, MOST_RUN_PIXELS = 500_000, 4_000_000


def read_webp(data: bytes) -> Header:
    """Read a WebP's header; the layout of the three types of first chunk is that of RFC 9649.

    Raises ValueError if it is damaged.
    """
    kind = data[12:16]
    if len(data) < 30:
        raise ValueError("too short")
    decoding = _WEBP_LOSSY
    image = 3
    if kind == b"VP8X":
        width, height = int.from_bytes(data[24:27], "little") + 1, int.from_bytes(data[27:30], "little") + 1
        image = 4 if data[20] & _VP8X_ALPHA else 3
        lossless = b"VP8L" in data[30:64]
        decoding = (_WEBP_LOSSLESS if lossless else _WEBP_LOSSY) + (_WEBP_ALPHA if image == 4 else 0)
        if data[20] & _VP8X_ANIMATED:
            decoding, image = _WEBP_ANIMATED, 4
    elif kind == b"VP8L" and data[20] == 0x2F:
        bits = int.from_bytes(data[21:25], "little")
        width, height = (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
        alpha = bits >> 28 & 1
        decoding, image = _WEBP_LOSSLESS + alpha * _WEBP_ALPHA, 3 + alpha
    elif kind == b"VP8 ":
        width, height = (int.from_bytes(data[place : place + 2], "little") & 0x3FFF for place in (26, 28))
    else:
        raise ValueError("an unknown first chunk")
    return Header(width, height, data, decoding, image, orientation=orientation_of(_webp_exif(data)))


def is_animated(data: bytes) -> bool:
    """Return whether a WebP file's header has the animation flag."""
    return data[12:16] == b"VP8X" and len(data) > 20 and bool(data[20] & _VP8X_ANIMATED)


def _webp_exif(data: bytes) -> bytes:
    """Return a WebP's EXIF chunk, or nothing."""
    place = 12
    for _ in range(most_parts(data)):
        size = int.from_bytes(data[place + 4 : place + 8], "little")
        if data[place : place + 4] == b"EXIF":
            return data[place + 8 : place + 8 + size]
        # Chunks start at even offsets.
        place += 8 + size + size % 2
        if place + 8 > len(data):
            break
    return b""


def read_gif(data: bytes) -> Header:
    """Read a GIF's blocks up to its first image, which alone goes to the decoder.

    Pillow joins comments block by block. Raises TooManyParts, and ValueError if there is no image.
    """
    if len(data) < _GIF_HEAD:
        raise ValueError("too short")
    place = _GIF_HEAD + _colours(data[10])
    colours, control = data[_GIF_HEAD:place], b""
    for _ in range(most_parts(data)):
        if place + 11 > len(data) or data[place] not in (_EXTENSION, _IMAGE):
            raise ValueError("no image in it")
        if data[place] == _IMAGE:
            left, top, width, height = (
                int.from_bytes(data[place + at : place + at + 2], "little") for at in (1, 3, 5, 7)
            )
            break
        if data[place + 1] == _CONTROL and data[place + 2] == 4:
            # Transparency only: how the next image replaces this one does not matter.
            control = bytes((_EXTENSION, _CONTROL, 4, data[place + 3] & 1, 0, 0, data[place + 6], 0))
        place = _after_blocks(data, place + 2)
    else:
        raise TooManyParts
    screen = (int.from_bytes(data[at : at + 2], "little") for at in (6, 8))
    # A picture that exceeds its screen enlarges it.
    across, down = (max(pair) for pair in zip(screen, (left + width, top + height), strict=True))
    if not (width and height) or max(across, down) > 0xFFFF:
        raise ValueError("no pixels")
    head = data[:6] + across.to_bytes(2, "little") + down.to_bytes(2, "little") + data[10:_GIF_HEAD]
    content = b"".join((head, colours, control, memoryview(data)[place:]))
    return Header(across, down, content, 2, 1, copied=len(content))


def _colours(flags: int) -> int:
    """Return the size of a colour table in bytes."""
    return 3 << (flags & 7) + 1 if flags & _GIF_COLOURS else 0


def _after_blocks(data: bytes, place: int) -> int:
    """Return where a sequence of blocks ends."""
    for _ in range(most_parts(data)):
        if place >= len(data):
            raise ValueError("cut off")
        if not data[place]:
            return place + 1
        place += 1 + data[place]
    raise TooManyParts


def read_bmp(data: bytes) -> Header:
    """Read a BMP's header. Raises TooManyParts, and ValueError if it is damaged."""
    size = int.from_bytes(data[14:18], "little")
    if size not in _BMP_SIZES or len(data) < 54:
        raise ValueError("an unknown header")
    if size == 12:
        width, height, _, bits = (int.from_bytes(data[at : at + 2], "little") for at in (18, 20, 22, 24))
        compression = 0
    else:
        width, height = int.from_bytes(data[18:22], "little"), int.from_bytes(data[22:26], "little")
        # A negative height: rows from top to bottom.
        height = 2**32 - height if data[25] == 0xFF else height
        bits, compression = int.from_bytes(data[28:30], "little"), int.from_bytes(data[30:34], "little")
    if not width or not height:
        raise ValueError("no pixels")
    runs = compression in (1, 2)
    if runs and (len(data) > MOST_RUN_BYTES or width * height > MOST_RUN_PIXELS):
        raise TooManyParts
    bytes_a_pixel = 4 if bits > 8 else 1
    return Header(width, height, data, 4 if runs else bytes_a_pixel, bytes_a_pixel)
