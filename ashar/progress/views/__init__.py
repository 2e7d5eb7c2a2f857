"""Pages of updates, comments and reports."""
