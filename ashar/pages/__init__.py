"""Pages that show several features; no models."""
