"""The network in Keras: building it, feeding it, fitting it."""
