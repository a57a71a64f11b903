"""From a face to what the classifier takes: crop, eye band, face mesh, and how good the image of it is."""
