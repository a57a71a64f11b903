"""What happens to a photo, in words. Each promise here has a test; see ``tests/webapp/test_privacy.py``."""

from __future__ import annotations

from dataclasses import dataclass

from webapp.settings import Settings


@dataclass(frozen=True, slots=True)
class Promise:
    """One heading and what is said under it."""

    title: str
    sentences: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PrivacyView:
    """The privacy page."""

    title: str
    lead: str
    promises: tuple[Promise, ...]


def present(settings: Settings) -> PrivacyView:
    """Return the page's view; what it says about addresses follows the settings."""
    return PrivacyView(
        title="What happens to a photo",
        lead="It is read in memory, answered in one page, and gone. Nothing of it is written, logged or kept.",
        promises=(
            Promise(
                "The photo",
                (
                    "It comes in over the connection, is held in memory while its faces are read, and is let go "
                    "with the answer. There is no folder, no database and no temporary file that it goes through.",
                    "The answer holds the pictures and figures inside the page itself, and tells browsers and "
                    "everything in between not to store it. Close the page, and the result is gone.",
                    "Where a result can be downloaded or looked at once more, the photo waits inside your own "
                    "page and is sent again when you press the button.",
                    "Nobody trains on your photos: the model is fixed, and its training data is named on its card.",
                ),
            ),
            Promise(
                "The camera",
                (
                    "It runs only while its window is open on your screen. The picture stays in your browser "
                    "until you press Analyse; then it is a photo like any other.",
                ),
            ),
            Promise("Names and addresses", _addresses(settings)),
            Promise(
                "Cookies and others",
                (
                    "One cookie, for as long as the browser is open: a random token that proves that a form was "
                    "sent from this site. It recognises nobody.",
                    "No third party takes part: no fonts, scripts, pictures or counters from elsewhere, and the "
                    "pages forbid the browser to load any. The program that runs the model is told not to "
                    "report its use to its maker.",
                ),
            ),
            Promise(
                "The people in it",
                (
                    "Only send photos of people who agree, and of children only if those who care for them do.",
                    "The site names what a face looks like to a model, not what a person feels, and it is wrong "
                    "often enough to matter. It must not decide anything about anyone: not at work or school, not "
                    "in hiring, not in medicine, not at a border or in a court.",
                    "Faces are found and read, never recognised: the site does not know who anyone is, and does "
                    "not try to tell age, sex or origin.",
                ),
            ),
        ),
    )


def _addresses(settings: Settings) -> tuple[str, ...]:
    """Return what is said about file names and network addresses."""
    sentences = [
        "The name of your file is shown to you beside its result and written nowhere. The site keeps no list of "
        "visits; its log holds errors of the program, without photos and without their names.",
    ]
    if settings.rate_limit:
        where = "in a shared memory for its processes" if settings.redis_url else "in memory only"
        sentences.append(
            f"So that nobody floods it, the site counts how many photos come from one address ({where}) and "
            f"forgets the count with the time that it is for: at most {settings.rate_limit}."
        )
    sentences.append(
        "Whoever runs the machine that the site is on may see, as with every site, which address asked for which "
        "page and when; the content travels encrypted wherever the site is reached by https."
    )
    return tuple(sentences)
