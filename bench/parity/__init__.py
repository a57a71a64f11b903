"""The reader in the browser beside the server's: ``python -m bench.parity`` runs both over the same pixels."""
