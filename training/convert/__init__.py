"""The published networks that are not trained here, converted to ONNX once.

python -m training.convert.mtcnn        MTCNN, from the ``mtcnn`` package
python -m training.convert.face_mesh    MediaPipe's Face Mesh
"""
