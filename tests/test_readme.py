"""The README tells the truth about the committed model and names what exists."""

import re
from pathlib import Path

from training.readme import filled

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_every_figure_is_that_of_the_files_beside_the_models():
    assert filled(README) == README


def test_linked_files_exist():
    for target in re.findall(r"\]\(((?!https?:)[^)#]+)\)", README):
        assert (ROOT / target).is_file(), target
