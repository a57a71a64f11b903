"""A film: frames → faces → numbers that stay → smoothed shares → rows. ``reading.py`` has the order."""
