"""Hooks before and after the views: admission, host check, security headers, access log, metrics, static files."""
