"""``python -m model``, or ``python -m facevalue`` where it is installed: see ``model.cli``."""

from .cli import run

if __name__ == "__main__":
    run()
