"""A tiny FER-2013 with votes, landmarks and meshes, and small configurations to train on it."""

from __future__ import annotations

import csv
import dataclasses
from pathlib import Path

import cv2
import numpy as np

from model.faces.eye_band import MEAN_LANDMARKS
from training.configs.schema import LABELS, NetworkConfig, TrainConfig
from training.configs.systems import CONFIGURATIONS
from training.data.fer2013 import load_fer2013
from training.data.ferplus import ANSWERS, COLUMNS
from training.data.landmarks import CASCADE, MEAN

PARTS = (("Training", "train"), ("PublicTest", "test"), ("PrivateTest", "test"))


def write_images(root: Path, training: int, tests: int) -> None:
    """Images whose classes differ by a bright bar's place, so that a network can learn them."""
    rng = np.random.default_rng(13)
    for split, part in PARTS:
        for index, label in enumerate(LABELS):
            place = root / part / label
            place.mkdir(parents=True, exist_ok=True)
            for number in range(training if split == "Training" else tests):
                image = rng.integers(0, 60, (48, 48), np.uint8)
                image[6 * index : 6 * index + 6] += 150
                cv2.imwrite(str(place / f"{split}_{index}{number:02}.jpg"), image)


def write_votes(root: Path) -> Path:
    """Ten votes for each image's label; one image of angry has no votes for an expression."""
    path = root / "votes.csv"
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["file", *ANSWERS])
        for image in sorted(root.rglob("*.jpg")):
            votes = [0] * len(ANSWERS)
            own = ANSWERS[COLUMNS[LABELS.index(image.parent.name)]]
            votes[ANSWERS.index("unknown" if image.name == "Training_000.jpg" else own)] = 10
            writer.writerow([image.relative_to(root).as_posix(), *votes])
    return path


def write_parts(root: Path) -> None:
    """landmarks.npz and meshes.npz for the images: one of each split has neither."""
    data, rng = load_fer2013(root), np.random.default_rng(14)
    landmarks: dict[str, object] = {}
    meshes: dict[str, object] = {}
    for name in ("training", "public_test", "private_test"):
        count = len(getattr(data, name))
        points = np.array(MEAN_LANDMARKS) + rng.normal(0, 0.5, (count, 5, 2))
        points[-1] = MEAN_LANDMARKS
        sources = np.full(count, CASCADE)
        sources[-1] = MEAN
        landmarks |= {f"{name}_points": points.astype(np.float32), f"{name}_sources": sources}
        mesh = rng.uniform(0.2, 0.8, (1, 468, 3)) + rng.normal(0, 0.02, (count, 468, 3))
        mesh[-1] = np.nan
        meshes[name] = mesh.astype(np.float16)
    np.savez(root / "landmarks.npz", fingerprint=np.array(data.fingerprint), **landmarks)
    np.savez(root / "meshes.npz", fingerprint=np.array(data.fingerprint), **meshes)


def shrunk(name: str) -> TrainConfig:
    """A system with its input, labels and kind of training, but a network that trains in seconds."""
    config = CONFIGURATIONS[name]
    small = NetworkConfig(
        widths=(8, 8),
        convolutions=(1, 1),
        attention=False,
        stem_stride=config.network.stem_stride,
        flatten=False,
        dense=(8,),
    )
    return dataclasses.replace(config, epochs=1, batch_size=16, network=small)
