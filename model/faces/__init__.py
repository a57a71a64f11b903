"""From a detected face to the classifier's inputs: crop, eye band, face mesh; and image quality."""
