"""What a page that reads in the browser needs to show the results page's cards: templates, words, the model's figures.

The sentences are asked of the presenters themselves, once for each case, so that none is written a second time.
Numbers in them are asked for with numbers that occur nowhere else, and given out as placeholders.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, fields, is_dataclass, replace
from types import SimpleNamespace
from typing import Any

import cv2
import numpy as np
from jinja2 import Environment

from model.detection.search import MIN_REGION
from model.faces import quality
from model.faces.eye_band import FER2013_SIDE, MEAN_LANDMARKS
from model.faces.movements import CLEARLY, NAMES, Movement
from model.inside.feature_maps import has_maps
from model.output import limits
from model.recognizer import DEFAULT_MODEL
from model.store.files import SAVED
from model.store.metadata import Metadata
from model.store.reports import load_report
from model.types import DetectionPass
from webapp.presenters import (
    confidence,
    covered,
    expressions,
    faces,
    inside,
    messages,
    no_face,
    photo,
    pipeline,
    sheet,
)
from webapp.presenters.formatters import NEARLY_LEVEL
from webapp.presenters.in_browser.group_words import (
    pair_words,
    picture_words,
    pointed_words,
    post_words,
    sheet_words,
)
from webapp.presenters.in_browser.templates import AddressOf, ship
from webapp.presenters.model_choice import kind_of
from webapp.presenters.movements import present_movements
from webapp.presenters.stage_words import STAGE_WORDS
from webapp.presenters.step_words import STEP_WORDS
from webapp.services.movements import UNCLEAR
from webapp.services.saved_styles import saved_styles
from webapp.settings import SITE_NAME

CARD, SAVED_PAGE = "_in_browser.html", "saved.html"
# Faces up to which headings and summaries are asked for one by one; beyond, by their placeholders.
ASKED_FOR = 12
MANY, SOME = 97, 89
SIZE = 98_765
# The expressions that the round of ten asks for: those that the model finds in so many of its photos.
LEAST_RECALL = 0.7


def present_kit(environment: Environment, address_of: AddressOf) -> dict[str, Any]:
    """Return the kit for the model that browsers read with, as JSON's types; ``address_of`` is Flask's ``url_for``.

    That is the same model whatever the site's own default is (``webapp.services.browser_files``).
    """
    metadata = Metadata.load(SAVED / DEFAULT_MODEL)
    report = load_report(SAVED / DEFAULT_MODEL, metadata)
    return {
        "templates": ship(environment, [CARD, SAVED_PAGE], address_of),
        "card": CARD,
        "saved": {"template": SAVED_PAGE, "styles": saved_styles(), "site": SITE_NAME},
        "post": post_words(),
        "words": _words()
        | {
            "sheet": sheet_words(metadata.labels),
            "pair": pair_words(),
            "pointed": pointed_words(),
            "picture": picture_words(metadata),
        },
        "model": {
            "name": metadata.name,
            "kind": kind_of(metadata),
            "page": address_of("model_card.saved_model", name=metadata.name),
            "version": metadata.version,
            "target": metadata.target,
            "labels": list(metadata.labels),
            "order": list(expressions.in_order(metadata.labels)),
            "tones": {label: asdict(tone) for label, tone in expressions.tones(metadata.labels).items()},
            "nobody": expressions.NOBODY,
            "threshold": metadata.confidence_threshold,
            "covered_threshold": metadata.covered_threshold,
            "record": _plain(confidence.track_record(metadata, report)),
            # What the steps of a face are told with.
            "metadata": {
                "input": {"width": metadata.input.width, "height": metadata.input.height},
                "labels": list(metadata.labels),
                "target": metadata.target,
                "confidence_threshold": metadata.confidence_threshold,
                "tta_zooms": list(metadata.tta_zooms),
                "tta_flip": metadata.tta_flip,
            },
            "targets": round_of_ten(report, metadata.labels),
        },
        "constants": {**_constants(), "explainable": metadata.explainable, "inside": has_maps(metadata)},
    }


def round_of_ten(report: Mapping[str, Any] | None, labels: tuple[str, ...]) -> list[str]:
    """Return the expressions that the model finds in ``LEAST_RECALL`` of the photos or more, as its report says."""
    measured = ((report or {}).get("real_photos") or {}).get("recall") or {}
    return [label for label in labels if measured.get(label, {}).get("value", 0.0) >= LEAST_RECALL]


def _constants() -> dict[str, Any]:
    """Return the limits that decide what is said, and the colours of the attention map."""
    return {
        "viridis": _viridis(),
        "nearly_level": NEARLY_LEVEL,
        "close": confidence.CLOSE,
        "too_close": confidence.TOO_CLOSE,
        "clearly_free": confidence.CLEARLY_FREE,
        "bins": confidence.BINS,
        "min_answers": confidence.MIN_ANSWERS,
        "min_answers_in_bin": confidence.MIN_ANSWERS_IN_BIN,
        "cards_at_once": sheet.CARDS_AT_ONCE,
        "row_side": sheet.THUMBNAIL_SIDE,
        "row_around": sheet.AROUND,
        "wide": photo.WIDE_ASPECT_RATIO,
        "crop_side": faces.CROP_SIDE,
        "explanation_side": faces.EXPLANATION_SIDE,
        "expression_side": inside.EXPRESSION_SIDE,
        "step_photo_side": pipeline.PHOTO_SIDE,
        "step_thumbnail_side": pipeline.THUMBNAIL_SIDE,
        "least_change": covered.LEAST,
        "mean_landmarks": ((np.array(MEAN_LANDMARKS) + 0.5) / FER2013_SIDE).tolist(),
        "weighed_after": pipeline.WEIGHED_AFTER,
        "thumbnail_side": faces.THUMBNAIL_SIDE,
        "clearly": CLEARLY,
        "unclear": sorted(UNCLEAR),
        "least_region": MIN_REGION,
        # What the card's figures are judged by.
        "limits": {name: value for name, value in vars(quality).items() if name.isupper()},
        "without_mention": limits.WITHOUT_MENTION,
    }


def _viridis() -> str:
    """Return the 256 colours of the attention map as hexadecimal RGB, from no weight to most."""
    levels = np.arange(256, dtype=np.uint8).reshape(1, 256)
    colors = cv2.cvtColor(cv2.applyColorMap(levels, cv2.COLORMAP_VIRIDIS), cv2.COLOR_BGR2RGB)
    return np.asarray(colors, np.uint8).tobytes().hex()


def _words() -> dict[str, Any]:
    """Return the sentences, and patterns of sentences, that the presenters make."""
    return {
        "adjectives": messages.ADJECTIVES,
        "cover": {"parts": covered.PART_WORDS, "alt": covered.ALT, "unsure": covered.UNSURE},
        "steps": {kind: asdict(words) for kind, words in STEP_WORDS.items()},
        "stages": {kind: asdict(words) for kind, words in STAGE_WORDS.items()},
        "titles": [photo.title(count, "detected") for count in range(ASKED_FOR + 1)],
        "title": photo.title(MANY, "detected").replace(str(MANY), "{count}"),
        "summaries": [
            [_summary(count, unsure) for unsure in range(count + 1)] for count in range(ASKED_FOR + 1)
        ],
        "summary": {
            "none": _summary(MANY, 0).replace(str(MANY), "{count}"),
            "some": _summary(MANY, SOME).replace(str(MANY), "{count}").replace(str(SOME), "{unsure}"),
            "all": _summary(MANY, MANY).replace(str(MANY), "{count}"),
        },
        "rotated": {
            str(rotation): no_face.rotated(_fake(rotation=rotation)) for rotation in (0, 90, 180, 270)
        },
        "tried": _attempts(),
        "movements": {name: _movement(name) for name in NAMES},
        "explanation": faces.explanation_alt("{number}", "{word}"),
        "left_out": _limit(left_out=1, faces=[None] * MANY).replace(str(MANY), "{kept}"),
        "undone": limits.UNDONE,
        "too_long": _limit(undone=["{looks}"]),
        "smallest": _limit(smallest_face=float(SIZE)).replace(str(SIZE), "{smallest}"),
    }


def _movement(name: str) -> dict[str, Any]:
    """Return what is said of a measure that is clearly above those of calm faces, and below; None for nothing."""
    if name == "turned":
        sides = {"above": (float(MANY), 1.0), "below": (-float(MANY), 0.0)}
    else:
        sides = {"above": (0.0, MANY / 100), "below": (0.0, 1 - MANY / 100)}
    slot = "{degrees}" if name == "turned" else "{count}"
    said: dict[str, Any] = {}
    for side, (value, share) in sides.items():
        views = present_movements([Movement(name, value, share)])
        said[side] = (
            {"words": views[0].words, "size": views[0].size.replace(str(MANY), slot)} if views else None
        )
    return said


def _fake(**given: Any) -> Any:
    """Return what the presenters ask of an analysis or a face, and nothing else."""
    return SimpleNamespace(**given)


def _summary(count: int, unsure: int) -> str:
    return photo.summary(tuple(_fake(confident=place >= unsure, pointed=False) for place in range(count)))


def _limit(**given: Any) -> str:
    result: Any = {"left_out": 0, "undone": [], "smallest_face": None, "faces": [], **given}
    (sentence,) = limits.sentences(result)
    return sentence


def _attempts() -> dict[str, list[str]]:
    """Return what is said of each kind of look, where it found nothing and where it found something unsure."""
    plain = DetectionPass(rotation=0, upscaled=False, low_threshold=False, faces=0)
    kinds = {f"{rotation}": replace(plain, rotation=rotation) for rotation in (0, 90, 180, 270)}
    kinds |= {
        "leaning": replace(plain, rotation=45),
        "tiles": replace(plain, tiles=2),
        "upscaled": replace(plain, upscaled=True),
        "faint": replace(plain, low_threshold=True),
    }
    return {
        kind: [no_face.attempts(_fake(passes=(replace(taken, faces=count),)))[0] for count in (0, 1)]
        for kind, taken in kinds.items()
    }


def _plain(value: Any) -> Any:
    """Return dataclasses as JSON's types."""
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Mapping):
        return {str(key): _plain(each) for key, each in value.items()}
    return value
