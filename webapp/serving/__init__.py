"""What gunicorn's worker (``gunicorn_worker.py``) is made of: clients' connections, heads of requests, memory."""
