"""What an analysis is outside Python: JSON, CSV, a table for a terminal, and images."""
