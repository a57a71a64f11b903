"""Benchmarks: what the program costs, and beside what one could pick instead.

python -m bench.peers         recognizers on the same photos (make bench, RESULTS.md)
python -m bench.load          the site under 1, 8 and 32 users (make bench-load, LOAD.md)
python -m bench.detectors     the two face detectors (DETECTORS.md)
python -m bench.detector      MTCNN beside the package that it comes from
python -m bench.end_to_end    a photo's whole way
python -m bench.mesh          the face mesh
python -m bench.memory        memory of the serving process, upload after upload
python -m bench.threads       thread settings of the server
"""
