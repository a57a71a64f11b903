"""A face becoming numbers, as one strip for the start page: photo, box, crop, network input, what spoke, ten people."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from model.geometry import Box, Floats
from model.output.draw import explanation_image
from model.types import Analysis
from webapp.presenters import messages
from webapp.presenters.faces import FaceView, present_face
from webapp.presenters.formatters import size
from webapp.presenters.images import ImageView, fit, png, webp

SIDE = 224  # Pixels of a picture; it is shown half as large, for screens of two pixels a point.
QUALITY = 64


@dataclass(frozen=True, slots=True)
class StripView:
    """The pictures of the strip, in order, and the answer at its end."""

    photo: ImageView
    box: Box  # (x, y, width, height) of the face in pixels of that picture.
    crop: ImageView  # Cut out, eyes level.
    given: ImageView  # What the network gets.
    pixels: str  # The size of that, as text.
    spoke: ImageView | None  # What pointed to the answer; None if the model cannot be asked.
    face: FaceView  # Answer and ten people.


def present_strip(analysis: Analysis, spoke: Floats | None) -> StripView | None:
    """Return the strip of the first face; None if there is none.

    ``spoke`` are the maps of all labels (classes, height, width), see ``model.explain.occlusion_maps``.
    """
    if not analysis.faces:
        return None
    reading = analysis.faces[0]
    photo = fit(analysis.photo.pixels, SIDE)
    scale = photo.shape[1] / analysis.photo.width
    x, y, width, height = (round(scale * length, 1) for length in reading.box)
    word = messages.adjective(reading.prediction.emotion)
    rows, columns = reading.network_input.shape
    shown = None
    if spoke is not None:
        own = reading.prediction.labels.index(reading.prediction.emotion)
        picture = explanation_image(reading, np.asarray(spoke[own], np.float32), side=SIDE)
        alt = f"The face in gray; orange where covering a patch makes “{word}” less likely"
        shown = webp(picture, alt, quality=QUALITY)
    return StripView(
        photo=webp(photo, "A portrait with a box around the face", quality=QUALITY),
        box=(x, y, width, height),
        crop=webp(
            fit(reading.crop.aligned, SIDE),
            "The face, cut out and turned until its eyes are level",
            quality=QUALITY,
        ),
        given=png(reading.network_input, f"The face as {columns} by {rows} gray pixels"),
        pixels=size(columns, rows),
        spoke=shown,
        face=present_face(1, reading),
    )
