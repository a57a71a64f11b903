"""Presenters turn the model's results into view objects for the templates."""
