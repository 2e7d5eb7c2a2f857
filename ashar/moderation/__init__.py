"""Moderation: leaders review others' projects; nobody decides on what is their own."""
