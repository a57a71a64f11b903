"""The command line: classify the faces of photos and print them as a table, JSON or CSV.

``options.py`` has what can be asked for, ``program.py`` the way from there to the exit code.
"""

from .models import Models, available_models
from .program import main, run

__all__ = ["Models", "available_models", "main", "run"]
