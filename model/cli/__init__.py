"""The command line: classify the faces of photos and print them as a table, JSON or CSV.

``options.py`` has what can be asked for, ``program.py`` the way from there to the exit code.
"""

from .program import main, run
from .models import Models, available_models

__all__ = ["Models", "available_models", "main", "run"]
