"""An analysis as the results page shows it."""

from __future__ import annotations

from dataclasses import dataclass

from model.draw import attention_on_crop, boxes_on_photo
from model.stages import Analysis, FaceReading, Prediction
from webapp.presenters import words
from webapp.presenters.images import ImageView, fit, jpeg, png

PHOTO_SIDE = 1024
CROP_SIDE = 240
# From this ratio of width to height on, a photo is better shown above the cards than beside them.
WIDE = 1.4

NO_FACE_LOOKED_FOR = (
    "The detector looked over the whole photo, at many sizes, for two eyes, a nose and a mouth that belong "
    "together."
)
NO_FACE_TIPS = (
    "Take a photo in which the face is upright and looks towards the camera.",
    "Come closer: a face should be at least 40 pixels wide, better 100.",
    "Look for more light, and light from the front rather than from behind.",
    "Sunglasses, hands, masks and strong blur can hide what the detector needs.",
)


@dataclass(frozen=True, slots=True)
class ProbabilityRow:
    """One bar of the chart: the label, its probability 0…1 and the same as text."""

    label: str
    value: float
    percent: str
    top: bool


@dataclass(frozen=True, slots=True)
class StageView:
    """One picture on a face's way, with its name and a short word on what it is."""

    name: str
    note: str
    image: ImageView
    pixelated: bool = False


@dataclass(frozen=True, slots=True)
class FaceView:
    """Everything a face's card says."""

    number: int
    anchor: str
    heading: str
    sentence: str
    detail: str
    confident: bool
    stages: tuple[StageView, ...]
    probabilities: tuple[ProbabilityRow, ...]


@dataclass(frozen=True, slots=True)
class ResultsView:
    """The results page: one photo and the faces in it. Without faces, ``looked_for`` and ``tips`` help on.

    ``wide`` photos go above the cards, others beside them.
    """

    title: str
    summary: str
    photo: ImageView
    wide: bool
    faces: tuple[FaceView, ...]
    looked_for: str
    tips: tuple[str, ...]
    timings: str
    model: str


def present(analysis: Analysis) -> ResultsView:
    """Return the view of an analysis."""
    faces = tuple(present_face(number, reading) for number, reading in enumerate(analysis.faces, start=1))
    count = words.how_many(len(faces), "face")
    return ResultsView(
        title=f"{count.capitalize()} found" if faces else "No face found",
        summary=_summary(faces),
        photo=jpeg(
            boxes_on_photo(analysis.photo, [reading.face for reading in analysis.faces], max_side=PHOTO_SIDE),
            f"The photo, with {count} marked by numbered boxes" if faces else "The photo that was looked at",
        ),
        wide=bool(faces) and analysis.photo.width > WIDE * analysis.photo.height,
        faces=faces,
        looked_for="" if faces else NO_FACE_LOOKED_FOR,
        tips=() if faces else NO_FACE_TIPS,
        timings=_timings(analysis),
        model=f"{analysis.model.name} {analysis.model.version}",
    )


def present_face(number: int, reading: FaceReading) -> FaceView:
    """Return the card of one face; ``number`` counts from 1 as on the photo."""
    prediction = reading.prediction
    return FaceView(
        number=number,
        anchor=f"face-{number}",
        heading=f"Face {number}",
        sentence=sentence(prediction),
        detail=detail(prediction),
        confident=prediction.confident,
        stages=stages(number, reading),
        probabilities=probabilities(prediction),
    )


def sentence(prediction: Prediction) -> str:
    """Return the answer in one sentence; under the threshold it says that there is no answer."""
    if prediction.confident:
        return f"Looks {words.adjective(prediction.emotion)}."
    return "Too close to call."


def detail(prediction: Prediction) -> str:
    """Return how sure the model is, in words and figures."""
    share = words.percent(prediction.confidence)
    if prediction.confident:
        return f"The model is {words.certainty(prediction.confidence, prediction.threshold)}: {share}."
    return (
        f"The best guess is “{words.adjective(prediction.emotion)}” with {share}, but under "
        f"{words.percent(prediction.threshold)} the model counts as not sure."
    )


def probabilities(prediction: Prediction) -> tuple[ProbabilityRow, ...]:
    """Return the bars, most probable first."""
    return tuple(
        ProbabilityRow(words.adjective(label), round(value, 4), words.percent(value), top=rank == 0)
        for rank, (label, value) in enumerate(prediction.ranked())
    )


def stages(number: int, reading: FaceReading) -> tuple[StageView, ...]:
    """Return the pictures on a face's way, in order."""
    crop = fit(reading.crop.pixels, CROP_SIDE)
    side = reading.crop.pixels.shape[0]
    rows, columns = reading.network_input.shape
    return (
        StageView(
            "Crop",
            f"{words.size(side, side)} pixels of the photo",
            jpeg(crop, f"Face {number}, cut out of the photo"),
        ),
        StageView(
            "Input",
            f"all that the model sees: {words.size(columns, rows)} grays",
            png(reading.network_input, f"Face {number} as {columns} by {rows} gray pixels"),
            pixelated=True,
        ),
        StageView(
            "Attention",
            "bright where the model weighed the picture most",
            jpeg(
                attention_on_crop(crop, reading.prediction.attention),
                f"Face {number} under the attention map, from dark (little weight) to yellow (much weight)",
            ),
        ),
    )


def _summary(faces: tuple[FaceView, ...]) -> str:
    if not faces:
        return "That happens with small, turned, hidden or blurred faces, and of course where there is none."
    unsure = sum(not face.confident for face in faces)
    if unsure == 0:
        return "The boxes carry the numbers of the cards below; the dots mark eyes, nose and mouth."
    if len(faces) == 1:
        return "The model found the face but is not sure about its expression."
    if unsure == len(faces):
        return "The model found the faces but is not sure about the expression of any of them."
    return f"About {unsure} of the {len(faces)} the model is not sure; their cards say so."


def _timings(analysis: Analysis) -> str:
    ms = analysis.timings_ms
    return (
        f"Opening the photo {ms.decode:.0f} ms, finding faces {ms.detect:.0f} ms, "
        f"reading them {ms.classify:.0f} ms"
    )
