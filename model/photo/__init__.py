"""Decode a file to one upright RGB photo, or refuse it with the reason."""
