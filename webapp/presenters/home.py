"""The start page's wording: the form, what its script says, and the samples."""

from __future__ import annotations

from dataclasses import dataclass

from webapp.presenters import formatters, messages
from webapp.samples import SAMPLES, Sample

# What the script says; {name}, {size}, {limit} and {count} are filled in there.
SCRIPT_WORDS = {
    "chosen_one": "One photo chosen, {size}.",
    "chosen_many": "{count} photos chosen, {size} in all.",
    "none_left": "No photo is chosen any more.",
    "nothing": messages.NOTHING_CHOSEN,
    "remove": "Remove {name}",
    "too_large": "over the limit of {limit}",
    "wrong_type": "not a JPEG, PNG or WebP",
    "empty": "the file is empty",
    "cannot_send": "Remove what can’t be sent, then press Analyse.",
    "left_out": "Only {limit} photos go at once; {count} left out.",
    "sending_one": "Sending and analysing the photo …",
    "sending_many": "Sending and analysing {count} photos …",
    "sending_sample": "Analysing the sample …",
    "patience": "Still at work. Large photos and many faces take a little longer.",
    "pasted": "pasted-{count}",
    "shot": "camera-{count}",
    "camera_starting": "Starting the camera … Your browser may ask whether this page may use it.",
    "camera_ready": "The camera is on. The picture is mirrored, the photo will not be.",
    "camera_denied": "The browser did not allow the camera. Allow it for this page, or choose a photo instead.",
    "camera_missing": "No camera was found. Connect one and try again, or choose a photo instead.",
    "camera_busy": "The camera can’t be used; another program may hold it. Close that one and try again.",
    "camera_insecure": "Browsers give the camera only to pages opened by https. Choose a photo instead.",
}


@dataclass(frozen=True, slots=True)
class StartView:
    """Everything the start page says around the form's controls."""

    title: str
    heading: str
    lead: str
    choose: str
    choose_one: str
    choose_more: str
    choice: str
    choice_legend: str
    choice_all: str
    take: str
    camera: str
    drop: str
    limits: str
    analyse: str
    progress: str
    camera_heading: str
    camera_note: str
    shutter: str
    close: str
    samples_heading: str
    samples_credit: str
    samples: tuple[Sample, ...]
    preview_heading: str
    preview_text: str
    max_photos: int
    script_words: dict[str, str]


def _at_most(photos: int) -> str:
    if photos == 1:
        return "JPEG, PNG or WebP, up to "
    return f"Up to {formatters.how_many(photos, 'photo')}, JPEG, PNG or WebP, each up to "


def present(max_photos: int, max_upload_bytes: int) -> StartView:
    """Return the start page's view for so many photos in one request, and so many bytes of each."""
    return StartView(
        title="Analyse photos",
        heading="What does a face look like to a machine?",
        lead=(
            "Choose a photo. You see every step from your picture to the answer: the faces found, what little "
            "the network gets of them, where it looks, and how sure it is."
        ),
        choose="Choose photos",
        choose_one="Choose a photo",
        choose_more="Add more photos",
        choice="Choose the model that reads it",
        choice_legend="Model",
        choice_all="Or let all models read the same photo",
        take="Take a photo",
        camera="Use the camera",
        drop="or drop or paste them here",
        limits=(f"{_at_most(max_photos)}{formatters.megabytes(max_upload_bytes)} and 25 megapixels."),
        analyse="Analyse",
        progress="Sending and analysing",
        camera_heading="Camera",
        camera_note="The picture stays in your browser until you press Analyse.",
        shutter="Take the photo",
        close="Close",
        samples_heading="No photo at hand? Press a sample",
        samples_credit=(
            "All made from NASA’s portrait of the astronaut Eileen Collins, in the public domain, as "
            "scikit-image ships it. NASA does not endorse this site."
        ),
        samples=SAMPLES,
        preview_heading="What you will see",
        preview_text="Every face of your photo gets a card like this one, made from the portrait by NASA.",
        max_photos=max_photos,
        script_words=SCRIPT_WORDS,
    )
