"""Identify file formats by their content: those that are read, and names and ways out for others.

HEIC needs the package pi-heif and can be left out: by the environment variable ``HEIC=off``, or by ``switch_heic``.
"""

from __future__ import annotations

import functools
import importlib.util
import os

HEIC_VARIABLE = "HEIC"
OFF = frozenset({"0", "false", "no", "off"})

# Names in sentences.
NAMES = {
    "JPEG": "JPEG",
    "PNG": "PNG",
    "WEBP": "WebP",
    "HEIC": "HEIC",
    "AVIF": "AVIF",
    "GIF": "GIF",
    "BMP": "BMP",
}
MEDIA_TYPES = {
    "JPEG": ("image/jpeg",),
    "PNG": ("image/png",),
    "WEBP": ("image/webp",),
    "HEIC": ("image/heic", "image/heif"),
    "AVIF": ("image/avif",),
    "GIF": ("image/gif",),
    "BMP": ("image/bmp",),
}
# Bytes from a file's start that tell its format.
HEAD_BYTES = 256

_HEIC_BRANDS = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs"})
_AVIF_BRANDS = frozenset({b"avif", b"avis"})
_HEIF_BRANDS = frozenset({b"mif1", b"mif2", b"msf1", b"miaf"})
_BMP_HEADERS = frozenset({12, 40, 52, 56, 64, 108, 124})

_SAVE = "Save it as {formats} and try again."
_FILM = "Stop it where the face shows, take a picture of the screen, and send that."
_PAGE = "Save the picture that is in it, or take a picture of the screen, and send that."
# (first bytes, what such a file is called, the way out)
_OTHERS = (
    (b"II*\0", "a TIFF picture or a camera’s raw file", _SAVE),
    (b"MM\0*", "a TIFF picture or a camera’s raw file", _SAVE),
    (b"II+\0", "a TIFF picture", _SAVE),
    (b"MM\0+", "a TIFF picture", _SAVE),
    (b"FUJIFILMCCD-RAW", "a camera’s raw file", _SAVE),
    (b"IIRO", "a camera’s raw file", _SAVE),
    (b"IIU\0", "a camera’s raw file", _SAVE),
    (b"%PDF", "a PDF document", _PAGE),
    (b"8BPS", "a Photoshop document", _SAVE),
    (b"\xff\x0a", "a JPEG XL picture", _SAVE),
    (b"\0\0\0\x0cJXL ", "a JPEG XL picture", _SAVE),
    (b"\0\0\0\x0cjP  ", "a JPEG 2000 picture", _SAVE),
    (b"\xff\x4f\xff\x51", "a JPEG 2000 picture", _SAVE),
    (b"\0\0\1\0", "an icon", _SAVE),
    (b"PK\x03\x04", "a ZIP archive", "Unpack it, and send the photos that are in it."),
    (b"\x1a\x45\xdf\xa3", "a video (WebM or Matroska)", _FILM),
    (b"\0\0\1\xba", "a video (MPEG)", _FILM),
    (b"\0\0\1\xb3", "a video (MPEG)", _FILM),
    (b"FLV\1", "a video (Flash)", _FILM),
    (b"OggS", "a video or sound (Ogg)", _FILM),
    (b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", "a video (Windows Media)", _FILM),
)
# Boxes that a film starts with if it has no type of its own, as of old cameras.
_QUICKTIME = frozenset({b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot"})


class _Heic:
    """Whether HEIC is wanted, of the whole process."""

    wanted = os.environ.get(HEIC_VARIABLE, "").strip().lower() not in OFF


def switch_heic(on: bool) -> None:
    """Read HEIC or leave it out, in the whole process, whatever ``HEIC`` in the environment says."""
    _Heic.wanted = on


@functools.cache
def _has_decoder() -> bool:
    return importlib.util.find_spec("pi_heif") is not None


def accepted_formats() -> tuple[str, ...]:
    """Return the formats that are read: keys of ``NAMES``, without "HEIC" if it is left out or its decoder missing."""
    return tuple(name for name in NAMES if name != "HEIC" or (_Heic.wanted and _has_decoder()))


def format_names(last: str = "or") -> str:
    """Return the formats that are read, for a sentence: "JPEG, PNG … or BMP"."""
    *others, end = (NAMES[name] for name in accepted_formats())
    return f"{', '.join(others)} {last} {end}"


def media_types() -> tuple[str, ...]:
    """Return the media types of the formats that are read."""
    return tuple(kind for name in accepted_formats() for kind in MEDIA_TYPES[name])


def format_of(data: bytes) -> str | None:
    """Return a format that is read ("JPEG", "PNG", "WEBP" …) by the file's content, or None for anything else."""
    kind = _known_format(data)
    return kind if kind in accepted_formats() else None


def _known_format(data: bytes) -> str | None:
    if data.startswith(b"\xff\xd8\xff"):
        return "JPEG"
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return "PNG"
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "WEBP"
    if data[:6] in (b"GIF87a", b"GIF89a"):
        return "GIF"
    # Two letters alone begin many a text.
    if data[:2] == b"BM" and int.from_bytes(data[14:18], "little") in _BMP_HEADERS:
        return "BMP"
    brands = _brands(data)
    if brands[:1] and (brands[0] in _AVIF_BRANDS | _HEIC_BRANDS | _HEIF_BRANDS):
        first = next((brand for brand in brands if brand in _AVIF_BRANDS | _HEIC_BRANDS), b"")
        return "AVIF" if first in _AVIF_BRANDS else "HEIC" if first else None
    return None


def _brands(data: bytes) -> list[bytes]:
    """Return the major brand and the compatible brands of an ISO media file; empty for others."""
    if data[4:8] != b"ftyp":
        return []
    end = min(int.from_bytes(data[:4], "big"), HEAD_BYTES, len(data))
    return [data[8:12], *(data[place : place + 4] for place in range(16, end - 3, 4))]


def describe_unsupported(data: bytes) -> str:
    """Return a sentence for the user: what the file seems to be, and what to do instead."""
    name, way_out = _describe(data)
    formats = format_names()
    if not name:
        return f"This is not a picture that can be read. Choose a photo saved as {formats}."
    return f"{name} {way_out.format(formats=formats)}"


def _describe(data: bytes) -> tuple[str, str]:
    """Return what the file seems to be and the way out; empty strings if it is unknown."""
    formats = format_names("and")
    if _known_format(data) == "HEIC":
        return (
            f"This is a HEIC photo, as iPhones take them, and here only {formats} are read.",
            "Export it as JPEG (on an iPhone: Settings, Camera, Formats, Most Compatible) and try again.",
        )
    film = data[:4] == b"RIFF" and data[8:11] == b"AVI"
    if _brands(data) or film or data[4:8] in _QUICKTIME:
        name, way_out = _iso_media(_brands(data), "AVI" if film else "QuickTime")
        return f"This is {name}, and only pictures are read: {formats}.", way_out
    for start, name, way_out in _OTHERS:
        if data.startswith(start):
            return f"This is {name}, and only {formats} pictures are read.", way_out
    head = data[:64].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if head.startswith((b"<!doctype html", b"<html")):
        return "This is a web page, not a photo.", "Open it, save the picture itself, and try that file."
    if head.startswith((b"<svg", b"<?xml")):
        return "This is an SVG drawing or another XML text, not a photo.", _SAVE
    return "", ""


def _iso_media(brands: list[bytes], film: str) -> tuple[str, str]:
    """Return the name of a file of these brands, and the way out; ``film`` is what it is without brands."""
    major = brands[0] if brands else b""
    if major in _HEIF_BRANDS:
        return "a HEIF picture of an unusual kind", _SAVE
    if major == b"crx ":
        return "a camera’s raw file", _SAVE
    kind = {b"qt  ": "MOV", b"M4V ": "M4V", b"": film}.get(major, "3GP" if major[:2] == b"3g" else "MP4")
    return f"a video ({kind})", _FILM
