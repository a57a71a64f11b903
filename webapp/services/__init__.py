"""What the pages and the API do with a request, without Flask's views or any wording."""
