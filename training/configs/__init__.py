"""Everything that decides what a run gives: the fields, and the configurations of all projects."""
