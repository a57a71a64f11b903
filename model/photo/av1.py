"""The sizes in AV1 data: its sequence headers (AV1 bitstream specification, 5.3 and 5.5)."""

from __future__ import annotations

from collections.abc import Iterator

_SEQUENCE_HEADER = 1
# A still picture has one; each takes two bytes at least.
MOST_UNITS = 1000


class _Bits:
    """Reads an unsigned integer of so many bits after the other; ValueError where there are no more."""

    def __init__(self, data: bytes) -> None:
        self._value, self._left = int.from_bytes(data, "big"), 8 * len(data)

    def __call__(self, count: int) -> int:
        if count > self._left:
            raise ValueError("cut off")
        self._left -= count
        return self._value >> self._left & (1 << count) - 1


def frame_sizes(data: memoryview) -> Iterator[tuple[int, int]]:
    """Yield the largest (width, height) that each sequence header allows. Raises ValueError if one is damaged."""
    place = 0
    for _ in range(MOST_UNITS):
        if place >= len(data):
            return
        head = data[place]
        place += 2 if head & 4 else 1  # With an extension or without.
        size = len(data) - place
        if head & 2:
            size, place = _length(data, place)
        if head >> 3 & 15 == _SEQUENCE_HEADER:
            # Everything up to the size takes at most 500 bytes.
            yield _frame_size(_Bits(bytes(data[place : place + min(size, 1000)])))
        place += size
    raise ValueError("too many units")


def _length(data: memoryview, place: int) -> tuple[int, int]:
    """Return a number of seven bits a byte, least first, and where it ends."""
    value = 0
    for number in range(8):
        if place + number >= len(data):
            break
        value |= (data[place + number] & 127) << 7 * number
        if data[place + number] < 128:
            return value, place + number + 1
    raise ValueError("a broken length")


def _frame_size(read: _Bits) -> tuple[int, int]:
    read(4)  # Profile, still picture.
    if read(1):
        read(5)
    else:
        _skip_operating_points(read)
    across, down = read(4) + 1, read(4) + 1
    return read(across) + 1, read(down) + 1


def _skip_operating_points(read: _Bits) -> None:
    delay_bits = 0
    if read(1):  # Timing: two numbers of 32 bits, and perhaps one of a length of its own.
        read(64)
        if read(1):
            zeros = 0
            while not read(1):
                zeros += 1
            read(zeros if zeros < 32 else 0)
        if read(1):  # A decoder model.
            delay_bits = read(5) + 1
            read(42)
    delays = read(1)
    for _ in range(read(5) + 1):
        read(12)
        if read(5) > 7:
            read(1)
        if delay_bits and read(1):
            read(2 * delay_bits + 1)
        if delays and read(1):
            read(4)
