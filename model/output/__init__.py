"""An analysis as JSON, CSV, a table for a terminal, and images."""
