"""One table over all saved models: ``python -m training.reports.comparison``.

Accuracies come from the reports and metadata beside the models; the time to read a face is measured now, the models
taking turns on the sample portrait with two threads (crop, face mesh where there is one, network, mirror image).
Writes model/saved/comparison.json, which the site shows; ``training.reports.readme`` puts it into README.md.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import time
from pathlib import Path
from typing import Any

from model import ModelRegistry
from model.store.files import SAVED
from model.store.metadata import Metadata
from model.store.reports import load_report

ROOT = Path(__file__).resolve().parent.parent.parent
PORTRAIT = ROOT / "static" / "samples" / "astronaut.jpg"
SCHEMA_VERSION = 1
THREADS = 2
# By configuration: which project's network it is, and what is published for it.
SYSTEMS = {
    "default": ("attention CNN", "no figure stated"),
    "people": ("attention CNN, people’s votes", "no figure stated"),
    "reference": ("attention CNN, as published", "no figure stated"),
    "deep": ("deep CNN", "66.13 % of the 7,178"),
    "upper_face": ("eye band", "67.83 %, five classes, own mixed split"),
    "upper_face_mobilenet": ("eye band, MobileNetV2", "60.08 %, as above"),
    "upper_face_efficientnet": ("eye band, EfficientNetB0", "35.61 %, as above"),
    "whole_face_upper_bound": ("the eye band’s upper bound, the whole face", "–"),
    "landmarks": ("CNN and landmarks", "54.6 %, macro-F1 0.517"),
    "landmarks_ablation": ("CNN without landmarks", "–"),
    "colour": ("128-pixel CNN", "75–78 %, validation on own data"),
}
COLUMNS = {
    "name": "model",
    "system": "project",
    "classes": "classes",
    "input": "reads",
    "parameters": "parameters",
    "megabytes": "file, MB",
    "milliseconds": "ms a face",
    "private_test": "PrivateTest, %",
    "test": "7,178 images, %",
    "macro_f1": "macro-F1, PrivateTest",
    "masked": "masked, %",
    "clear_votes": "clear votes, %",
    "published": "published",
}
# The same images for every model, which chooses among five labels (``training.reports.report.five_labels``).
FIVE_COLUMNS = {
    "name": "model",
    "input": "reads",
    "five": "accuracy, %",
    "five_macro_f1": "macro-F1",
    "five_masked": "masked: accuracy, %",
    "five_masked_macro_f1": "masked: macro-F1",
}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=40, help="turns of each model (%(default)s)")
    options = parser.parse_args()
    comparison = compare(SAVED, options.rounds)
    write_comparison(comparison, SAVED)
    print(as_markdown(comparison), as_markdown(comparison, FIVE_COLUMNS), sep="\n\n")


def compare(root: Path, rounds: int) -> dict[str, Any]:
    """The comparison as plain data: ``rows``, one a saved model below ``root``, and how the times were measured."""
    models = ModelRegistry.load(root=root, threads=THREADS, cache_size=None)
    times = reading_times(models, rounds)
    rows = [row(models.metadata(name), root / name) | {"milliseconds": times[name]} for name in models.names]
    rows.sort(key=in_order)
    return {"schema_version": SCHEMA_VERSION, "threads": THREADS, "cores": os.cpu_count(), "rows": rows}


def in_order(entry: dict[str, Any]) -> tuple[int, str]:
    """Where a row stands: as SYSTEMS names the configurations, what it does not name last; then by the model's name."""
    configurations = list(SYSTEMS)
    configuration = entry["configuration"]
    place = configurations.index(configuration) if configuration in SYSTEMS else len(configurations)
    return place, entry["name"]


def with_files(comparison: dict[str, Any], root: Path) -> dict[str, Any]:
    """The comparison with each row as the files below ``root`` are now; the times stay as they were measured."""
    rows = [
        row(Metadata.load(root / entry["name"]), root / entry["name"])
        | {"milliseconds": entry["milliseconds"]}
        for entry in comparison["rows"]
    ]
    return comparison | {"rows": rows}


def write_comparison(comparison: dict[str, Any], root: Path) -> None:
    """Write comparison.json into ``root``."""
    text = json.dumps(comparison, indent=2, ensure_ascii=False)
    (root / "comparison.json").write_text(text + "\n", encoding="utf-8")


def reading_times(models: ModelRegistry, rounds: int) -> dict[str, float]:
    """Median milliseconds of each model to read the portrait's face, once it is found."""
    detection = models.default.detect(PORTRAIT.read_bytes())
    taken: dict[str, list[float]] = {name: [] for name in models.names}
    for turn in range(rounds + 1):
        for name in models.names:
            recognizer = models.get(name)
            began = time.perf_counter()
            recognizer.classify(detection)
            if turn:
                taken[name].append(1000 * (time.perf_counter() - began))
    return {name: round(statistics.median(values), 1) for name, values in taken.items()}


def row(metadata: Metadata, directory: Path) -> dict[str, Any]:
    """What the files say of one model; None where something was not measured."""
    raw = metadata.raw
    configuration = str(raw["training"]["configuration"])
    system, published = SYSTEMS.get(configuration, (configuration, "–"))
    if metadata.label_source == "ferplus" and raw["training"]["settings"].get("labels") == "both":
        system += ", votes head"
    report = load_report(directory, metadata) or {}
    truths = report.get("truths", {})
    label, five = truths.get("fer2013", {}), report.get("five_labels", {})
    shape = metadata.input
    reads = f"{shape.width}×{shape.height}" + (" band" if metadata.region == "upper_face" else "")
    reads += f" + {shape.points} points" if shape.points else ""
    return {
        "name": metadata.name,
        "configuration": configuration,
        "system": system,
        "classes": len(metadata.labels),
        "input": reads,
        "parameters": int(raw["parameters"]),
        "megabytes": round(raw["files"]["model.onnx"]["bytes"] / 1e6, 1),
        "private_test": _of(label, "PrivateTest", "accuracy"),
        "test": _of(label, "test", "accuracy"),
        "macro_f1": _of(label, "PrivateTest", "macro_f1"),
        "masked": _of(label, "PrivateTest_masked", "accuracy"),
        "clear_votes": _of(truths.get("ferplus_clear", {}), "PrivateTest", "accuracy"),
        "five": _of(five, "PrivateTest", "accuracy"),
        "five_macro_f1": _of(five, "PrivateTest", "macro_f1"),
        "five_masked": _of(five, "PrivateTest_masked", "accuracy"),
        "five_masked_macro_f1": _of(five, "PrivateTest_masked", "macro_f1"),
        "published": published,
    }


def as_markdown(comparison: dict[str, Any], columns: dict[str, str] = COLUMNS) -> str:
    """A table for README.md: a row a model, the named ``columns``."""
    rows = [
        tuple(columns.values()),
        *(tuple(cell(name, entry[name]) for name in columns) for entry in comparison["rows"]),
    ]
    lines = ["| " + " | ".join(row) + " |" for row in rows]
    return "\n".join([lines[0], "|" + "---|" * len(columns), *lines[1:]])


def cell(name: str, value: Any) -> str:
    """One cell as text: shares of 1 in percent, macro-F1 as it is."""
    if value is None:
        return "–"
    if name.endswith("macro_f1"):
        return f"{value:.3f}"
    if name in ("private_test", "test", "masked", "clear_votes", "five", "five_masked"):
        return f"{100 * value:.1f}"
    if name == "parameters":
        return f"{value:,}"
    return f"`{value}`" if name == "name" else str(value)


def _of(metrics: dict[str, Any], split: str, name: str) -> float | None:
    value = metrics.get(split, {}).get(name)
    return None if value is None else float(value)


if __name__ == "__main__":
    main()
