"""What every feature stands on: one noun a file, no feature known here."""
