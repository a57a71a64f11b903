"""Services that pages and API share; without views and wording."""
