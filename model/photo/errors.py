"""Why a photo is refused: one class for each reason, whose message is for the user."""

from __future__ import annotations


class PhotoError(Exception):
    """A photo is refused; ``message`` tells the user what is wrong and what to do."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class EmptyPhoto(PhotoError):
    """Zero bytes, or an array without pixels."""


class UnsupportedFormat(PhotoError):
    """Not an image of a format that is read."""


class UnsupportedArray(UnsupportedFormat, ValueError):
    """An array of another type, shape or range than a picture's."""


class CorruptPhoto(PhotoError):
    """Has the signature of an image but cannot be decoded: damaged, or a large part is missing."""


class TooManyPixels(PhotoError):
    """So many pixels, for its format, that decoding would take more memory than a photo may."""


class UnreadablePath(PhotoError):
    """No readable file at this path."""
