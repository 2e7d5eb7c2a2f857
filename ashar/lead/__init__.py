"""The leader's desk: writing a project in steps, with helpers, and taking it through its life."""
