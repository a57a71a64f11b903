"""Names of the labels, and error messages for uploads."""

from __future__ import annotations

from collections.abc import Sequence

from webapp.presenters.formatters import how_many, megabytes

# Adjective after "looks" for each label.
ADJECTIVES = {
    "angry": "angry",
    "anger": "angry",
    "disgust": "disgusted",
    "fear": "afraid",
    "happy": "happy",
    "happiness": "happy",
    "neutral": "neutral",
    "sad": "sad",
    "sadness": "sad",
    "surprise": "surprised",
}

NOTHING_CHOSEN = "Choose a photo first, then press Analyse."
UNKNOWN_SAMPLE = "There is no sample of that name; press one of the samples below."
FORM_EXPIRED = (
    "This form was open in another session, or the browser did not send the site’s cookie back, so the photo "
    "was not read. Please choose it again and press Analyse."
)
FORM_FROM_ELSEWHERE = (
    "The browser says that this form was sent from another site, so the photo was not read. "
    "Please choose it here and press Analyse."
)
FORM_MALFORMED = (
    "The form was not written as forms are (multipart/form-data, RFC 7578), so nothing in it was read. "
    "Send it with a browser, or with a program that writes such forms, such as curl -F photo=@me.jpg."
)
ONE_AT_A_TIME = "These are several photos; choose the one that all models are to read."
BOX_WITHOUT_NUMBERS = "The box needs four whole numbers: left, top, width and height in pixels of the photo."


def too_large(max_upload_bytes: int, name: str = "This file") -> str:
    """Return the message for a photo over the size limit."""
    return (
        f"{name} is larger than {megabytes(max_upload_bytes)}. "
        "Choose a smaller one, or save the photo at a lower resolution first."
    )


def too_much(max_request_bytes: int) -> str:
    """Return the message for a request over the size limit."""
    return f"That was more than {megabytes(max_request_bytes)} at once. Send fewer photos, or smaller ones."


def form_too_large(what: str, limit: int, name: str = "") -> str:
    """Return the message for a form of which a "field", a part's "header" or the number of "parts" is over its limit.

    ``limit`` is in bytes, or the number of parts.
    """
    if what == "parts":
        return f"The form has more than {limit} parts. Send fewer photos at once."
    if what == "header":
        return (
            f"The head of one of the form’s parts is longer than {how_many(limit // 1024, 'kilobyte')}. "
            "Give the photo a shorter file name."
        )
    size = megabytes(limit) if limit >= 1024 * 1024 else how_many(limit // 1024, "kilobyte")
    return f"The form’s field “{name[:40]}” is longer than {size}, which no form of this site sends."


def too_many(count: int, max_photos: int) -> str:
    """Return the message for more photos than one request may have."""
    most = how_many(max_photos, "photo")
    return f"These are {count} photos; at most {most} go at once. Choose fewer and press Analyse again."


def adjective(label: str) -> str:
    """Return the adjective after "looks" for a label; the label itself if it has none."""
    return ADJECTIVES.get(label, label)


def unknown_model(name: str, names: Sequence[str]) -> str:
    """Return the message for an unknown model."""
    return f"There is no model called “{name}” here. Choose one of: {', '.join(names)}."
