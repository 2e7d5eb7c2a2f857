"""Projects: what a community wants to build, where, for how much, and how far it is."""
