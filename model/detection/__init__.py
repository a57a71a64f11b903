"""From a photo to the faces in it: MTCNN or OpenCV's Haar cascade, and in how many passes."""
