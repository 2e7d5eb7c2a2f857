"""The outside world: payment providers and banks. Knows no model and no session."""
