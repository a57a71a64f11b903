"""Bring saved models of an earlier version up to date: ``python -m training.export.upgrade [NAME …]``.

A saved model of metadata schema 2 gets 16-bit weights (``training.convert.float16``), today's names for its settings,
and each fact once: its metrics move to report.json, which is written compactly, and history.json and framing.json,
which repeat other files, are removed. Its figures stay as they were measured: rounding moves probabilities by less than
0.002 (``python -m training.evaluate --write`` measures anew). comparison.json follows. The face mesh gets 16-bit
weights, too. What is so already stays as it is.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from model.store.files import (
    METADATA_FILE,
    MODEL_FILE,
    SAVED,
    UPGRADABLE_SCHEMA,
    SavedModelError,
    read_file,
    read_verified,
    saved_models,
)
from model.store.metadata import SCHEMA_VERSION
from model.store.reports import FILE_NAME as REPORT
from model.store.reports import load_comparison
from training.convert.float16 import store_float16
from training.export.metadata_file import file_records, write_metadata
from training.reports.comparison import with_files, write_comparison
from training.reports.report import write_report

MESH_FILE = "face_mesh.onnx"
REPEATED = ("history.json", "framing.json")
# Settings by their old names: whole configuration, network, augmentation. None: no longer there.
Names = dict[str, str | None]
SETTINGS: Names = {"masked": "masked_fraction", "soup": "average_checkpoints", "gradient_clip": None}
PARTS: dict[str, Names] = {"network": {"point_units": None}, "augment": {"erase": "random_erasing"}}


def upgrade(directory: Path, *, float16: bool = True) -> bool:
    """Upgrade the saved model in ``directory`` in place; False where nothing is left to do.

    Without ``float16`` the network stays. Raises SavedModelError for another schema, or where model.onnx is not
    the file that the metadata describes.
    """
    raw = json.loads(read_file(directory / METADATA_FILE))
    weights = "float16" if float16 else raw.get("weights")
    if raw.get("schema_version") == SCHEMA_VERSION and raw["weights"] == weights:
        return False
    if raw.get("schema_version") not in (UPGRADABLE_SCHEMA, SCHEMA_VERSION):
        raise SavedModelError(f"{directory} has schema version {raw.get('schema_version')!r}: train it anew.")
    before = raw["files"][MODEL_FILE]["sha256"]
    read_verified(directory, MODEL_FILE, before)
    if float16:
        store_float16(directory / MODEL_FILE)
    files = file_records(directory, (name for name in raw["files"] if (directory / name).exists()))
    write_report(_report(raw, directory, before, files[MODEL_FILE]["sha256"]), directory)
    write_metadata(upgraded(raw, files) | {"weights": weights}, directory)
    for name in REPEATED:
        (directory / name).unlink(missing_ok=True)
    return True


def upgraded(raw: dict[str, Any], files: dict[str, Any]) -> dict[str, Any]:
    """Metadata of schema 2 (or already today's) as today's, of a model with these ``files``."""
    training = {"weight_averaging" if key == "soup" else key: value for key, value in raw["training"].items()}
    settings = _renamed(training["settings"], SETTINGS)
    for part, names in PARTS.items():
        settings[part] = _renamed(settings[part], names)
    if settings["schedule"] == "stable":
        settings["schedule"] = "wsd"
    document = {key: value for key, value in raw.items() if key != "metrics"}
    return document | {
        "schema_version": SCHEMA_VERSION,
        "files": files,
        "training": training | {"settings": settings},
    }


def upgrade_mesh(directory: Path) -> bool:
    """Store the face mesh's weights in 16 bits, which they had in the original; False where they are."""
    document = json.loads(read_file(directory / METADATA_FILE))
    if document.get("weights") == "float16":
        return False
    read_verified(directory, MESH_FILE, document["files"][MESH_FILE]["sha256"])
    store_float16(directory / MESH_FILE)
    document["files"] |= file_records(directory, [MESH_FILE])
    write_metadata(document | {"weights": "float16"}, directory)
    return True


def _renamed(values: dict[str, Any], names: Names) -> dict[str, Any]:
    kept = {key: names.get(key, key) for key in values}
    return {name: values[key] for key, name in kept.items() if name is not None}


def _report(raw: dict[str, Any], directory: Path, before: str, after: str) -> dict[str, Any]:
    """The model's report with the new file's sha256; of a model without one, what its metadata had."""
    path = directory / REPORT
    report: dict[str, Any] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    if report.get("model", {}).get("sha256") != before:
        report = {
            "schema_version": 1,
            "model": {"name": raw["name"], "version": raw["version"], "target": raw["target"]},
            "data": {"fingerprint": raw["data"]["fingerprint"]},
            "truths": {raw["target"]: raw["metrics"]} if "metrics" in raw else {},
        }
    report["model"]["sha256"] = after
    return report


def main(argv: list[str] | None = None) -> int:
    """Exit codes: 0 done, 2 a model cannot be upgraded."""
    parser = argparse.ArgumentParser(
        prog="python -m training.export.upgrade", description=__doc__.split("\n")[0]
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help="saved models (all)")
    parser.add_argument("--keep-weights", action="store_true", help="leave weights in 32 bits where they are")
    parser.add_argument("--root", type=Path, default=SAVED, help="their folder (model/saved/)")
    options = parser.parse_args(argv)
    try:
        for name in options.names or saved_models(options.root):
            done = upgrade(options.root / name, float16=not options.keep_weights)
            print(f"{name}: {'upgraded' if done else 'up to date'}")
        if not options.names and not options.keep_weights and (options.root / "face_mesh").exists():
            done = upgrade_mesh(options.root / "face_mesh")
            print(f"face_mesh: {'upgraded' if done else 'up to date'}")
    except (SavedModelError, ValueError, KeyError) as error:
        print(f"This model cannot be upgraded: {error}", file=sys.stderr)
        return 2
    comparison = load_comparison(options.root)
    if comparison is not None:
        write_comparison(with_files(comparison, options.root), options.root)
    return 0


if __name__ == "__main__":
    sys.exit(main())
