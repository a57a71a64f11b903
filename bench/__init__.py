"""Benchmarks of the program, and in comparison with alternatives.

python -m bench.peers         recognizers on the same photos (make bench, RESULTS.md)
python -m bench.load          the site under 1, 8 and 32 users (make bench-load, LOAD.md)
python -m bench.connections   servers under silent and slow connections (make bench-connections, CONNECTIONS.md)
python -m bench.waitress_server  the site under waitress, for bench.connections
python -m bench.soak          memory over 5,000 uploads, one after the other (make bench-soak)
python -m bench.detectors     the two face detectors (DETECTORS.md)
python -m bench.detector      MTCNN and the package that it is converted from
python -m bench.groups        faces found in large photos of many people, and what that costs
python -m bench.end_to_end    the whole pipeline for a photo
python -m bench.mesh          the face mesh
python -m bench.many          a thousand photos and a film by the command line (MANY.md)
python -m bench.bulk          bulk runs beside a plain process pool (BULK.md)
python -m bench.nodes         bulk on two nodes beside one, in network namespaces (NODES.md)
python -m bench.memory        memory of the serving process, upload after upload
python -m bench.parity        the reader in the browser beside the server's (BROWSER.md)
python -m bench.browser       the pages in the browser: live, photo, video, ready (LIVE.md)
python -m bench.things        pictures without a face (THINGS.md)
python -m bench.threads       thread settings of the server
"""
