"""The model card: what the saved model is, how good it was measured to be, what it is not for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from model.metadata import Metadata
from webapp.presenters import words

# Which measurements are shown, in which order, and what each set of pictures is.
SPLITS = {
    "test": "All test images of FER-2013",
    "PublicTest": "Public test, used to choose the model",
    "PrivateTest": "Private test, never used before",
    "PrivateTest_without_twins": "Private test without near-copies of training images",
}
# The tables of single expressions are about the first of these that was measured.
DETAILED = ("test", "PrivateTest", "PublicTest")

# The only files that the plots address gives out, with what each shows.
PLOTS = {
    "training_accuracy.png": "Accuracy on training and validation images after every epoch",
    "training_loss.png": "Loss on training and validation images after every epoch",
    "training_precision.png": "Precision after every epoch",
    "training_recall.png": "Recall after every epoch",
    "class_distribution.png": "How many images of each expression FER-2013 has",
    "confusion_matrix.png": "Which expressions the model takes for which",
    "reliability.png": "Confidence of the model beside how often it is right",
    "misclassified.png": "Test images that the model gets wrong",
}

LIMITS = (
    "It learned from small gray pictures found by web searches and labelled by other people’s impression. "
    "People agree with these labels only about two times in three, so a perfect score is neither possible "
    "nor meaningful.",
    "It knows only the words listed above. Mixed, faint, posed or culturally different expressions have "
    "none of their own.",
    "Who is in the training pictures was never recorded. It may work worse for some groups of people, and "
    "nobody can say for which.",
    "Turned heads, covered mouths, hard light and very small faces make it worse.",
)
USES = (
    "Made for learning, research and curiosity about how such systems work.",
    "Not for judging people: not at work, at school, in hiring, in medicine, by police or at borders. In the "
    "EU emotion recognition at work and in education is prohibited (AI Act, article 5).",
    "An expression is not an inner feeling. A smile may be polite, a frown may be the sun.",
)


@dataclass(frozen=True, slots=True)
class PlotView:
    """A picture that training made, what it shows, and its size in pixels."""

    file: str
    caption: str
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Table:
    """A table: caption, column heads, rows whose first cell is the row's head."""

    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class ModelCardView:
    """The page about one saved model."""

    title: str
    description: str
    facts: tuple[tuple[str, str], ...]
    tables: tuple[Table, ...]
    protocol: str
    limits: tuple[str, ...]
    uses: tuple[str, ...]
    plots: tuple[PlotView, ...]


def present(metadata: Metadata, plot_sizes: Mapping[str, tuple[int, int]]) -> ModelCardView:
    """Return the card; ``plot_sizes`` has the (width, height) of every plot that is there, by file name."""
    raw = metadata.raw
    metrics: Mapping[str, Any] = raw.get("metrics") or {}
    tables = [_accuracy(metrics)] if any(split in metrics for split in SPLITS) else []
    for split in DETAILED:
        if split in metrics:
            tables += _details(metadata.labels, SPLITS[split], metrics[split])
            break
    return ModelCardView(
        title=f"{metadata.name} {metadata.version}",
        description=str(raw.get("description", "")),
        facts=_facts(metadata),
        tables=tuple(tables),
        protocol=str(raw.get("protocol", "")),
        limits=LIMITS,
        uses=USES,
        plots=tuple(
            PlotView(file, text, *plot_sizes[file]) for file, text in PLOTS.items() if file in plot_sizes
        ),
    )


def _facts(metadata: Metadata) -> tuple[tuple[str, str], ...]:
    raw = metadata.raw
    data: Mapping[str, Any] = raw.get("data") or {}
    training: Mapping[str, Any] = raw.get("training") or {}
    facts = [
        ("Version", f"{metadata.version}, {raw['created']}" if raw.get("created") else metadata.version),
        ("Input", f"{words.size(metadata.size, metadata.size)} pixels, gray"),
        ("Expressions", ", ".join(metadata.labels)),
    ]
    if raw.get("parameters"):
        facts.append(("Parameters", _thousands(int(raw["parameters"]))))
    size = (raw.get("files", {}).get("model.onnx") or {}).get("bytes")
    if size:
        facts.append(("File", words.megabytes(int(size))))
    if data.get("name"):
        images = (data.get("images") or {}).get("Training")
        facts.append(
            ("Learned from", f"{data['name']}, {_thousands(images)} images" if images else str(data["name"]))
        )
    if training.get("epochs_run"):
        facts.append(
            (
                "Training",
                f"{words.how_many(training['epochs_run'], 'epoch')}, “{training.get('configuration')}”",
            )
        )
    facts.append(("Says “not sure” under", words.percent(metadata.confidence_threshold)))
    return tuple(facts)


def _accuracy(metrics: Mapping[str, Any]) -> Table:
    rows = []
    for split, name in SPLITS.items():
        if split not in metrics:
            continue
        values = metrics[split]
        confident: Mapping[str, Any] = values.get("confident") or {}
        rows.append(
            (
                name,
                _thousands(values.get("images")),
                _share(values.get("accuracy")),
                _share(values.get("macro_f1")),
                _share(values.get("ece")),
                _share(confident.get("coverage")),
                _share(confident.get("accuracy")),
            )
        )
    columns = (
        "Images",
        "Number",
        "Accuracy",
        "Macro-F1",
        "Calibration error",
        "Sure about",
        "Right when sure",
    )
    return Table("How often the model agrees with the people who labelled the images", columns, tuple(rows))


def _details(labels: tuple[str, ...], split: str, values: Mapping[str, Any]) -> list[Table]:
    """Return the table of single expressions and the confusion matrix, as far as they were measured."""
    tables = []
    per_class: Mapping[str, Any] = values.get("per_class") or {}
    if per_class:
        rows = tuple(
            (
                label,
                _share(per_class[label].get("precision")),
                _share(per_class[label].get("recall")),
                _share(per_class[label].get("f1")),
                _thousands(per_class[label].get("support")),
            )
            for label in labels
            if label in per_class
        )
        tables.append(
            Table(f"Each expression: {split}", ("Expression", "Precision", "Recall", "F1", "Images"), rows)
        )
    matrix = values.get("confusion_matrix")
    if matrix:
        shares = tuple(
            (label, *(_share(count / max(1, sum(counts))) for count in counts))
            for label, counts in zip(labels, matrix, strict=True)
        )
        tables.append(Table(f"What is taken for what: {split}", ("Labelled ↓ / answered →", *labels), shares))
    return tables


def _share(value: float | None) -> str:
    return "–" if value is None else f"{100 * value:.1f}\N{NO-BREAK SPACE}%"


def _thousands(value: int | None) -> str:
    return "–" if value is None else f"{value:,}".replace(",", "\N{NARROW NO-BREAK SPACE}")
