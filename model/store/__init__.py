"""The saved models on disk: reading them, checking them, opening them in ONNX Runtime."""
