"""Run the steps: wide teachers, and the students that learn from all of them."""

from __future__ import annotations

import json
import time
from pathlib import Path

import keras
import numpy as np
from numpy.typing import NDArray

from training.data.fer2013 import Fer2013
from training.people.config import MAIN, SEED, SMALL, STUDENT, TEACHER, TEACHERS, WIDE, Step
from training.people.network import build, load_network, save_weights
from training.people.targets import Batches, readable, targets
from training.people.trainer import Trainer

STUDENTS = {"main": MAIN, "small": SMALL}
Floats = NDArray[np.float32]


class MissingStep(Exception):
    """The step before this one has not been run; the message names its command."""


def train_teachers(data: Fer2013, runs: Path, step: Step = TEACHER, count: int = TEACHERS) -> None:
    """Train the teachers one after the other; existing ones are kept, so a stopped run can be resumed."""
    split = readable(data.training)
    for number in range(count):
        path = runs / f"teacher{number}.npz"
        if path.exists():
            continue
        keras.utils.set_random_seed(SEED + number)
        network = build(WIDE)
        run(Trainer([network], step, seed=SEED + number), split.images, targets(split), path.stem, runs)
        save_weights(network, path)


def train_students(data: Fer2013, runs: Path, step: Step = STUDENT) -> None:
    """Train both students on the same batches: the teachers are asked once for the two."""
    teachers = [load_network(path, WIDE) for path in sorted(runs.glob("teacher?.npz"))]
    if not teachers:
        raise MissingStep("There are no teachers yet: run python -m training.people teachers first.")
    split = readable(data.training)
    keras.utils.set_random_seed(SEED)
    networks = [build(shape, name) for name, shape in STUDENTS.items()]
    trainer = Trainer(networks, step, teachers=teachers, seed=SEED)
    run(trainer, split.images, targets(split), "students", runs)
    for network in networks:
        save_weights(network, runs / f"{network.name}.npz")


def run(trainer: Trainer, images: NDArray[np.uint8], wanted: Floats, tag: str, runs: Path) -> None:
    """Fit; on return the networks hold the moving average of their weights. Writes TAG.csv, a row an epoch."""
    step = trainer.step
    batches = Batches(images, wanted, min(step.batch_size, len(images)), SEED)
    optimizer = keras.optimizers.SGD(
        learning_rate=step.learning_rate, momentum=0.9, nesterov=True, use_ema=True, ema_momentum=step.ema
    )
    # Measured on CPUs: XLA is slower for these networks. On a GPU Keras' own choice is right.
    trainer.compile(
        optimizer=optimizer, jit_compile="auto" if keras.backend.backend() != "tensorflow" else False
    )
    (runs / f"{tag}.json").write_text(json.dumps(step.to_dict()) + "\n", encoding="utf-8")
    log = keras.callbacks.CSVLogger(str(runs / f"{tag}.csv"))
    trainer.fit(
        batches, epochs=step.epochs, shuffle=False, verbose=0, callbacks=[Pace(tag, len(batches)), log]
    )


class Pace(keras.callbacks.Callback):
    """A learning rate that warms up and falls along a cosine, set before every epoch; a line an epoch."""

    def __init__(self, tag: str, steps: int) -> None:
        super().__init__()
        self.tag, self.steps = tag, steps

    def on_epoch_begin(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        step, self.started = self.model.step, time.monotonic()
        self.model.optimizer.learning_rate.assign(rate(step, epoch))

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        seconds, loss = time.monotonic() - self.started, (logs or {}).get("loss", np.nan)
        print(
            f"{self.tag}: epoch {epoch + 1}/{self.model.step.epochs}  {seconds:.1f} s  loss {loss:.4f}",
            flush=True,
        )


def rate(step: Step, epoch: int) -> float:
    """The learning rate of an epoch, counted from 0."""
    warmup = min(step.warmup, step.epochs / 4)
    if epoch < warmup:
        return step.learning_rate * (epoch + 1) / (warmup + 1)
    turned = (epoch + 0.5 - warmup) / (step.epochs - warmup)
    return float(step.learning_rate * 0.5 * (1 + np.cos(np.pi * turned)))
