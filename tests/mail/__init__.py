"""Letters to all who are concerned."""
