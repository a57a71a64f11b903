"""From a trained network to the saved model that the site loads."""
