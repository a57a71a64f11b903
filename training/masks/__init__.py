"""Drawn face masks, for training on covered faces and measuring on them."""
