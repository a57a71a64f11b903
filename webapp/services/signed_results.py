"""What the results page carries in its forms, because the server keeps nothing.

The results travel signed, so that a download says what the site said and nothing else; the photo travels as a
base64 JPEG, and the signature covers its digest.
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
# Longest side in pixels. One photo comes back large enough for a picture to keep; of several, together, not too
# heavy for a phone.
SIDE_ALONE, SIDE_AMONG_SEVERAL = 1600, 1024
QUALITY = 88  # Of the JPEG, 0…100.


class BadSignature(Exception):
    """A field of the form is missing, or is not what the page put there."""


@dataclass(frozen=True, slots=True)
class SignedResults:
    """Results that came back in a form."""

    results: list[Result]  # As ``model.output.serialize`` makes them.
    digest: str  # SHA-256 of their image in hexadecimal digits; of no bytes without one.


@dataclass(frozen=True, slots=True)
class FormImage:
    """The photo as the page's form carries it."""

    content: bytes  # A JPEG, or what came back in the form.
    width: int  # Pixels.
    height: int


def dumps(results: Sequence[Result], image: bytes = b"") -> str:
    """Return the results, and which image belongs to them, as a signed text for a form field."""
    digest = hashlib.sha256(image).hexdigest()
    return _serializer().dumps({"results": list(results), "picture": digest})


def loads(text: str | None) -> SignedResults:
    """Return what ``dumps`` was given; raises BadSignature for anything that this site did not sign."""
    try:
        content = _serializer().loads(text or "")
        return SignedResults(list(content["results"]), str(content["picture"]))
    except (BadData, KeyError, TypeError) as error:
        raise BadSignature from error


def encode_image(pixels: Pixels, side: int) -> FormImage:
    """Return RGB (height, width, 3) as a JPEG with its longer side at most ``side``."""
    height, width = pixels.shape[:2]
    scale = side / max(height, width)
    if scale < 1:
        width, height = max(1, round(width * scale)), max(1, round(height * scale))
        pixels = np.asarray(cv2.resize(pixels, (width, height), interpolation=cv2.INTER_AREA), np.uint8)
    bgr = cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR)
    encoded = cv2.imencode(".jpg", bgr, [cv2.IMWRITE_JPEG_QUALITY, QUALITY])[1]
    return FormImage(encoded.tobytes(), width, height)


def to_field(image: bytes) -> str:
    """Return an image's bytes as text for a form field."""
    return base64.b64encode(image).decode("ascii")


def from_field(text: str | None, max_bytes: int) -> bytes:
    """Return an image's bytes from a form field; raises BadSignature where there are none or too many."""
    try:
        image = base64.b64decode(text or "", validate=True)
    except (binascii.Error, ValueError) as error:
        raise BadSignature from error
    if not 0 < len(image) <= max_bytes:
        raise BadSignature
    return image


def belongs(image: bytes, signed: SignedResults) -> bool:
    """Return whether these are the very bytes that the results were made of."""
    return hashlib.sha256(image).hexdigest() == signed.digest


def _serializer() -> URLSafeSerializer:
    return URLSafeSerializer(str(current_app.secret_key), salt=SALT)
