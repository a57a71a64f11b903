"""The words below a face's stages, with their placeholders: the pages that read in the browser fill in the same."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class StageWords:
    """Words with the placeholders of ``str.format``."""

    name: str  # Name of the stage.
    note: str  # Short description.
    alt: str  # Text alternative of its picture.


STAGE_WORDS = {
    "crop": StageWords("Crop", "{size} pixels of the photo", "Face {number}, cut out of the photo"),
    "aligned": StageWords(
        "Aligned",
        "turned {degrees}° to the {side}, so that the eyes are level",
        "Face {number}, turned until its eyes are level",
    ),
    "input": StageWords(
        "Input",
        "all that the model sees: {size} grays",
        "Face {number} as {columns} by {rows} gray pixels",
    ),
    "input_and_mesh": StageWords(
        "Input",
        "the pixels that it reads: {size} grays",
        "Face {number} as {columns} by {rows} gray pixels",
    ),
    "attention": StageWords(
        "Attention block",
        "weights halfway through the network; no reason for the answer",
        "Face {number} under the attention map, from dark (little weight) to yellow (much weight)",
    ),
}
