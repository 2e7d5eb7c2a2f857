"""Receipts on paper: what each says and how it is drawn. Knows no model and no session."""
