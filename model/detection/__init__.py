"""From a photo to the faces in it: MTCNN or OpenCV's Haar cascade, and how often they look."""
