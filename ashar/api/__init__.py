"""API v1: what the pages show of projects, as JSON for everybody; read-only, with its OpenAPI."""
