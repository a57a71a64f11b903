"""What the pages that read in the browser are given, so that they have the cards and the words of the results page."""
