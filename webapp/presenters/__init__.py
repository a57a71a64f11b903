"""Presenters turn what the model returns into what a page shows: all its wording and pictures."""
