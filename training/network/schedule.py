"""Warmup–stable–decay (WSD) learning rate: constant until the last epochs, so a run can be made longer later.

Hägele et al. 2024, "Scaling Laws and Compute-Optimal Training Beyond Fixed Training Durations"
(https://arxiv.org/abs/2405.18392): a constant rate with a short decay at the end ends where a cosine does.
"""

from __future__ import annotations

from typing import Any

import keras
from keras import ops


@keras.saving.register_keras_serializable(package="training")
class WarmupStableDecay(keras.optimizers.schedules.LearningRateSchedule):
    """From 0 to ``peak`` over ``warmup`` steps, then ``peak``, then to 0 over the last ``decay`` of ``total`` steps."""

    def __init__(self, peak: float, warmup: float, decay: float, total: float) -> None:
        super().__init__()
        self.peak, self.warmup, self.decay, self.total = peak, warmup, decay, total

    def __call__(self, step: Any) -> Any:
        step = ops.cast(step, "float32")
        up = (step + 1) / max(self.warmup, 1.0)
        down = (self.total - step) / max(self.decay, 1.0)
        return self.peak * ops.clip(ops.minimum(up, down), 0.0, 1.0)

    def get_config(self) -> dict[str, float]:
        """The arguments, as Keras stores them."""
        return {"peak": self.peak, "warmup": self.warmup, "decay": self.decay, "total": self.total}
