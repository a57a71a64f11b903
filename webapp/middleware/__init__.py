"""What every request passes before and after its view: admission, hosts, headers, log, metrics."""
