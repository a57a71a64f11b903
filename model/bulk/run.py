"""A bulk run: chunks to the cluster, their rows into shards."""

from __future__ import annotations

from collections.abc import Generator, Sequence

from ..output.tables import CSV_START, Row
from .cluster import Chunk, Cluster, chunks_of
from .folder import Counts, Folder
from .reading import refused

FACE = CSV_START.index("face")
KILLED = (
    "Reading this photo ended the process that read it, twice; perhaps there was too little memory. Make the photo "
    "smaller, or give workers more."
)


def run(
    folder: Folder, cluster: Cluster, columns: Sequence[str], labels: Sequence[str]
) -> Generator[Counts, None, None]:
    """Read the photos of the shards that are left, and write each shard when all of it is there.

    Yields how many photos have come, zero now and then. Ends early without loss: what is not written is read again in
    the next run. Raises ClusterGone and OSError.
    """
    error = columns.index("error")
    sizes = {number: len(names) for number, names in folder.left()}
    parts: dict[int, dict[int, list[list[Row]]]] = {}
    for answer in cluster.read(chunks_of(folder.left())):
        if answer is None:
            yield Counts()
            continue
        chunk, answered = answer
        photos = _complete(chunk, answered, labels)
        shard = parts.setdefault(chunk.shard, {})
        shard[chunk.start] = photos
        if sum(map(len, shard.values())) == sizes[chunk.shard]:
            del parts[chunk.shard]
            whole = [rows for start in sorted(shard) for rows in shard[start]]
            folder.write(chunk.shard, [row for rows in whole for row in rows], _count(whole, error))
        yield _count(photos, error)


def _complete(chunk: Chunk, answered: Sequence[list[Row] | None], labels: Sequence[str]) -> list[list[Row]]:
    """Return the rows of each photo, with one that says so for a photo that was given up."""
    pairs = zip(chunk.names, answered, strict=True)
    return [refused(name, KILLED, labels) if rows is None else rows for name, rows in pairs]


def _count(photos: Sequence[Sequence[Row]], error: int) -> Counts:
    rows = [row for each in photos for row in each]
    return Counts(
        len(photos), sum(row[FACE] is not None for row in rows), sum(row[error] is not None for row in rows)
    )
