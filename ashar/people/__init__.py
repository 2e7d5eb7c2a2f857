"""People: who somebody is to us, what they may do; signing in is the host's or Flask-Security's."""
