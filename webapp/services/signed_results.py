"""Results and photo in the form fields of the results page; the server stores neither.

The results are signed, so that a download cannot contain others, and expire after a day; a photo is a base64 WebP,
and the signature covers its digest.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import math
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from flask import current_app
from itsdangerous import BadData, SignatureExpired, URLSafeTimedSerializer
from werkzeug.datastructures import MultiDict

from model.geometry import Box, Pixels
from model.output.serialize import AnalysisDict, Result
from webapp.services import webp

SALT = "results"
VALID_SECONDS = 24 * 3600
# Long side in pixels of the photo in the form: of a single one, and of one among several, whose page must stay small
# enough for a phone.
SIDE_ALONE, SIDE_AMONG_SEVERAL = 1280, 1024
# Where every face is large the photo is made smaller, as long as it and the smallest face keep so many pixels.
LEAST_SIDE, LEAST_FACE = 896, 128
QUALITY = 80  # WebP quality, 0…100; less for what has more bytes than these.
MOST_BYTES, MOST_BYTES_A_FACE = 60_000, 2_000


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
    digests: tuple[str, ...]  # SHA-256 of the image of each in hexadecimal; of b"" if it has none.


@dataclass(frozen=True, slots=True)
class FormImage:
    """The photo in the form."""

    content: bytes  # A WebP, or the bytes from the form.
    width: int  # Pixels.
    height: int  # Pixels.


def dumps(results: Sequence[Result], *images: bytes) -> str:
    """Serialize and sign the results and the digest of the image of each, for a form field."""
    images = images or (b"",) * len(results)
    digests = [hashlib.sha256(image).hexdigest() for image in images]
    return _serializer().dumps({"results": list(results), "images": digests})


def loads(text: str | None) -> SignedResults:
    """Verify and parse the output of ``dumps``; raises BadSignature, after a day Expired."""
    try:
        content = _serializer().loads(text or "", max_age=VALID_SECONDS)
        return SignedResults(list(content["results"]), tuple(map(str, content["images"])))
    except SignatureExpired as error:
        raise Expired from error
    except (BadData, KeyError, TypeError) as error:
        raise BadSignature from error


def single(form: MultiDict[str, str], max_bytes: int) -> tuple[AnalysisDict, bytes]:
    """Return the result of one photo and its image from the form; raises BadSignature if they do not match.

    Of several photos the field ``photo`` has the number, from 1; their images are all in the form, or only that one.
    """
    signed = loads(form.get("result"))
    place = _place(form.get("photo", "1" if len(signed.results) == 1 else ""), signed)
    images = form.getlist("image")
    own = images[:1] if len(images) == 1 else images[place : place + 1]
    image = from_field(own[0] if own else None, max_bytes)
    result = signed.results[place]
    if "error" in result or not belongs(image, signed, place):
        raise BadSignature
    return result, image


def everything(form: MultiDict[str, str], max_bytes: int) -> list[tuple[Result, bytes]]:
    """Return the result of each photo with its image, b"" of one that could not be read; raises BadSignature."""
    signed = loads(form.get("result"))
    fields = form.getlist("image")
    if len(fields) != len(signed.results):
        raise BadSignature
    pairs: list[tuple[Result, bytes]] = []
    for place, (result, field) in enumerate(zip(signed.results, fields, strict=True)):
        image = b"" if "error" in result else from_field(field, max_bytes)
        if not belongs(image, signed, place):
            raise BadSignature
        pairs.append((result, image))
    return pairs


def _place(number: str, signed: SignedResults) -> int:
    """Return the place of the photo with that number; raises BadSignature if there is none."""
    if not (number.isascii() and number.isdecimal() and len(number) < 4):
        raise BadSignature
    if not 1 <= int(number) <= len(signed.results):
        raise BadSignature
    return int(number) - 1


def encode_image(pixels: Pixels, most: int, faces: Sequence[Box] = ()) -> FormImage:
    """Return RGB (height, width, 3) as a WebP with its longer side at most ``most``, or less if the faces are large."""
    height, width = pixels.shape[:2]
    side = most
    if faces:
        smallest = max(1.0, min(max(box[2:]) for box in faces))
        side = min(most, max(LEAST_SIDE, math.ceil(max(height, width) * LEAST_FACE / smallest)))
    scale = side / max(height, width)
    if scale < 1:
        width, height = max(1, round(width * scale)), max(1, round(height * scale))
        pixels = np.asarray(cv2.resize(pixels, (width, height), interpolation=cv2.INTER_AREA), np.uint8)
    most_bytes = MOST_BYTES + MOST_BYTES_A_FACE * len(faces)
    return FormImage(webp.encode(pixels, QUALITY, most_bytes), width, height)


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


def belongs(image: bytes, signed: SignedResults, place: int = 0) -> bool:
    """Return whether the digest signed at that place is that of ``image``."""
    return place < len(signed.digests) and hashlib.sha256(image).hexdigest() == signed.digests[place]


def _serializer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(str(current_app.secret_key), salt=SALT)
