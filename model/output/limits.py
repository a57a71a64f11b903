"""What the search for faces left out, in sentences, for command line and site."""

from __future__ import annotations

from .serialize import AnalysisDict

WITHOUT_MENTION = 24  # Pixels: nobody misses a face that is smaller.
UNDONE = {
    "rotated": "faces in the photo turned",
    "leaning": "heads that lean far",
    "small": "small faces in all of it",
    "upscaled": "very small faces",
    "faint": "faint faces",
}


def sentences(result: AnalysisDict) -> list[str]:
    """Return a sentence on each: faces that were too many, too small to look for, or not looked for in time."""
    said = []
    if result["left_out"]:
        kept = len(result["faces"])
        said.append(f"More than {kept} faces were found; kept are the {kept} that the detector is surest of.")
    if result["undone"]:
        looks = [UNDONE.get(name, name) for name in result["undone"]]
        listed = looks[0] if len(looks) == 1 else f"{', '.join(looks[:-1])} and {looks[-1]}"
        said.append(f"The search took too long, so it ended before it looked for {listed}.")
    smallest = result["smallest_face"]
    if smallest is not None and smallest > WITHOUT_MENTION:
        said.append(f"Faces under {smallest:.0f} pixels were not looked for.")
    return said
