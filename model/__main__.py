"""``python -m model``: see ``model.cli``."""

from model.cli import run

if __name__ == "__main__":
    run()
