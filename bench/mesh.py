"""Time of the face mesh: ``python -m bench.mesh``.

Milliseconds a face with one thread and with two, for the network alone, one pass and two passes, alternating.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from functools import partial

import cv2
import numpy as np

from bench.detector import medians
from model.detection.detector import MtcnnDetector
from model.faces.face_mesh import FaceMesh, initial_roi
from model.geometry import warp_crop
from tests.helpers import photos as faces_photos


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=101, help="measured rounds (%(default)s)")
    arguments = parser.parse_args()
    photo = faces_photos.scaled(faces_photos.portrait(), 1024)
    (face,) = MtcnnDetector.load(threads=1).detect_faces(photo)
    print("| threads | network | one pass | two passes |")
    print("|---|---|---|---|")
    for threads in (1, 2):
        cv2.setNumThreads(threads)
        mesh = FaceMesh.load(threads=threads)
        crop = warp_crop(photo, initial_roi(face), (mesh.side, mesh.side))[None].astype(np.float32)
        contenders: list[Callable[[], object]] = [
            partial(mesh.session.run, None, {"pixels": crop}),
            partial(mesh.locate, photo, face, passes=1),
            partial(mesh.locate, photo, face),
        ]
        times = " | ".join(f"{took:.2f} ms" for took in medians(contenders, arguments.rounds))
        print(f"| {threads} | {times} |")


if __name__ == "__main__":
    main()
