"""Real processes: `ashar run` and its children, started, killed, stalled and counted."""
