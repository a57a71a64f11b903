"""Face detection: MTCNN or OpenCV's Haar cascade, each behind ``model.detection.search.Detector``.

To add a detector, write one file here with a class that satisfies ``Detector`` (``haar.py`` is the shortest
example), and add it to ``DETECTORS`` in ``search.py``. Command line, site and ``Recognizer.load`` then offer it.
"""
