"""Where the saved models lie."""

from pathlib import Path

SAVED = Path(__file__).resolve().parent / "saved"


def saved_models(root: Path = SAVED) -> tuple[str, ...]:
    """The names of the saved classifiers below ``root``, in alphabetical order: the folders with a ``model.onnx``."""
    return tuple(sorted(path.parent.name for path in root.glob("*/model.onnx")))
