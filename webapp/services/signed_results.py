"""Results and photo in the form fields of the results page; the server stores neither.

The results are signed, so that a download cannot contain others, and expire after a day; the photo is a base64 JPEG,
and the signature covers its digest.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from flask import current_app
from itsdangerous import BadData, SignatureExpired, URLSafeTimedSerializer

from model.geometry import Pixels
from model.output.serialize import AnalysisDict, Result

SALT = "results"
VALID_SECONDS = 24 * 3600
# Long side in pixels of the photo in the form: of a single one, and of one among several, whose page must stay small
# enough for a phone.
SIDE_ALONE, SIDE_AMONG_SEVERAL = 1600, 1024
QUALITY = 88  # JPEG quality, 0…100.


class BadSignature(Exception):
    """A form field is missing, or its signature or encoding is invalid."""

    kind = "altered"  # Of the error page.


class Expired(BadSignature):
    """The signature is valid and older than VALID_SECONDS."""

    kind = "expired"


@dataclass(frozen=True, slots=True)
class SignedResults:
    """Results from a form field, with a valid signature."""

    results: list[Result]  # One of ``model.output.serialize`` for each photo.
    digest: str  # SHA-256 of their image in hexadecimal; of b"" if there is none.


@dataclass(frozen=True, slots=True)
class FormImage:
    """The photo in the form."""

    content: bytes  # A JPEG, or the bytes from the form.
    width: int  # Pixels.
    height: int  # Pixels.


def dumps(results: Sequence[Result], image: bytes = b"") -> str:
    """Serialize and sign the results and the digest of their image, for a form field."""
    digest = hashlib.sha256(image).hexdigest()
    return _serializer().dumps({"results": list(results), "image": digest})


def loads(text: str | None) -> SignedResults:
    """Verify and parse the output of ``dumps``; raises BadSignature, after a day Expired."""
    try:
        content = _serializer().loads(text or "", max_age=VALID_SECONDS)
        return SignedResults(list(content["results"]), str(content["image"]))
    except SignatureExpired as error:
        raise Expired from error
    except (BadData, KeyError, TypeError) as error:
        raise BadSignature from error


def single(form: Mapping[str, str], max_bytes: int) -> tuple[AnalysisDict, bytes]:
    """Return the result of one photo and its image from the form; raises BadSignature if they do not match."""
    signed = loads(form.get("result"))
    image = from_field(form.get("image"), max_bytes)
    (result, *others) = signed.results
    if others or "error" in result or not belongs(image, signed):
        raise BadSignature
    return result, image


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
    """Encode an image's bytes as base64 for a form field."""
    return base64.b64encode(image).decode("ascii")


def from_field(text: str | None, max_bytes: int) -> bytes:
    """Decode an image from a form field; raises BadSignature if it is invalid, empty or over ``max_bytes``."""
    try:
        image = base64.b64decode(text or "", validate=True)
    except (binascii.Error, ValueError) as error:
        raise BadSignature from error
    if not 0 < len(image) <= max_bytes:
        raise BadSignature
    return image


def belongs(image: bytes, signed: SignedResults) -> bool:
    """Return whether the signed digest is that of ``image``."""
    return hashlib.sha256(image).hexdigest() == signed.digest


def _serializer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(str(current_app.secret_key), salt=SALT)
