"""View of the contact sheet: one row a face, a tally of the answers, order and choice of the rows.

Made from the results as they are signed, so that a sheet that is sorted again says what it said before.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from model.geometry import Box, Pixels
from model.output.serialize import AnalysisDict, FaceDict
from model.types import Photo
from webapp.presenters import formatters, messages
from webapp.presenters.confidence import too_close
from webapp.presenters.expressions import Group, ten_people, tones
from webapp.presenters.images import ImageView, fit, webp

THUMBNAIL_SIDE = 80
THUMBNAIL_QUALITY = 70
AROUND = 1.3  # Side of a thumbnail as a multiple of the box's longer one.
CARDS_AT_ONCE = 2  # Up to so many faces, their cards are in the page; of more, the sheet.

UNSURE, FAINT, ALL = "unsure", "faint", "all"
SORTS = ("face", "answer", "sure")  # A minus before it: the other way round.


@dataclass(frozen=True, slots=True)
class SheetRow:
    """One face of the sheet."""

    photo: int  # Number of its photo on the page, from 1.
    number: int  # From 1, as on the photo.
    anchor: str  # id of its card, or of its row as long as it has none.
    name: str  # Name of the photo's file.
    box: Box  # In pixels of the photo at its file’s size.
    landmarks: tuple[tuple[float, float], ...]  # Eyes, nose and mouth, likewise.
    label: str  # The most probable expression.
    confident: bool  # Whether the model is sure of it.
    too_close: bool  # Whether the two most probable are too close to call.
    confidence: float  # Probability of the label, 0…1.
    ten: tuple[Group, ...]  # Ten people by what they would say; empty unless the model predicts votes.
    tone: str  # Colour and face of the label, see ``webapp.presenters.expressions``.
    letter: str  # What stands in place of a face, for labels of other models.
    faint: bool  # Whether it is a small, unclear face of the background.
    pointed: bool  # Whether it is a region or the whole photo instead of a detected face.
    warnings: tuple[str, ...]  # What speaks against the answer.
    thumbnail: ImageView  # The face.

    @property
    def key(self) -> str:
        """What the form calls it."""
        return f"{self.photo}-{self.number}"

    @property
    def kind(self) -> str:
        """What it counts as in the tally: its label, unsure or faint."""
        if self.faint:
            return FAINT
        return self.label if self.confident else UNSURE

    @property
    def brief(self) -> str:
        """The answer in a word or two."""
        return messages.adjective(self.label) if self.confident else "not sure"


@dataclass(frozen=True, slots=True)
class Tally:
    """How many faces have an answer; pressed, only they are shown."""

    kind: str  # A label, "unsure", "faint" or "all".
    count: int  # Faces.
    words: str  # "17 happy".
    chosen: bool  # Whether they are the ones that are shown.


@dataclass(frozen=True, slots=True)
class SheetView:
    """The contact sheet of all photos."""

    title: str  # The tally in one line.
    summary: str  # Sentence below it.
    rows: tuple[SheetRow, ...]  # The rows that are shown, in their order.
    tally: tuple[Tally, ...]  # All faces first, then the most frequent answer.
    sort: str  # One of SORTS, perhaps with a minus.
    show: str  # Kind of the rows that are shown.
    total: int  # Faces, shown or not.
    several: bool  # Whether they are of several photos.
    folded: (
        bool  # Whether it has only the faces of the background, as the others have their cards in the page.
    )

    def sorted_by(self, column: str) -> str:
        """Return the value of aria-sort for a column."""
        if self.sort.removeprefix("-") != column:
            return "none"
        return "descending" if self.sort.startswith("-") else "ascending"

    def next_sort(self, column: str) -> str:
        """Return how pressing the head of a column sorts: the surest first, otherwise ascending; again, reversed."""
        first = "-sure" if column == "sure" else column
        return first if self.sort != first else first.removeprefix("-") if column == "sure" else f"-{column}"


def rows_of(photo: Photo, result: AnalysisDict, number: int) -> tuple[SheetRow, ...]:
    """Return the rows of one photo's faces by their numbers; ``photo`` may be smaller than the result's."""
    return tuple(
        _row(photo, result, face, number) for face in sorted(result["faces"], key=lambda face: face["number"])
    )


def _row(photo: Photo, result: AnalysisDict, face: FaceDict, number: int) -> SheetRow:
    shares = face["probabilities"]
    x, y, width, height = face["box"]
    tone = tones(tuple(shares))[face["emotion"]]
    warnings = list(face["quality"]["warnings"]) + (["covered"] if face.get("looks_covered") else [])
    return SheetRow(
        photo=number,
        number=face["number"],
        anchor=f"photo-{number}-face-{face['number']}",
        name=result["photo"],
        box=(x, y, width, height),
        landmarks=tuple((point[0], point[1]) for point in face["landmarks"].values()),
        label=face["emotion"],
        confident=face["confident"],
        too_close=too_close(shares),
        confidence=face["confidence"],
        ten=ten_people(shares) if result["model"]["target"] == "people_votes" else (),
        tone=tone.name,
        letter=tone.letter,
        faint=face["faint"],
        pointed=face["source"] != "detected",
        warnings=tuple(warnings),
        thumbnail=_thumbnail(photo, (x, y, width, height), photo.width / result["width"]),
    )


def _thumbnail(photo: Photo, box: Box, scale: float) -> ImageView:
    x, y, width, height = (scale * value for value in box)
    side = min(AROUND * max(width, height), photo.width, photo.height)
    left = min(max(x + width / 2 - side / 2, 0), photo.width - side)
    top = min(max(y + height / 2 - side / 2, 0), photo.height - side)
    rows = slice(int(top), max(int(top) + 1, int(top + side)))
    columns = slice(int(left), max(int(left) + 1, int(left + side)))
    cut: Pixels = np.ascontiguousarray(photo.pixels[rows, columns])
    return webp(fit(cut, THUMBNAIL_SIDE), "", quality=THUMBNAIL_QUALITY)


def needs_sheet(rows: Collection[SheetRow], photos: int) -> bool:
    """Return whether faces are shown in a sheet: more than two, or some of a single photo's background."""
    faint = sum(row.faint for row in rows)
    return len(rows) - faint > CARDS_AT_ONCE or (photos == 1 and faint > 0)


def opened_at_first(rows: Collection[SheetRow]) -> frozenset[str]:
    """Return the keys of the faces whose cards are open when nobody has asked: at most two clear ones."""
    clear = frozenset(row.key for row in rows if not row.faint)
    if len(clear) <= CARDS_AT_ONCE:
        return clear or frozenset(row.key for row in [*rows][:1])
    return frozenset()


def present_sheet(rows: Sequence[SheetRow], *, photos: int, sort: str = "face", show: str = ALL) -> SheetView:
    """Return the sheet of the faces of so many photos; what ``sort`` and ``show`` don't know is as if not given."""
    clear = sum(not row.faint for row in rows)
    folded = photos == 1 and 0 < clear <= CARDS_AT_ONCE
    everyone = Counter(row.kind for row in rows)
    if folded:
        rows = [row for row in rows if row.faint]
    counts = Counter(row.kind for row in rows)
    show = show if show in counts else ALL
    sort = sort if sort.removeprefix("-") in SORTS else "face"
    chosen = [row for row in rows if show in (ALL, row.kind)]
    entries = [Tally(ALL, len(rows), f"All {len(rows)}", show == ALL)]
    entries += [
        Tally(kind, counts[kind], words(kind, counts[kind]), show == kind) for kind in kinds_of(counts)
    ]
    return SheetView(
        title=title(everyone, kinds_of(everyone), photos),
        summary=background(everyone[FAINT]) if folded else summary(everyone),
        rows=tuple(_in_order(chosen, sort)),
        tally=tuple(entries),
        sort=sort,
        show=show,
        total=len(rows),
        several=photos > 1,
        folded=folded,
    )


def kinds_of(counts: Counter[str]) -> list[str]:
    """Return what there is, the most frequent answer first, then what is unsure and what is faint."""
    kinds = sorted((kind for kind in counts if kind not in (UNSURE, FAINT)), key=lambda kind: -counts[kind])
    return kinds + [kind for kind in (UNSURE, FAINT) if counts[kind]]


def _in_order(rows: Sequence[SheetRow], sort: str) -> list[SheetRow]:
    keys: Mapping[str, Callable[[SheetRow], Any]] = {
        "face": lambda row: 0,
        "answer": lambda row: (not row.confident, row.brief, -row.confidence),
        "sure": lambda row: row.confidence,
    }
    place = sort.removeprefix("-")
    by_place = sorted(rows, key=lambda row: (row.photo, row.number), reverse=sort == "-face")
    return sorted(by_place, key=keys[place], reverse=sort.startswith("-") and place != "face")


def words(kind: str, count: int) -> str:
    """Return how many faces have an answer, are unsure or are faint: "17 happy"."""
    if kind == UNSURE:
        return f"{count} not sure"
    return f"{count} faint" if kind == FAINT else f"{count} {messages.adjective(kind)}"


def title(counts: Counter[str], kinds: Sequence[str], photos: int) -> str:
    """Return the tally of so many photos in one line, in the order of ``kinds``."""
    clear = sum(count for kind, count in counts.items() if kind != FAINT)
    faces = formatters.how_many(clear or sum(counts.values()), "face")
    start = f"{formatters.how_many(photos, 'photo')}, {faces}" if photos > 1 else faces
    named = [kind for kind in kinds if kind != FAINT or not clear]
    if len(named) == 1 and clear > 1 and photos == 1:
        if named[0] == UNSURE:
            return f"{faces.capitalize()}, and no clear answer"
        every = "Both" if clear == 2 else f"All {faces.partition(' ')[0]}"
        return f"{every} look {messages.adjective(named[0])}"
    said = ", ".join(words(kind, counts[kind]) for kind in named)
    return f"{start[0].upper()}{start[1:]}: {said}"


def summary(counts: Counter[str]) -> str:
    """Return the sentence below the tally, on how sure the model is."""
    unsure, faint = counts[UNSURE], counts[FAINT]
    clear = sum(counts.values()) - faint
    said = []
    if unsure and unsure == clear:
        said.append("The model is unsure about every one of them.")
    elif unsure:
        said.append(
            f"The model is unsure about {formatters.NUMBERS[unsure] if unsure <= 10 else unsure} of them."
        )
    else:
        said.append("The model has an answer for each of them.")
    if faint:
        said.append(background(faint))
    return " ".join(said)


def background(faint: int) -> str:
    """Return the sentence on faces of the background."""
    more = "One more is" if faint == 1 else f"{formatters.how_many(faint, 'face').capitalize()} more are"
    return f"{more.replace(' faces more', ' more')} small and unclear, probably of the background."
