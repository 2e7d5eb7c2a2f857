"""The desk of a partner's clerk: money that donors sent, recorded as it came."""
