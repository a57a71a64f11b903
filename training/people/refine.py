"""Go on from the finished student, towards the mean of its own answers and those of other saved models.

What it learned from the wide teachers is a good start; models that were trained another way err elsewhere. Every answer
is given once, about the clean training image, and becomes part of the target (Hinton et al. 2015,
https://arxiv.org/abs/1503.02531); the student itself and models of people's votes are asked for the mirror image, too.
The attention block's one convolution stays as it was taught. Saved is the average of the weights before and after
(Wortsman et al. 2022, "Robust fine-tuning of zero-shot models", https://arxiv.org/abs/2109.01903): what was gained on
FER-2013 stays, and what was lost on photos comes back.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import keras
import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from model.classifier import Classifier, softmax
from model.geometry import Pixels
from training.data.fer2013 import Fer2013
from training.people.config import KEPT, OWN_SHARE, RARE, REFINEMENT, SEED, Step
from training.people.export import logits_of
from training.people.fit import STUDENTS, MissingStep, run
from training.people.network import ATTENTION_LOGITS, CLASSES, LABEL, VOTES, load_network, save_weights
from training.people.targets import readable, targets
from training.people.trainer import Trainer

Floats = NDArray[np.float32]
CHUNK = 512  # images between two steps of the progress bar


def refine(
    data: Fer2013, runs: Path, name: str, teachers: Sequence[Classifier], step: Step = REFINEMENT
) -> None:
    """Write NAME_refined.npz: the student ``name`` after learning from itself and ``teachers``.

    Raises MissingStep where its attention was not taught yet.
    """
    path = runs / f"{name}_attending.npz"
    if not path.exists():
        raise MissingStep(f"There is no {path.name} yet: run python -m training.people attend first.")
    keras.utils.set_random_seed(SEED)
    network = load_network(path, STUDENTS[name], bounded=True)
    network.get_layer(ATTENTION_LOGITS).trainable = False
    split = readable(data.training)
    before = [weight.numpy() for weight in network.weights]
    answers = mixed_answers(
        own_answers(network, split.images), [(t, asked(t, split.images)) for t in teachers]
    )
    wanted = towards(targets(split), answers, step.distillation, split.classes)
    run(Trainer([network], replace(step, distillation=0.0), seed=SEED), split.images, wanted, "refined", runs)
    for weight, old in zip(network.weights, before, strict=True):
        weight.assign(KEPT * old + (1 - KEPT) * weight.numpy())
    save_weights(network, runs / f"{name}_refined.npz")


def own_answers(network: keras.Model, images: Pixels) -> dict[str, Floats]:
    """Both heads' probabilities for gray images (n, 48, 48), of the mean logits of image and mirror image."""
    views = [logits_of(network, view) for view in (images, images[:, :, ::-1])]
    sums = {LABEL: views[0].label + views[1].label, VOTES: views[0].votes + views[1].votes}
    return {head: softmax(np.asarray(total / 2, np.float32)) for head, total in sums.items()}


def head_of(teacher: Classifier) -> str:
    """The head that answers the same question as the saved model."""
    return VOTES if teacher.metadata.target == "people_votes" else LABEL


def asked(teacher: Classifier, images: Pixels) -> Floats:
    """A saved model's probabilities before its temperature, (n, 7), without zooms."""
    reader = teacher.with_one_view(mirror=head_of(teacher) == VOTES)
    parts = []
    for start in tqdm(range(0, len(images), CHUNK), teacher.metadata.name, disable=None):
        parts += [prediction.logits for prediction in reader.classify(images[start : start + CHUNK])]
    return softmax(np.stack(parts))


def mixed_answers(own: dict[str, Floats], others: Sequence[tuple[Classifier, Floats]]) -> dict[str, Floats]:
    """OWN_SHARE of the network's own answers, and the mean of the others' for the rest, where there are any."""
    mixed = {}
    for head, answer in own.items():
        given = [probabilities for teacher, probabilities in others if head_of(teacher) == head]
        share = OWN_SHARE[head] if given else 1.0
        mixed[head] = np.asarray(share * answer + (1 - share) * sum(given) / max(1, len(given)), np.float32)
    return mixed


def towards(wanted: Floats, answers: dict[str, Floats], weight: float, classes: Sequence[str]) -> Floats:
    """Targets as ``people.targets``' with ``weight`` of ``answers`` in them; votes for what is RARE weigh more."""
    votes = wanted[:, CLASSES:14]
    rare = np.ones(len(wanted), np.float32)
    for expression, more in RARE.items():
        rare += more * votes[:, classes.index(expression)]
    label = (1 - weight) * wanted[:, :CLASSES] * wanted[:, 14:15] + weight * answers[LABEL]
    shares = ((1 - weight) * votes * wanted[:, 15:16] + weight * answers[VOTES]) * rare[:, np.newaxis]
    return np.concatenate([label, shares, np.ones((len(wanted), 2))], axis=1).astype(np.float32)
