"""How calm faces measure, and how well single movements tell expressions apart.

    python -m training.reports.movements --data fer2013.zip --votes ferplus_votes.csv [--write]

Places the face mesh on FER-2013's images of which more than five of ten people said the same (FER+). The calm ones of
Training give the percentiles that the site compares a face with (``model.faces.movements``); PublicTest and PrivateTest
together give, for four pairs of movement and expression, the area under the ROC curve: how often a face of that
expression measures higher than one of another. ``--write`` puts both into the face mesh's metadata.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import roc_auc_score

from model.faces.eye_band import MEAN_LANDMARKS
from model.faces.face_mesh import FaceMesh
from model.faces.movements import NAMES, TURNED_TOO_FAR, CalmFaces, mean_steady, measure
from model.store.files import METADATA_FILE, SAVED, SavedModelError
from training.data.fer2013 import Split, load_fer2013
from training.data.ferplus import as_clearly_voted, with_votes
from training.data.formats import DatasetError
from training.data.meshes import locate_meshes

CALM = 2000  # Calm faces to measure.
# Expression → the movements whose distances from calm, in standard deviations, are added with these weights.
PAIRS: dict[str, dict[str, float]] = {
    "happy": {"corners_up": 1.0},
    "surprise": {"mouth_open": 1.0, "mouth_wide": -1.5, "eyes_wide": 2.0},
    "angry": {"brows_lowered": 1.0},
    # Weights chosen on 4,000 faces of Training; corners down alone give 0.616.
    "sad": {"corners_up": -1.0, "lids_slanting": 2.0, "eyes_wide": -1.0},
}

Measures = dict[str, NDArray[np.float64]]


def calm_faces(mesh: FaceMesh, training: Split) -> tuple[CalmFaces, Measures]:
    """Measure the calm faces of a split with votes that look to the front; their measures come too."""
    neutral = as_clearly_voted(training)
    neutral = neutral.where(neutral.labels == neutral.classes.index("neutral")).some(CALM)
    meshes = _meshes(mesh, neutral, "calm faces")
    meshes = meshes[~np.isnan(meshes[:, 0, 0])]
    steady = mean_steady(meshes)
    measures = _measures(meshes, steady)
    front = np.abs(measures["turned"]) <= TURNED_TOO_FAR
    measures = {name: values[front] for name, values in measures.items()}
    percentiles = {name: np.percentile(values, np.arange(101)) for name, values in measures.items()}
    return CalmFaces(int(front.sum()), steady, percentiles), measures


def validation(mesh: FaceMesh, calm: CalmFaces, calm_measures: Measures, split: Split) -> dict[str, Any]:
    """The areas under the curves of the four pairs on a split with votes, and how many faces they are from."""
    clear = as_clearly_voted(split)
    meshes = _meshes(mesh, clear, "test faces")
    found = ~np.isnan(meshes[:, 0, 0])
    measures = _measures(meshes[found], calm.steady)
    labels = clear.labels[found]
    spread = {name: values.std() for name, values in calm_measures.items()}
    areas = {
        label: round(
            float(
                roc_auc_score(
                    labels == clear.classes.index(label),
                    sum(weight * measures[name] / spread[name] for name, weight in weights.items()),
                )
            ),
            3,
        )
        for label, weights in PAIRS.items()
    }
    return {"faces": int(found.sum()), "without_mesh": int((~found).sum()), "auc": areas}


def _meshes(mesh: FaceMesh, split: Split, label: str) -> NDArray[np.float32]:
    """The meshes (n, 468, 3), placed by FER-2013's mean landmarks at first: the images are cut around the face."""
    landmarks = np.tile(np.array(MEAN_LANDMARKS, np.float32), (len(split), 1, 1))
    return locate_meshes(mesh, split.images, landmarks, label)


def _measures(meshes: NDArray[np.float32], steady: NDArray[np.float64]) -> Measures:
    rows = [measure(points, steady) for points in meshes]
    return {name: np.array([row[name] for row in rows]) for name in NAMES}


def write(calm: CalmFaces, figures: dict[str, Any], directory: Path) -> Path:
    """Put the calm faces and the figures into the face mesh's metadata."""
    path = directory / METADATA_FILE
    document = json.loads(path.read_text(encoding="utf-8"))
    document["calm_faces"] = calm.to_dict() | {
        "data": "FER-2013, Training, more than five of ten votes for neutral (FER+)",
        "command": "python -m training.reports.movements --data … --votes … --write",
        "validation": figures,
    }
    text = json.dumps(document, indent=2, ensure_ascii=False)
    compact = re.sub(r"\[[\s\d.,e-]+\]", lambda numbers: re.sub(r"\s+", "", numbers[0]), text)
    path.write_text(compact + "\n", encoding="utf-8")
    return path


def main(argv: list[str] | None = None) -> int:
    """Exit codes: 0 done, 2 the data, the votes or the face mesh cannot be used."""
    parser = argparse.ArgumentParser(
        prog="python -m training.reports.movements", description=__doc__.split("\n")[0], allow_abbrev=False
    )
    parser.add_argument(
        "--data", required=True, help="FER-2013: Kaggle's zip, its folder, fer2013.csv, or 'kaggle'"
    )
    parser.add_argument("--votes", required=True, type=Path, help="FER+ votes")
    parser.add_argument("--write", action="store_true", help="write them into the face mesh's metadata")
    options = parser.parse_args(argv)
    try:
        data = with_votes(load_fer2013(options.data), options.votes)
        mesh = FaceMesh.load(with_calm=False)
    except (DatasetError, SavedModelError) as error:
        print(error, file=sys.stderr)
        return 2
    calm, measures = calm_faces(mesh, data.training)
    figures = validation(mesh, calm, measures, data.test())
    print(
        f"{calm.faces:,} calm faces; {figures['faces']:,} test faces, {figures['without_mesh']:,} without mesh"
    )
    for label, area in figures["auc"].items():
        print(f"{label:10}{area:.3f}  {', '.join(PAIRS[label])}")
    if options.write:
        print(f"Wrote {write(calm, figures, SAVED / 'face_mesh')}", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
