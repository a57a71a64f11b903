"""Parts of README.md and docs/ that follow from the files beside the models: ``python -m training.reports.readme``.

Each part stands between two marks, so that a test can tell whether it is still what the files say.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from model.recognizer import DEFAULT_MODEL
from model.store.files import SAVED
from model.store.metadata import Metadata
from model.store.reports import load_comparison, load_report
from training.reports.comparison import FIVE_COLUMNS, as_markdown

ROOT = Path(__file__).resolve().parent.parent.parent
DOCUMENTS = ("README.md", "docs/accuracy.md")
LABEL_MODEL = "attention_cnn"  # the single label, comparable with published figures
SPLITS = {
    "PublicTest": "PublicTest",
    "PrivateTest": "PrivateTest",
    "PrivateTest_without_twins": "PrivateTest without twins in Training",
    "test": "both, Kaggle's `test` folder",
}
TRUTHS = {
    "fer2013": "FER-2013's label",
    "ferplus": "what most of ten people say",
    "ferplus_clear": "the same, where more than five agree",
}
LANDING = "PrivateTest"


def main(argv: list[str] | None = None) -> int:
    """Write the parts; exit code 0."""
    argparse.ArgumentParser(prog="python -m training.reports.readme", description=__doc__).parse_args(argv)
    for name in DOCUMENTS:
        path = ROOT / name
        path.write_text(filled(path.read_text(encoding="utf-8")), encoding="utf-8")
    print(f"Wrote the figures into {' and '.join(DOCUMENTS)}.")
    return 0


def filled(text: str, root: Path = SAVED) -> str:
    """Return the text with each part that is marked in it made anew; raises ValueError where an end is missing."""
    for name, content in parts(root).items():
        start, end = f"<!-- {name}: written by training.reports.readme -->", f"<!-- end of {name} -->"
        if start in text:
            before, after = text.index(start) + len(start), text.index(end)
            text = f"{text[:before]}\n{content}\n{text[after:]}"
    return text


def parts(root: Path = SAVED) -> dict[str, str]:
    """Return each part by its name; raises ValueError where a file beside the models is missing."""
    reports, photos = {}, {}
    for name in (DEFAULT_MODEL, LABEL_MODEL):
        metadata = Metadata.load(root / name)
        report = load_report(root / name, metadata)
        if report is None:
            raise ValueError(f"{name} has no report.json of its own: python -m training.evaluate --write")
        reports[name] = (metadata, report["truths"])
        photos[name] = report["real_photos"]
    comparison = load_comparison(root)
    if comparison is None:
        raise ValueError("there is no comparison.json: python -m training.reports.comparison")
    return {
        "real photos": real_photos(photos),
        "home": home(reports),
        "accuracy": accuracy(reports[LABEL_MODEL][1]["fer2013"]),
        "votes": votes(reports),
        "facts": facts(*reports[LABEL_MODEL]),
        "comparison": as_markdown(comparison),
        "five": as_markdown(comparison, FIVE_COLUMNS),
    }


def real_photos(reports: dict[str, dict[str, Any]]) -> str:
    """What was measured on real photos, for each model."""
    some = next(iter(reports.values()))
    lines = [f"| {some['photos']} press photos | " + " | ".join(f"`{name}`" for name in reports) + " |"]
    lines.append("|---|" + "---|" * len(reports))
    rows: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
        "mean recall of five expressions": lambda figures: figures["mean_recall"],
        "weighted as expressions come in photos": lambda figures: figures["as_they_come"],
        "calm faces read as calm": lambda figures: figures["recall"]["neutral"],
        "surprised read as surprised": lambda figures: figures["recall"]["surprise"],
        "sure answers that are right": lambda figures: figures["sure"]["right"],
        "answers it is sure of": lambda figures: figures["sure"]["coverage"],
    }
    for name, of in rows.items():
        lines.append(
            f"| {name} | " + " | ".join(_percent(of(figures)) for figures in reports.values()) + " |"
        )
    return "\n".join(lines)


def home(reports: dict[str, tuple[Metadata, dict[str, Any]]]) -> str:
    """One sentence on FER-2013's own images."""
    label = reports[LABEL_MODEL][1]["fer2013"][LANDING]
    most = reports[DEFAULT_MODEL][1]["ferplus"][LANDING]
    return (
        f"On FER-2013's PrivateTest, which is only reported, `{LABEL_MODEL}` gives the data set's single label for "
        f"{_with_interval(label)},\nand the default what most of ten people said for {_with_interval(most)}."
    )


def accuracy(splits: dict[str, Any]) -> str:
    """The single-label model's accuracy on every split, against FER-2013's label."""
    lines = ["| images | accuracy (95 % interval) | macro-F1 (95 % interval) |", "|---|---|---|"]
    for split, name in SPLITS.items():
        figures = splits[split]
        low, high = figures["macro_f1_interval"]
        lines.append(
            f"| {name} ({figures['images']:,}) | {_with_interval(figures)} "
            f"| {figures['macro_f1']:.3f} ({low:.3f}–{high:.3f}) |"
        )
    return "\n".join(lines)


def votes(reports: dict[str, tuple[Metadata, dict[str, Any]]]) -> str:
    """Both models against each truth, on PrivateTest."""
    lines = ["| PrivateTest, against | images | " + " | ".join(f"`{name}`" for name in reports) + " |"]
    lines.append("|---|---|" + "---|" * len(reports))
    for truth, name in TRUTHS.items():
        figures = [truths[truth][LANDING] for _, truths in reports.values()]
        cells = " | ".join(_with_interval(each) for each in figures)
        lines.append(f"| {name} | {figures[0]['images']:,} | {cells} |")
    own = [truths[metadata.label_source][LANDING] for metadata, truths in reports.values()]
    lines.append(
        "| calibration error (ECE), own truth | | " + " | ".join(f"{f['ece']:.3f}" for f in own) + " |"
    )
    lines.append("| Brier score, own truth | | " + " | ".join(f"{f['brier']:.3f}" for f in own) + " |")
    lines.append(
        "| negative log-likelihood, own truth | | " + " | ".join(f"{f['nll']:.3f}" for f in own) + " |"
    )
    return "\n".join(lines)


def facts(metadata: Metadata, truths: dict[str, Any]) -> str:
    """What the single-label network is, its single expressions, and what "sure" means."""
    raw, figures = metadata.raw, truths["fer2013"][LANDING]
    training, sure = raw["training"], figures["confident"]
    recalls = ", ".join(
        f"{name} {values['recall']:.0%}".replace("%", " %") for name, values in figures["per_class"].items()
    )
    bytes_ = raw["files"]["model.onnx"]["bytes"]
    averaging = training["weight_averaging"] or {}
    averaged = " (its weights are averaged with the last one's)" if averaging.get("kept") == "average" else ""
    return "\n".join(
        (
            f"- {raw['parameters']:,} parameters, {bytes_ / 1e6:.1f} MB; {training['epochs_run']} epochs, the best "
            f"was {training['best_epoch']}{averaged}, in {training['minutes']:.0f} minutes on 2 cores that other work "
            "shared.",
            f"- Recall on PrivateTest: {recalls}. Disgust has 55 images there and 436 in Training, so its figure is "
            "uncertain by more than ten points.",
            f'- When the model is "sure" (confidence of at least {100 * metadata.confidence_threshold:.0f} %, chosen '
            f"on PublicTest so that 80 % of such answers are right there), {100 * sure['accuracy']:.0f} % of the "
            f"answers on PrivateTest are right, and it is sure of {100 * sure['coverage']:.0f} % of the faces.",
            "- Most confused: "
            + ", ".join(
                f"{pair['label']} read as {pair['read_as']} ({100 * pair['share']:.0f} %)"
                for pair in figures["confused"][:3]
            )
            + ".",
        )
    )


def _percent(figure: dict[str, Any]) -> str:
    low, high = (100 * value for value in figure["interval"])
    return f"{100 * figure['value']:.0f} % ({low:.0f}–{high:.0f})"


def _with_interval(figures: dict[str, Any]) -> str:
    low, high = (100 * value for value in figures["accuracy_interval"])
    return f"{100 * figures['accuracy']:.1f} % ({low:.1f}–{high:.1f})"


if __name__ == "__main__":
    sys.exit(main())
