"""Blueprints: one module a page."""
