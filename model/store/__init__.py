"""The saved models on disk: reading, verifying, and opening them in ONNX Runtime."""
