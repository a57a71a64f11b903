"""The site's wording: what labels are called, how sure "sure" is, and what to say when something is wrong."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from webapp.presenters.formatters import how_many, megabytes

SITE_NAME = "Facial Emotion"

# The adjective that fits "looks …"; a label without one is shown as it is.
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


@dataclass(frozen=True, slots=True)
class Site:
    """What every page's frame and the upload form say."""

    name: str
    description: str
    card_alt: str
    formats: str
    accept: str
    max_upload_bytes: int
    privacy: str
    privacy_link: str
    meaning: str
    consent: str


@dataclass(frozen=True, slots=True)
class Problem:
    """An error page: its heading, what happened and what to do now."""

    code: int
    title: str
    text: str


PROBLEMS = {
    problem.code: problem
    for problem in (
        Problem(400, "That request was incomplete", "Go back to the start page and try again."),
        Problem(404, "There is nothing here", "The address may be mistyped, or the page has moved."),
        Problem(
            405, "Not this way", "This address answers another kind of request; start from the first page."
        ),
        Problem(
            408,
            "The upload took too long",
            "It came in too slowly and was let go. Send a smaller photo, or try again over a better connection.",
        ),
        Problem(413, "That was too much", "The site takes smaller uploads; the limit is beside the form."),
        Problem(415, "That kind of file is not taken", "The site reads photos in JPEG, PNG and WebP."),
        Problem(
            429, "A short break, please", "There were many photos in a short time. Wait a minute, then go on."
        ),
        Problem(
            500,
            "Something broke on our side",
            "The error has been noted, the photo has not. Please try again.",
        ),
        Problem(
            503, "Not ready yet", "The model is still loading or has failed. Please try again in a minute."
        ),
    )
}

ALTERED = Problem(
    400,
    "These results can’t be used",
    "The page they came from is from before the site’s last change, or something in it was altered on the way. "
    "Please analyse the photo again.",
)
ONE_AT_A_TIME = "These are several photos; choose the one that all models are to read."
BOX_WITHOUT_NUMBERS = "The box needs four whole numbers: left, top, width and height in pixels of the photo."

BUSY = Problem(
    503,
    "Many photos at once",
    "Other visitors’ photos are being read and yours found no room. Please go back and send it again in a moment.",
)
UNKNOWN_HOST = Problem(
    400,
    "This site has another name",
    "The address that led here is not one that this site answers to. Check its spelling, or ask whoever gave it.",
)
NO_SECURITY_CONTACT = Problem(
    404,
    "No contact is set",
    "Whoever runs this site has not named an address for reports about its security (SECURITY_CONTACT). "
    "The file SECURITY.md in the program’s repository says how to report a weakness of the program itself.",
)


def problem(code: int) -> Problem:
    """Return the page for an HTTP status, or a general one that keeps the status."""
    if code in PROBLEMS:
        return PROBLEMS[code]
    fallback = PROBLEMS[500 if code >= 500 else 400]
    return Problem(code, fallback.title, fallback.text)


def unreadable(code: int, reason: str) -> Problem:
    """Return the page for a picture that came back in a form and can't be read."""
    return Problem(code, "That picture can’t be read", reason)


def site(max_upload_bytes: int) -> Site:
    """Return the frame's wording for the limit of one photo in bytes."""
    return Site(
        name=SITE_NAME,
        description=(
            "Send a photo and see, stage by stage, how a neural network reads the expression of each face in it."
        ),
        card_alt="A portrait of an astronaut with a box around the face, and the name of the site",
        formats="JPEG, PNG or WebP",
        accept="image/jpeg,image/png,image/webp",
        max_upload_bytes=max_upload_bytes,
        privacy="Your photo is processed in memory and not kept: no file, no log, no copy.",
        privacy_link="What happens to a photo",
        meaning=(
            "An expression is not an inner feeling: the site names what a face looks like to a model, "
            "not what a person feels."
        ),
        consent=(
            "Only send photos of people who agree. "
            "Not for decisions at work or school, in hiring or in medicine."
        ),
    )


def too_large(max_upload_bytes: int, name: str = "This file") -> str:
    """Return what to say about a photo beyond the limit."""
    return (
        f"{name} is larger than {megabytes(max_upload_bytes)}. "
        "Choose a smaller one, or save the photo at a lower resolution first."
    )


def too_much(max_request_bytes: int) -> str:
    """Return what to say about photos that are together beyond the limit of one request."""
    return f"That was more than {megabytes(max_request_bytes)} at once. Send fewer photos, or smaller ones."


def too_many(count: int, max_photos: int) -> str:
    """Return what to say about more photos than one request may carry."""
    most = how_many(max_photos, "photo")
    return f"These are {count} photos; at most {most} go at once. Choose fewer and press Analyse again."


def adjective(label: str) -> str:
    """Return the word after "looks" for a label of the model."""
    return ADJECTIVES.get(label, label)


def certainty(confidence: float, threshold: float) -> str:
    """Return how sure the model is, in words."""
    if confidence < threshold:
        return "not sure"
    if confidence >= 0.9:
        return "very sure"
    if confidence >= 0.7:
        return "fairly sure"
    return "somewhat sure" if confidence >= 0.5 else "only slightly sure"


def unknown_model(name: str, names: Sequence[str]) -> str:
    """Return why a model that is asked for by name cannot answer."""
    return f"There is no model called “{name}” here. Choose one of: {', '.join(names)}."
