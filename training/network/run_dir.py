"""A run's folder: its checkpoints, and which training they belong to, so that a resume cannot mix two trainings."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

from training.configs.schema import TrainConfig

CONFIGURATION = "configuration.json"


class RunError(Exception):
    """A stopped run cannot go on as asked; the message names what differs and the ways out."""


def open_run(run: Path, config: TrainConfig, *, resume: bool) -> None:
    """Make ``run`` ready: empty, or with ``resume`` as the stopped run left it. Its configuration is written beside.

    Keras restores a checkpoint of another network with no more than a warning, so a resume compares the
    configurations first; only ``epochs`` may differ. A folder of before configurations were written is taken as it is.
    Raises RunError.
    """
    path = run / CONFIGURATION
    wanted = json.loads(json.dumps(config.to_dict()))  # tuples become lists, as in the file
    if resume and path.exists():
        other = differences(json.loads(path.read_text(encoding="utf-8")), wanted)
        other.pop("epochs", None)
        if other:
            told = "; ".join(f"{name} {was!r}, now {now!r}" for name, (was, now) in other.items())
            raise RunError(
                f"{run} holds a training with other settings ({told}). Go on with its own settings, "
                "leave --resume out to train anew (which empties the folder), or give this run another --name."
            )
    if not resume:
        shutil.rmtree(run, ignore_errors=True)
    run.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(wanted, indent=2) + "\n", encoding="utf-8")


def differences(one: dict[str, Any], other: dict[str, Any]) -> dict[str, tuple[Any, Any]]:
    """The settings in which two configurations differ, nested ones as "network.widths"; None where one has none."""
    found: dict[str, tuple[Any, Any]] = {}
    for name in [*one, *(name for name in other if name not in one)]:
        was, now = one.get(name), other.get(name)
        if isinstance(was, dict) and isinstance(now, dict):
            found |= {f"{name}.{inner}": pair for inner, pair in differences(was, now).items()}
        elif was != now:
            found[name] = (was, now)
    return found
