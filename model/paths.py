"""Where the saved models lie."""

from pathlib import Path

SAVED = Path(__file__).resolve().parent / "saved"
