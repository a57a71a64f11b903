"""What tests and benchmarks share: photos, a running server, forms as bytes, memory readings."""
