"""The treasurer's desk: the association's accounts, and transfers that came."""
