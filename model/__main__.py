"""``python -m model``: see ``model.cli``."""

from .cli import run

if __name__ == "__main__":
    run()
