"""Covers drawn over faces on the device that trains: masks, hands, scarves, microphones, glasses, hair, beards.

All are placed by where FER-2013's faces have their parts on average (eyes at y 18, mouth at y 37, measured on 500
images: deviation about 4 pixels, more than the jitter here), and drawn from signed distances, so that a batch costs a
few array operations. Each returns its opacity, float32 (b, 48, 48) in 0…1, and its gray, (b, 48, 48) in 0…255.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from keras import ops

from training.people.augment import GRID_X, GRID_Y, SIDE, Draw, blurred, mixed

Tensor = Any
EYES_Y, MOUTH_Y, MIDDLE_X, FACE_WIDTH = 18.3, 37.0, 23.9, 38.0

# The share of each place of the lower face: an ellipse over mouth and chin of the mean face.
LOWER = (((GRID_X - MIDDLE_X) / 9.0) ** 2 + ((GRID_Y - MOUTH_Y) / 5.0) ** 2 <= 1.0).astype(np.float32)
LOWER /= LOWER.sum()


def soft(distance: Tensor, width: float = 0.8) -> Tensor:
    """Opacity from a signed distance in pixels (negative inside), with an edge about ``width`` wide."""
    return ops.sigmoid(-distance / (0.35 * width))


def texture(draw: Draw) -> Tensor:
    """Soft, low-frequency structure of mean 0, about ±1; (b, 48, 48)."""
    rough = draw.normal((SIDE, SIDE))
    smooth = blurred(rough, 1.0, 3.0, draw)
    return smooth / (ops.std(smooth, axis=(1, 2), keepdims=True) + 1e-3)


def folds(draw: Draw, low: float = 3.0, high: float = 14.0) -> Tensor:
    """Stripes of one direction, −1…1; (b, 48, 48)."""
    angle, period, phase = draw.uniform(0.0, math.pi), draw.uniform(low, high), draw.uniform(0.0, 2 * math.pi)
    along = draw.x * ops.cos(angle) + draw.y * ops.sin(angle)
    return ops.sin(along * (2 * math.pi) / period + phase)


def mask(draw: Draw) -> tuple[Tensor, Tensor]:
    """A face mask: from the nose (one time in six from under it) over the chin, curved, with folds."""
    under = draw.chance(1 / 6)
    top = 27.0 + draw.normal() * 2.2 + under * 5.5
    cx = MIDDLE_X + draw.normal() * 2.0
    bend = draw.uniform(-0.010, 0.022)
    peak = draw.uniform(0.0, 3.5) * ops.exp(-ops.square((draw.x - cx) / 6.0))
    upper = top + bend * ops.square(draw.x - cx) - peak - draw.y
    chin = 47.5 + draw.normal() * 2.5
    wide = draw.uniform(15.0, 22.0)
    jaw = (
        (ops.square((draw.x - cx) / wide) + ops.square((draw.y - top) / (chin - top + 3.0)) - 1.0) * wide / 2
    )
    opacity = soft(ops.maximum(upper, jaw))
    # Bands to the ears.
    band = ops.abs(draw.y - (top + 1.0 - 0.25 * ops.abs(draw.x - cx))) - draw.uniform(0.4, 1.0)
    side = soft(band) * ops.cast(ops.abs(draw.x - cx) > wide - 2.0, "float32") * draw.chance(0.6)
    gray = draw.uniform(25.0, 245.0)
    pleats = ops.sin((draw.y - top) * (2 * math.pi) / draw.uniform(4.0, 8.0))
    shade = gray * (1 - 0.22 * ops.square((draw.x - cx) / wide))
    shade = shade + draw.chance(0.5) * draw.uniform(3.0, 14.0) * pleats
    shade = (
        shade
        + draw.chance(0.35) * draw.uniform(10.0, 55.0) * folds(draw)
        + draw.uniform(1.0, 8.0) * texture(draw)
    )
    return ops.maximum(opacity, side), shade


def hand(draw: Draw, skin: Tensor) -> tuple[Tensor, Tensor]:
    """Two to five fingers, parallel, over the mouth or the cheek; ``skin`` (b, 1, 1) is the face's own gray."""
    angle = draw.uniform(-1.2, 1.2) + ops.where(draw.uniform() < 0.5, 0.0, math.pi / 2)
    cx, cy = MIDDLE_X + draw.normal() * 3.5, MOUTH_Y - 1.0 + draw.normal() * 3.5
    u = (draw.x - cx) * ops.cos(angle) + (draw.y - cy) * ops.sin(angle)
    v = -(draw.x - cx) * ops.sin(angle) + (draw.y - cy) * ops.cos(angle)
    finger = draw.uniform(3.6, 6.5)
    count = ops.floor(draw.uniform(2.0, 5.99))
    shifted = v / finger + count / 2
    number = ops.floor(shifted)
    within = (shifted - number - 0.5) * finger
    tip = draw.uniform(9.0, 17.0) - ops.abs(number + 0.5 - count / 2) * draw.uniform(0.5, 2.5)
    # Fingers end on one side; the palm extends beyond the image on the other.
    end = u - tip
    inside = ops.maximum(ops.maximum(-shifted, shifted - count) * finger, end + 0.08 * ops.square(within))
    opacity = soft(inside, 1.2)
    gap = ops.exp(-ops.square((ops.abs(within) - finger / 2) / 0.8))
    round_ = 1 - 0.10 * ops.square(2 * within / finger)
    tone = ops.clip(skin * draw.uniform(0.8, 1.25) + draw.normal() * 12.0, 15.0, 250.0)
    gray = tone * round_ * (1 - draw.uniform(0.05, 0.4) * gap) + 4.0 * texture(draw)
    return opacity, gray


def scarf(draw: Draw) -> tuple[Tensor, Tensor]:
    """Cloth across the whole width, from the nose or the lip down."""
    top = 30.0 + draw.normal() * 3.0
    tilt, bend = draw.uniform(-0.18, 0.18), draw.uniform(-0.012, 0.02)
    wave = draw.uniform(0.0, 1.3) * ops.sin(draw.x / draw.uniform(2.5, 7.0) + draw.uniform(0.0, 6.28))
    edge = top + tilt * (draw.x - MIDDLE_X) + bend * ops.square(draw.x - MIDDLE_X) + wave
    opacity = soft(edge - draw.y)
    gray = draw.uniform(15.0, 240.0) + draw.uniform(5.0, 30.0) * folds(draw, 4.0, 18.0)
    gray = gray + draw.chance(0.5) * draw.uniform(8.0, 45.0) * texture(draw)
    return opacity, gray


def held(draw: Draw) -> tuple[Tensor, Tensor]:
    """A microphone, cup or phone before the mouth: a round or square thing, with or without a handle."""
    cx, cy = MIDDLE_X + draw.normal() * 4.0, MOUTH_Y + 2.0 + draw.normal() * 4.0
    wide, high = draw.uniform(4.5, 11.0), draw.uniform(4.5, 10.0)
    dx, dy = ops.abs(draw.x - cx) / wide, ops.abs(draw.y - cy) / high
    square = draw.chance(0.35)
    power = 2.0 + 6.0 * square
    blob = (ops.power(dx + 1e-3, power) + ops.power(dy + 1e-3, power) - 1.0) * wide / 2
    lean = draw.uniform(-0.6, 0.6)
    stick = ops.maximum(ops.abs(draw.x - cx - lean * (draw.y - cy)) - draw.uniform(2.0, 4.5), cy - draw.y)
    stick = ops.where(draw.uniform() < 0.7, stick, 99.0 + 0.0 * stick)
    opacity = soft(ops.minimum(blob, stick))
    gray = draw.uniform(10.0, 235.0) * (1 - 0.3 * ops.square(dx)) + draw.uniform(2.0, 25.0) * texture(draw)
    return opacity, gray


def glasses(draw: Draw) -> tuple[Tensor, Tensor]:
    """Glasses: rims, and one time in two dark lenses."""
    cy, gap = EYES_Y + draw.normal() * 1.5, 8.5 + draw.normal() * 0.7
    cx = MIDDLE_X + draw.normal() * 1.5
    wide, high = draw.uniform(5.0, 7.6), draw.uniform(3.2, 6.0)
    x = ops.abs(draw.x - cx) - gap
    ring = (ops.sqrt(ops.square(x / wide) + ops.square((draw.y - cy) / high) + 1e-6) - 1.0) * high
    bridge = ops.maximum(ops.abs(draw.y - cy + 1.0) - 0.6, ops.abs(draw.x - cx) - gap + wide)
    rim = ops.minimum(ops.abs(ring) - draw.uniform(0.3, 1.0), bridge)
    lens = soft(ring) * draw.chance(0.5) * draw.uniform(0.75, 1.0)
    opacity = ops.maximum(soft(rim, 1.0), lens)
    shine = draw.uniform(0.0, 70.0) * soft(ops.abs(folds(draw, 10.0, 30.0) - 0.5) - 0.4)
    return opacity, draw.uniform(5.0, 90.0) + shine


def hair(draw: Draw) -> tuple[Tensor, Tensor]:
    """Hair, a cap or a hood: everything above a slanted, wavy line over the brow, or beside one at the side."""
    edge = draw.uniform(4.0, 15.0) + draw.uniform(-0.35, 0.35) * (draw.x - MIDDLE_X)
    edge = edge + draw.uniform(0.0, 2.0) * ops.sin(draw.x / draw.uniform(1.5, 6.0) + draw.uniform(0.0, 6.28))
    opacity = soft(draw.y - edge, 1.5)
    gray = draw.uniform(10.0, 200.0) + draw.uniform(5.0, 30.0) * folds(draw, 2.0, 6.0) + 6.0 * texture(draw)
    return opacity, gray


def beard(draw: Draw, skin: Tensor) -> tuple[Tensor, Tensor]:
    """A beard or moustache of noise; the mouth stays free, so nothing is covered."""
    cx = MIDDLE_X + draw.normal() * 1.0
    cy = MOUTH_Y + draw.normal() * 1.5
    outer = ops.square((draw.x - cx) / draw.uniform(13.0, 18.0)) + ops.square(
        (draw.y - cy) / draw.uniform(9.0, 13.0)
    )
    full = (outer - 1.0) * 7.0
    lips = (1.0 - ops.square((draw.x - cx) / 7.5) - ops.square((draw.y - cy) / draw.uniform(2.2, 3.4))) * 3.0
    lip_line = cy - 4.2
    upper = (ops.square((draw.x - cx) / 8.5) + ops.square((draw.y - lip_line) / 2.3) - 1.0) * 2.3
    below = ops.maximum(ops.maximum(full, lips), 33.0 - draw.y)
    distance = ops.where(draw.uniform() < 0.4, upper, ops.minimum(below, upper))
    opacity = soft(distance, 1.6) * draw.uniform(0.45, 0.95)
    gray = ops.where(draw.uniform() < 0.8, skin * draw.uniform(0.2, 0.7), draw.uniform(150.0, 235.0))
    return opacity, gray + draw.uniform(6.0, 22.0) * draw.normal((SIDE, SIDE))


def cover(x: Tensor, draw: Draw, chance: float) -> tuple[Tensor, Tensor]:
    """Cover faces (b, 48, 48) as often as ``chance`` says, and put on glasses, hair and beards besides.

    Returns the images and how much of the lower face is covered, float32 (b,) in 0…1.
    """
    skin = ops.mean(x[:, 20:34, 12:36], axis=(1, 2), keepdims=True)
    for worn, often in ((beard(draw, skin), 0.10), (glasses(draw), 0.14), (hair(draw), 0.08)):
        opacity, gray = worn
        x = mixed(x, ops.clip(gray, 0.0, 255.0), opacity * draw.chance(often))
    kind = draw.uniform()
    opacity, gray = mask(draw)
    for (other, other_gray), start in ((hand(draw, skin), 0.40), (scarf(draw), 0.66), (held(draw), 0.80)):
        chosen = ops.cast(kind > start, "float32")
        opacity, gray = mixed(opacity, other, chosen), mixed(gray, other_gray, chosen)
    opacity = opacity * draw.chance(chance)
    return mixed(x, ops.clip(gray, 0.0, 255.0), opacity), opacity
