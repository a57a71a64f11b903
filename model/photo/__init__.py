"""From encoded bytes to one upright RGB photo, or a sentence why not."""
