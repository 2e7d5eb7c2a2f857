"""Pledges: one pledge, many payments; money's one way out and one way in."""
