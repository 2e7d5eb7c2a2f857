"""How fast Ashar is, each figure beside a bare twin measured in the same run.

`python -m bench` prints a table and writes `bench-results.json`; docs/performance.md explains it.
"""
