"""Teach the attention block where to look: its map learns from occlusion maps of the same network.

Left to itself the block has no reason to choose: with a sigmoid it weighs every place alike, with a softmax it puts
all weight into one corner, and the accuracy is the same without it. So the finished network is asked for its occlusion
maps (``model.explain``) with the block switched off, and the block's one convolution, 99 numbers, learns to tell the
places that pointed to the answer from the mean and the maximum of the channels. Nothing else changes.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

import keras
import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from model.classifier import Classifier
from model.explain import occlusion_maps
from training.data.fer2013 import Fer2013
from training.people.config import ATTENTION_IMAGES, SEED, Shape
from training.people.fit import STUDENTS, MissingStep
from training.people.network import (
    ATTENTION_LOGITS,
    SUMMARY_LAYER,
    load_network,
    place_weights,
    save_weights,
)
from training.people.targets import readable

Floats = NDArray[np.float32]
GRID = 12


def attend(data: Fer2013, runs: Path, name: str, images: int = ATTENTION_IMAGES, epochs: int = 200) -> None:
    """Write NAME_attending.npz: the student ``name`` with a bounded attention block that follows its occlusion maps."""
    path = runs / f"{name}.npz"
    if not path.exists():
        raise MissingStep(f"There is no {path.name} yet: run python -m training.people student first.")
    keras.utils.set_random_seed(SEED)
    network = load_network(path, STUDENTS[name], bounded=True)
    switch_off(network)
    split = readable(data.training)
    chosen = np.random.default_rng(SEED).choice(len(split), min(images, len(split)), replace=False)
    faces = split.images[np.sort(chosen)]
    wanted = occlusion_targets(network, STUDENTS[name], faces)
    np.savez_compressed(runs / f"{name}_occlusion.npz", faces=faces, wanted=wanted)
    reader = keras.Model(network.input, network.get_layer(SUMMARY_LAYER).output)
    summary = reader.predict(faces[..., np.newaxis].astype(np.float32), batch_size=256, verbose=0)
    network.get_layer(ATTENTION_LOGITS).set_weights(taught(summary, wanted, epochs))
    save_weights(network, runs / f"{name}_attending.npz")


def switch_off(network: keras.Model) -> None:
    """Let the block weigh every place alike."""
    layer = network.get_layer(ATTENTION_LOGITS)
    layer.set_weights([np.zeros_like(weight) for weight in layer.get_weights()])


def occlusion_targets(network: keras.Model, shape: Shape, faces: NDArray[np.uint8]) -> Floats:
    """Where covering takes the answer away, as shares of 12×12 places, float32 (n, 12, 12, 1) summing to 1."""
    from training.people.export import temporary_classifier

    with tempfile.TemporaryDirectory() as folder:
        classifier = temporary_classifier(network, shape, Path(folder))
        maps = [strongest(classifier, face) for face in tqdm(faces, "occlusion maps", disable=None)]
    return np.stack(maps)[..., np.newaxis]


def strongest(classifier: Classifier, face: NDArray[np.uint8]) -> Floats:
    """The positive part of the answer's occlusion map, (12, 12) summing to 1."""
    answer, maps = occlusion_maps(classifier, face)
    block = face.shape[0] // GRID
    places = np.maximum(maps[answer], 0).reshape(GRID, block, GRID, block).mean(axis=(1, 3)) + 1e-4
    return np.asarray(places / places.sum(), np.float32)


def taught(summary: Floats, wanted: Floats, epochs: int) -> list[Floats]:
    """Kernel and bias of the block's convolution after learning ``wanted`` and its mirror image from ``summary``."""
    # Learned on channels of one size, so that the bound is not reached before anything is learned.
    size = summary.std(axis=(0, 1, 2))
    summary = summary / size
    given = keras.Input(summary.shape[1:])
    block = keras.Model(given, place_weights(given, bounded=True))
    flat = keras.layers.Flatten()(block.output)
    learner = keras.Model(given, flat)
    layer = block.get_layer(ATTENTION_LOGITS)
    layer.set_weights([weight * 0.1 for weight in layer.get_weights()])
    learner.compile(optimizer=keras.optimizers.Adam(3e-3), loss="kl_divergence", jit_compile=False)
    both = np.concatenate([summary, summary[:, :, ::-1]])
    targets = np.concatenate([wanted, wanted[:, :, ::-1]]).reshape(len(both), -1)
    learner.fit(both, targets, batch_size=64, epochs=epochs, verbose=0)
    kernel, bias = block.get_layer(ATTENTION_LOGITS).get_weights()
    return [kernel / size[:, np.newaxis], bias]
