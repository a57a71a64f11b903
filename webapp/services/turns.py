"""Whose photo is read next: who came first, but dear photos and visitors of many are put off, for a bounded time.

Strictly the cheapest first would let large photos wait for ever; strictly by processor time used lately made each tenth
visitor of a busy site wait three times as long as the others, whatever the photo.
"""

from __future__ import annotations

from dataclasses import dataclass

from model.photo.load import downscale_factor
from model.photo.size import size_of

# Processor seconds of a photo: for its page, for each million pixels that are searched, and for each further model.
# Measured on photos of 320 to 5,000 pixels a side; what many faces cost is not known before they are found.
PAGE_SECONDS, MEGAPIXEL_SECONDS, MODEL_SECONDS = 0.03, 0.09, 0.08
# Of a phone's photo: what is expected to take longer is put off, by so many seconds for each, up to the third.
ORDINARY, PUT_OFF, LONGEST = 0.35, 30.0, 4.0
# Seconds used lately that put nobody off, and by how many seconds each further one does.
FAIR_SHARE, FOR_USED = 1.0, 5.0
HEADER_BYTES = 256 * 1024  # In which a photo's size stands.


@dataclass(frozen=True, slots=True)
class Turn:
    """A photo that waits for its slot."""

    number: int  # In the order of coming.
    came: float  # Seconds, on the monotonic clock.
    visitor: str
    expected: float  # Processor seconds.

    def due(self, used: float) -> float:
        """Return when it is this photo's turn, on the clock of ``came``; its visitor has ``used`` so much lately."""
        dear = min(LONGEST, PUT_OFF * max(0.0, self.expected - ORDINARY))
        return self.came + dear + FOR_USED * max(0.0, used - FAIR_SHARE)


def expected_seconds(content: bytes, models: int = 1) -> float:
    """Estimate the processor time of reading a photo with so many ``models``, from the beginning of its file."""
    width, height = size_of(content[:HEADER_BYTES]) or (0, 0)
    reduced = downscale_factor((width, height))
    searched = width * height / reduced**2 / 1e6
    return PAGE_SECONDS + MEGAPIXEL_SECONDS * searched + MODEL_SECONDS * (models - 1)
