"""Identify file formats by their signatures: the three that are accepted, and names for others."""

from __future__ import annotations

ACCEPTED_FORMATS = ("JPEG", "PNG", "WEBP")

_WAY_OUT = "Save it as JPEG, PNG or WebP and try again."
_IPHONE = (
    "This is a HEIC photo, as iPhones take them, and only JPEG, PNG and WebP are read. Export it as JPEG "
    "(on an iPhone: Settings, Camera, Formats, Most Compatible) and try again."
)
# (first bytes, what such a file is called)
_OTHERS = (
    (b"GIF8", "a GIF picture"),
    (b"BM", "a BMP picture"),
    (b"II*\0", "a TIFF picture"),
    (b"MM\0*", "a TIFF picture"),
    (b"%PDF", "a PDF document"),
    (b"8BPS", "a Photoshop document"),
    (b"\xff\x0a", "a JPEG XL picture"),
    (b"\0\0\0\x0cJXL ", "a JPEG XL picture"),
    (b"\0\0\0\x0cjP  ", "a JPEG 2000 picture"),
    (b"PK\x03\x04", "a ZIP archive"),
)
_HEIC_BRANDS = (b"heic", b"heix", b"hevc", b"heim", b"heis", b"mif1", b"msf1")


def format_of(data: bytes) -> str | None:
    """Return "JPEG", "PNG" or "WEBP" by the file's signature, or None for anything else."""
    if data.startswith(b"\xff\xd8\xff"):
        return "JPEG"
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return "PNG"
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "WEBP"
    return None


def webp_canvas(data: bytes) -> tuple[int, int] | None:
    """Return a WebP file's (width, height) from its header, or None if the header is damaged.

    The layout of the three types of first chunk is that of the WebP container specification and RFC 9649.
    """
    kind = data[12:16]
    if len(data) < 30:
        return None
    if kind == b"VP8X":
        return int.from_bytes(data[24:27], "little") + 1, int.from_bytes(data[27:30], "little") + 1
    if kind == b"VP8L" and data[20] == 0x2F:
        bits = int.from_bytes(data[21:25], "little")
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    if kind == b"VP8 ":
        return int.from_bytes(data[26:28], "little") & 0x3FFF, int.from_bytes(data[28:30], "little") & 0x3FFF
    return None


def png_is_complete(data: bytes) -> bool:
    """Return whether a PNG's chunks are complete up to IEND; Pillow accepts a file without its end."""
    place = 8
    while place + 12 <= len(data):
        if data[place + 4 : place + 8] == b"IEND":
            return True
        # Length, type and checksum take 12 bytes around each chunk's data.
        place += 12 + int.from_bytes(data[place : place + 4], "big")
    return False


def describe_unsupported(data: bytes) -> str:
    """Return a sentence for the user: what the file seems to be, and what to do instead."""
    if data[4:8] == b"ftyp":
        if data[8:12] in _HEIC_BRANDS:
            return _IPHONE
        name = "an AVIF picture" if data[8:12] in (b"avif", b"avis") else "a video"
        return f"This is {name}, and only JPEG, PNG and WebP pictures are read. {_WAY_OUT}"
    for start, name in _OTHERS:
        if data.startswith(start):
            return f"This is {name}, and only JPEG, PNG and WebP pictures are read. {_WAY_OUT}"
    head = data[:64].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if head.startswith((b"<!doctype html", b"<html")):
        return "This is a web page, not a photo. Open it, save the picture itself, and try that file."
    if head.startswith((b"<svg", b"<?xml")):
        return f"This is an SVG drawing or another XML text, not a photo. {_WAY_OUT}"
    return "This is not a picture that can be read. Choose a photo saved as JPEG, PNG or WebP."
