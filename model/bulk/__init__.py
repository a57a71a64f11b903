"""Many photos on one machine or on many: listed once, read in shards by Dask's workers, kept as Parquet files.

``sources.py`` lists and fetches, ``folder.py`` is what is written, ``reading.py`` what a worker does, ``cluster.py``
all that knows of Dask, ``run.py`` the way through.
"""
