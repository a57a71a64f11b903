"""FER-2013, FER+'s votes and what is found in the images beforehand, up to the network's input.

Commands, each run once before a training that needs its file:

    python -m training.data.landmarks    the five landmarks of every image
    python -m training.data.meshes       the 468 points of every image, after the landmarks
"""
