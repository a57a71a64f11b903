"""What the presenters say of a group, a box that somebody drew and on a card to post, as patterns to fill in."""

from __future__ import annotations

from collections import Counter
from types import SimpleNamespace
from typing import Any

from model.store.metadata import Metadata
from webapp.presenters import messages, photo, result_image, results, share_card, sheet
from webapp.presenters.formatters import how_many
from webapp.settings import SITE_NAME

# A number and labels that occur in no sentence.
MANY = 97
ONE, OTHER = "{one}", "{other}"


def sheet_words(labels: tuple[str, ...]) -> dict[str, Any]:
    """Return the patterns of the contact sheet's lines."""
    faces = how_many(MANY, "face")
    alike = messages.adjective(labels[0])
    said = Counter({labels[0]: MANY - 1, labels[1]: 1})
    counted = sheet.title(said, [*said], 1).replace(
        ", ".join(sheet.words(*each) for each in said.items()), "{said}"
    )
    return {
        "all": sheet.present_sheet([], photos=1).tally[0].words.replace("0", "{count}"),
        "tally": {
            kind: sheet.words(kind, MANY).replace(str(MANY), "{count}")
            for kind in (*labels, sheet.UNSURE, sheet.FAINT)
        },
        "title": counted.replace(faces, "{faces}"),
        "none_clear": _title(sheet.UNSURE, MANY).replace(faces, "{faces}"),
        "alike": _title(labels[0], MANY).replace(str(MANY), "{count}").replace(alike, "{word}"),
        "both": _title(labels[0], 2).replace(alike, "{word}"),
        "summary": {
            "none": sheet.summary(Counter({labels[0]: MANY})),
            "all": sheet.summary(Counter({sheet.UNSURE: MANY})),
            "some": sheet.summary(Counter({labels[0]: 1, sheet.UNSURE: MANY})).replace(str(MANY), "{count}"),
        },
        "background": {
            "one": sheet.background(1),
            "many": sheet.background(MANY).replace(str(MANY), "{count}"),
        },
    }


def _title(kind: str, count: int) -> str:
    return sheet.title(Counter({kind: count}), [kind], 1)


def pair_words() -> dict[str, str]:
    """Return what is said of two faces."""
    one, other, unsure = _face(ONE), _face(OTHER), _face("")
    return {
        "alike": results.of_two(one, one),
        "differ": results.of_two(one, other),
        "one_unsure": results.of_two(one, unsure),
        "unsure": results.of_two(unsure, unsure),
    }


def _face(brief: str) -> Any:
    return SimpleNamespace(brief=brief, confident=bool(brief))


def picture_words(metadata: Metadata) -> dict[str, str]:
    """Return what stands above and below the picture of a result."""
    model = {"name": metadata.name, "version": metadata.version, "target": metadata.target}
    none: Any = {"model": model, "faces": []}
    many: Any = {"model": model, "faces": [{"source": "region"}] * (result_image.MOST_PANELS + MANY)}
    return {
        "pointed": result_image.title(many),
        "foot": result_image.footnote(none),
        "foot_of_many": result_image.footnote(many).replace(f"; {MANY} more", "; {left} more"),
    }


def post_words() -> dict[str, Any]:
    """Return what a card to post is drawn with: its sizes, colours and words."""
    return {
        "sizes": share_card.SIZES,
        "margin": share_card.MARGIN,
        "tones": share_card.TONES,
        "other": share_card.OTHER,
        "paper": share_card.PAPER,
        "text": result_image.TEXT,
        "muted": result_image.MUTED,
        "site": SITE_NAME,
        "note": share_card.NOTE,
        "rest": share_card.REST,
        "captions": {"face": share_card.FACE, "input": share_card.GRAYS, "spoke": share_card.SPOKE},
    }


def pointed_words() -> dict[str, str]:
    """Return what is said where no face was detected and somebody pointed at one."""
    return {
        "title": photo.title(1, "region"),
        "summary": photo.summary((SimpleNamespace(pointed=True, confident=True),)),  # type: ignore[arg-type]  # what it asks of a row
    }
