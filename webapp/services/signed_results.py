"""What the results page takes along in its forms, because the server keeps nothing.

The results travel signed, so that a download says what the site said and nothing else; the picture travels as
base64, and the signature covers its digest.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from flask import current_app
from itsdangerous import BadData, URLSafeSerializer

from model.geometry import Pixels
from model.output.serialize import Result

SALT = "results"
# One photo comes back large enough for a picture to keep; of several, together, not too heavy for a phone.
SIDE_ALONE, SIDE_AMONG_SEVERAL = 1600, 1024
QUALITY = 88


class Altered(Exception):
    """A field of the form is missing, or is not what the page put there."""


@dataclass(frozen=True, slots=True)
class Carried:
    """Results that came back, as ``model.output.serialize`` has them; ``digest`` is their picture's, if they have
    one."""

    results: list[Result]
    digest: str


def pack(results: Sequence[Result], picture: bytes = b"") -> str:
    """Return the results, and which picture belongs to them, as a signed text for a form field."""
    return _serializer().dumps({"results": list(results), "picture": _digest(picture)})


def unpack(text: str | None) -> Carried:
    """Return what ``pack`` was given; raises Altered for anything that this site did not sign."""
    try:
        content = _serializer().loads(text or "")
        return Carried(list(content["results"]), str(content["picture"]))
    except (BadData, KeyError, TypeError) as error:
        raise Altered from error


def encode_picture(pixels: Pixels, side: int) -> bytes:
    """Return RGB (height, width, 3) as a JPEG with its longer side at most ``side``."""
    height, width = pixels.shape[:2]
    scale = side / max(height, width)
    if scale < 1:
        size = (max(1, round(width * scale)), max(1, round(height * scale)))
        pixels = np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), np.uint8)
    bgr = cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR)
    return bytes(cv2.imencode(".jpg", bgr, [cv2.IMWRITE_JPEG_QUALITY, QUALITY])[1].tobytes())


def to_field(picture: bytes) -> str:
    """Return a picture's bytes as text for a form field."""
    return base64.b64encode(picture).decode("ascii")


def from_field(text: str | None, max_bytes: int) -> bytes:
    """Return a picture's bytes from a form field; raises Altered where there are none or too many."""
    try:
        picture = base64.b64decode(text or "", validate=True)
    except (binascii.Error, ValueError) as error:
        raise Altered from error
    if not 0 < len(picture) <= max_bytes:
        raise Altered
    return picture


def belongs(picture: bytes, carried: Carried) -> bool:
    """Return whether these are the very bytes that the results were made of."""
    return _digest(picture) == carried.digest


def _digest(picture: bytes) -> str:
    return hashlib.sha256(picture).hexdigest() if picture else ""


def _serializer() -> URLSafeSerializer:
    return URLSafeSerializer(str(current_app.secret_key), salt=SALT)
