"""The average of two epochs' weights, kept where it reads PublicTest better than the best epoch alone.

Weights from the same decaying run lie in one basin, and their average generalises better than either: stochastic weight
averaging (Izmailov et al. 2018, "Averaging Weights Leads to Wider Optima").
"""

from __future__ import annotations

from pathlib import Path

import keras

from training.network.build import PROBABILITIES


def average(
    model: keras.Model, best: Path, last: Path, validation: keras.utils.PyDataset
) -> dict[str, float | str]:
    """Leave ``model`` with the ``best`` weights or with their average with the ``last``; return what was compared.

    ``model`` is compiled with a metric "accuracy" (of two heads, the label's is taken); a tie keeps the best epoch. The
    returned accuracies are of the plain images.
    """
    model.load_weights(last)
    ends = model.get_weights()
    model.load_weights(best)
    alone = _accuracy(model, validation)
    weights = model.get_weights()
    model.set_weights([(one + other) / 2 for one, other in zip(weights, ends, strict=True)])
    averaged = _accuracy(model, validation)
    if averaged <= alone:
        model.set_weights(weights)
    return {
        "kept": "average" if averaged > alone else "best epoch",
        "best_epoch": round(alone, 5),
        "average_of_best_and_last_epoch": round(averaged, 5),
    }


def _accuracy(model: keras.Model, validation: keras.utils.PyDataset) -> float:
    figures = model.evaluate(validation, verbose=0, return_dict=True)
    # Of two heads, the label's: as in every epoch.
    return float(figures.get(f"{PROBABILITIES}_accuracy", figures.get("accuracy")))
