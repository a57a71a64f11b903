"""Inside the network: feature maps of its blocks for a face, and readings of a face of which a part is covered."""
