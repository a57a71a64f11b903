"""Fit a network as its configuration says; every epoch is kept, so a stopped run can go on."""

from __future__ import annotations

import csv
import json
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np

from training.configs.schema import TrainConfig
from training.data.fer2013 import Fer2013
from training.data.inputs import Inputs
from training.data.mesh_points import scale_of
from training.network.batches import EvaluationBatches, TrainingBatches
from training.network.build import PROBABILITIES, VOTES
from training.network.schedule import WarmupStableDecay
from training.network.weight_averaging import average

BEST_WEIGHTS = "best.weights.h5"
LAST_WEIGHTS = "backup/latest.weights.h5"  # what Keras' BackupAndRestore writes after every epoch
HISTORY = "history.csv"


@dataclass(frozen=True, slots=True)
class Fitted:
    """The result of a run."""

    history: list[dict[str, float]]  # a row an epoch
    averaging: dict[str, float | str] | None = None  # what ``network.weight_averaging`` compared, if on


def fit(model: keras.Model, data: Fer2013, config: TrainConfig, run: Path) -> Fitted:
    """Train in place. On return the model holds the best epoch's weights, or their average with the last epoch's.

    The average is kept if it scores higher on PublicTest. Best is the highest accuracy on PublicTest: of the moving
    average of the weights with ``config.ema``, of the label's head where there are two, against the most-voted label
    where only votes are learned. PrivateTest is never used. ``run`` is the folder for checkpoints
    (``training.network.run_dir``); if it has some, training resumes after the last whole epoch (the patience of early
    stopping starts anew).
    """
    done = _epochs_done(run)
    scale = scale_of(data, config)
    batches = TrainingBatches(Inputs(data.training, config, scale), config, first_epoch=done)
    _compile(model, config, steps_per_epoch=len(batches))
    validation = EvaluationBatches(Inputs(data.public_test, config, scale), config)
    if done < config.epochs:
        model.fit(
            batches,
            epochs=config.epochs,
            validation_data=validation,
            callbacks=_callbacks(config, run, resume=done > 0),
            verbose=0,
        )
    model.load_weights(run / BEST_WEIGHTS)
    averaging = None
    if config.average_checkpoints:
        averaging = average(model, run / BEST_WEIGHTS, run / LAST_WEIGHTS, validation)
    return Fitted(read_history(run / HISTORY), averaging)


def read_history(path: Path) -> list[dict[str, float]]:
    """The rows of a history.csv: epoch (from 0), seconds, and each metric for training and validation."""
    with path.open(newline="") as file:
        return [{key: float(value) for key, value in row.items()} for row in csv.DictReader(file)]


def _epochs_done(run: Path) -> int:
    """How many epochs the folder's backup has whole (Keras' BackupAndRestore writes the number beside it)."""
    path = run / "backup" / "training_metadata.json"
    return int(json.loads(path.read_text())["epoch"]) if path.exists() else 0


def _compile(model: keras.Model, config: TrainConfig, steps_per_epoch: int) -> None:
    two_heads = config.labels == "both"
    label = keras.losses.CategoricalCrossentropy(label_smoothing=config.label_smoothing)
    votes = keras.losses.CategoricalCrossentropy()
    single = label if config.labels == "fer2013" else votes
    figures = [
        keras.metrics.CategoricalAccuracy(name="accuracy"),
        keras.metrics.Precision(name="precision"),
        keras.metrics.Recall(name="recall"),
    ]
    agreement = [keras.metrics.CategoricalAccuracy(name="accuracy")]
    # An image's votes may be worth nothing, so their accuracy is weighted; the label's never is.
    votes_alone = config.labels == "ferplus"
    model.compile(
        optimizer=_optimizer(config, steps_per_epoch),
        loss={PROBABILITIES: label, VOTES: votes} if two_heads else single,
        # Halves: the shared network then learns at the pace that the learning rate was chosen for.
        loss_weights={PROBABILITIES: 0.5, VOTES: 0.5} if two_heads else None,
        metrics={PROBABILITIES: figures, VOTES: []} if two_heads else [] if votes_alone else figures,
        weighted_metrics={PROBABILITIES: [], VOTES: agreement}
        if two_heads
        else agreement
        if votes_alone
        else [],
        # Measured on CPUs: XLA is slower for this network. On a GPU Keras' own choice is right.
        jit_compile="auto" if keras.backend.backend() != "tensorflow" else False,
    )


def _optimizer(config: TrainConfig, steps_per_epoch: int) -> keras.optimizers.Optimizer:
    rate: Any = config.learning_rate
    if config.schedule == "wsd":
        warmup, decay = min(config.warmup, config.epochs / 4), min(config.decay, config.epochs / 2)
        rate = WarmupStableDecay(
            rate, warmup * steps_per_epoch, decay * steps_per_epoch, config.epochs * steps_per_epoch
        )
    if config.schedule == "cosine":
        # A short run (--epochs 2) still decays for most of its steps.
        warmup = round(min(config.warmup, config.epochs / 4) * steps_per_epoch)
        rate = keras.optimizers.schedules.CosineDecay(
            initial_learning_rate=0.0 if warmup else config.learning_rate,
            decay_steps=config.epochs * steps_per_epoch - warmup,
            warmup_target=config.learning_rate if warmup else None,
            warmup_steps=warmup,
        )
    shared: dict[str, Any] = {
        "learning_rate": rate,
        "use_ema": config.ema > 0,
        "ema_momentum": config.ema or 0.99,
    }
    if config.optimizer == "adam":
        return keras.optimizers.Adam(**shared)
    return keras.optimizers.SGD(momentum=0.9, nesterov=True, **shared)


def _callbacks(config: TrainConfig, run: Path, *, resume: bool) -> list[keras.callbacks.Callback]:
    """In this order: the backup holds the raw weights, the checkpoint after the swap holds their average."""
    best = max((row["val_accuracy"] for row in read_history(run / HISTORY)), default=None) if resume else None
    callbacks: list[keras.callbacks.Callback] = [
        Progress(config.epochs),
        keras.callbacks.CSVLogger(str(run / HISTORY), append=resume),
        keras.callbacks.BackupAndRestore(str(run / "backup"), delete_checkpoint=False),
    ]
    if config.ema:
        callbacks.append(keras.callbacks.SwapEMAWeights(swap_on_epoch=True))
    callbacks.append(
        keras.callbacks.ModelCheckpoint(
            str(run / BEST_WEIGHTS),
            monitor="val_accuracy",
            mode="max",
            save_best_only=True,
            save_weights_only=True,
            initial_value_threshold=best,
        )
    )
    if config.schedule == "plateau":
        callbacks.append(keras.callbacks.ReduceLROnPlateau(monitor="val_loss", factor=0.5, patience=5))
    if config.patience is not None:
        callbacks.append(
            keras.callbacks.EarlyStopping(monitor="val_accuracy", mode="max", patience=config.patience)
        )
    return callbacks


class Progress(keras.callbacks.Callback):
    """A line an epoch with the time left, and the epoch's seconds into the history.

    It comes first, and gives the figures of the label's head their plain names where there are two heads.
    """

    def __init__(self, epochs: int) -> None:
        super().__init__()
        self.epochs = epochs
        self.seconds: list[float] = []

    def on_epoch_begin(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        self.started = time.monotonic()

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        logs = logs if logs is not None else {}
        for name in [name for name in logs if f"{PROBABILITIES}_" in name]:
            plain = name.replace(f"{PROBABILITIES}_", "")
            logs[plain if plain not in logs else plain.replace("loss", "label_loss")] = logs.pop(name)
        self.seconds.append(time.monotonic() - self.started)
        logs["seconds"] = round(self.seconds[-1], 1)
        left = (self.epochs - epoch - 1) * float(np.median(self.seconds[-5:])) / 60
        print(
            f"epoch {epoch + 1}/{self.epochs}  {self.seconds[-1]:.0f} s  "
            f"loss {logs.get('loss', np.nan):.3f}  accuracy {logs.get('accuracy', np.nan):.3f}  "
            f"PublicTest: loss {logs.get('val_loss', np.nan):.3f}  accuracy {logs.get('val_accuracy', np.nan):.3f}  "
            + (f"votes {logs['val_votes_accuracy']:.3f}  " if "val_votes_accuracy" in logs else "")
            + f"about {left:.0f} min left",
            flush=True,
        )
