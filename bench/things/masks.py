"""Statues: the surface of a face, a mesh of 468 points, in plaster, stone or bronze, lit from one side."""

from __future__ import annotations

from functools import cache
from itertools import combinations

import cv2
import numpy as np

from model.detection.detector import MtcnnDetector
from model.faces.face_mesh import FaceMesh
from model.geometry import Pixels
from tests.helpers.photos import portrait

from .patterns import Real, Rng, cloud

SIDE = 480
MATERIALS = ((235, 232, 225), (190, 185, 175), (150, 105, 60), (90, 110, 100), (215, 190, 150))


def statue(rng: Rng) -> Pixels:
    """A mask in front of a background out of focus: turned, stretched and lit at random."""
    points, triangles = _surface()
    turned = points * (rng.uniform(0.85, 1.15), rng.uniform(0.9, 1.2), rng.uniform(0.8, 1.4))
    turned = turned @ _turn(rng.uniform(-0.5, 0.5), 1).T @ _turn(rng.uniform(-0.25, 0.25), 0).T
    light = np.array([rng.uniform(-1, 1), rng.uniform(-1, 0.2), -1.0])
    material = np.array(MATERIALS[int(rng.integers(len(MATERIALS)))], float)
    scale = float(rng.uniform(90, 150))
    picture = cv2.GaussianBlur(cv2.resize(cloud(rng), (SIDE, SIDE)), (0, 0), 6)
    middle = (SIDE // 2, SIDE // 2)
    head = (int(1.12 * scale), int(1.4 * scale))
    cv2.ellipse(picture, middle, head, 0, 0, 360, (0.45 * material).tolist(), -1, cv2.LINE_AA)
    corners = turned[triangles]
    normals = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    normals /= np.linalg.norm(normals, axis=1, keepdims=True) + 1e-9
    normals *= -np.sign(normals[:, 2:])
    brightness = 0.25 + 0.85 * np.clip(normals @ (light / np.linalg.norm(light)), 0, 1)
    for place in np.argsort(-corners[:, :, 2].mean(axis=1)):
        flat = (corners[place, :, :2] * scale + SIDE / 2).astype(np.int32)
        tone = (brightness[place] * material).clip(0, 255).tolist()
        cv2.fillConvexPoly(picture, flat, tone, cv2.LINE_AA)
    soft = cv2.GaussianBlur(picture, (0, 0), 2.5)
    return np.asarray((soft + rng.normal(0, 4, soft.shape)).clip(0, 255), np.uint8)


@cache
def _surface() -> tuple[Real, np.ndarray[tuple[int, int], np.dtype[np.intp]]]:
    """The mesh of the sample portrait, centred, half a face's height to 1, and its triangles (n, 3)."""
    photo = portrait()
    mesh = FaceMesh.load().locate(photo, MtcnnDetector.load().detect_faces(photo)[0])
    points = mesh.points.astype(np.float64)
    points -= points.mean(axis=0)
    points /= np.abs(points[:, 1]).max()
    near: dict[int, set[int]] = {}
    for a, b in mesh.topology.edges.tolist():
        near.setdefault(a, set()).add(b)
        near.setdefault(b, set()).add(a)
    triangles = {
        tuple(sorted((point, *pair)))
        for point, others in near.items()
        for pair in combinations(sorted(others), 2)
        if pair[1] in near[pair[0]]
    }
    return points, np.array(sorted(triangles), np.intp)


def _turn(angle: float, axis: int) -> Real:
    """A rotation by ``angle`` radians about x (0) or y (1)."""
    cos, sin = np.cos(angle), np.sin(angle)
    if axis == 0:
        return np.array([[1, 0, 0], [0, cos, -sin], [0, sin, cos]])
    return np.array([[cos, 0, sin], [0, 1, 0], [-sin, 0, cos]])
