"""Those whom we measure ourselves against, one module for each, all at the same task."""
