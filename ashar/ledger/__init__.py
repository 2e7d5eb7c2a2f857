"""The book: double entry, append-only, enforced by the database itself."""
