"""Pictures without a face, and what the detector makes of them: ``python -m bench.things``."""
