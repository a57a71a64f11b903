"""One training step for the people networks: change the images on the device, ask the teachers, compare.

The teachers see the same crop as the students, but clean: without cover, blur or noise (Beyer et al. 2022, "Knowledge
distillation: A good teacher is patient and consistent", https://arxiv.org/abs/2106.05237). So their answer is about the
face that is there, and no student can learn it by heart.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
from keras import ops

from training.people import augment, covers
from training.people.config import Step
from training.people.network import CLASSES, COVERED, LABEL, VOTES

Tensor = Any
UNCOVERED, IS_COVERED = 0.2, 0.75  # share of the lower face; between the two the covered head learns nothing


class Trainer(keras.Model):
    """Networks that learn together from uint8 images (b, 48, 48) and targets (b, 16), see ``people.targets``."""

    def __init__(
        self,
        networks: Sequence[keras.Model],
        step: Step,
        *,
        teachers: Sequence[keras.Model] = (),
        seed: int = 0,
    ) -> None:
        super().__init__()
        self.networks, self.teachers, self.step = list(networks), list(teachers), step
        for teacher in self.teachers:
            teacher.trainable = False
        self.seeds = keras.random.SeedGenerator(seed)

    def call(self, images: Tensor, training: bool = False) -> dict[str, Any]:
        """Change the images and read them; plain logits where ``training`` is off."""
        x = ops.cast(images, "float32")
        if not training:
            return {"outputs": [network(x[..., None], training=False) for network in self.networks]}
        step, count = self.step, ops.shape(x)[0]
        draw = augment.Draw(self.seeds, count)
        worn, opacity = covers.cover(x, draw, step.covered)
        places = augment.random_places(draw, rotation=12.0, scale=(0.85, 1.18), shift=4.0)
        clean, changed = (augment.bilinear(each, *places, count) for each in (x, worn))
        share = ops.ones((count, 1, 1))
        if step.mixup:
            share = 1.0 - draw.chance(step.mixup) * draw.uniform(0.0, 0.5)
            clean, changed = mixed_with_next(clean, share), mixed_with_next(changed, share)
        seen = augment.degrade(changed, draw, step.strength)
        seen, hole = augment.erase(seen, draw, step.erasing)
        seen = ops.round(seen)[..., None]  # as the pixels of a photo are
        lower = ops.convert_to_tensor(covers.LOWER)
        hidden = ops.sum(opacity * lower, axis=(1, 2))
        alone = ops.cast(share[:, 0, 0] > 0.999, "float32")
        # A rectangle over the mouth's place covers it, too.
        hidden = ops.maximum(hidden, alone * ops.sum(hole * lower, axis=(1, 2)))
        result = {
            "outputs": [network(seen, training=True) for network in self.networks],
            "hidden": hidden,
            "share": share[:, 0, 0],
        }
        if self.teachers:
            answers = [teacher(clean[..., None], training=False) for teacher in self.teachers]
            for head in (LABEL, VOTES):
                mean = sum(ops.softmax(answer[head]) for answer in answers) / len(answers)
                result[head] = ops.stop_gradient(mean)
        return result

    def compute_loss(
        self,
        x: Tensor = None,
        y: Tensor = None,
        y_pred: Any = None,
        sample_weight: Tensor = None,
        training: bool = True,
    ) -> Tensor:
        """Cross-entropy of both answers, half each, 0.2 of that of "covered", and the weights' L2."""
        share = y_pred["share"]
        wanted = {
            LABEL: mixed_with_next(y[:, :CLASSES] * y[:, 14:15], share[:, None]),
            VOTES: mixed_with_next(y[:, CLASSES:14] * y[:, 15:16], share[:, None]),
        }
        weight = self.step.distillation
        if self.teachers:
            wanted = {head: (1 - weight) * target + weight * y_pred[head] for head, target in wanted.items()}
        hidden = y_pred["hidden"]
        certain = ops.cast((hidden < UNCOVERED) | (hidden > IS_COVERED), "float32")
        certain = certain * ops.cast(share > 0.999, "float32")
        total = 0.0
        for output in y_pred["outputs"]:
            for head, target in wanted.items():
                total += 0.5 * ops.mean(-ops.sum(target * ops.log_softmax(output[head]), axis=-1))
            logit = output[COVERED][:, 0]
            error = ops.softplus(logit) - ops.cast(hidden > 0.5, "float32") * logit
            total += 0.2 * ops.sum(error * certain) / (ops.sum(certain) + 1.0)
        return total + sum(sum(network.losses) for network in self.networks)


def mixed_with_next(values: Tensor, share: Tensor) -> Tensor:
    """``share`` of each and the rest of its neighbour in the batch."""
    return share * values + (1 - share) * ops.roll(values, 1, axis=0)
