"""``python -m tests.bench``: the import beside its peers, on workloads and a PostgreSQL of its own.

Not a test: pytest collects nothing here. ``make bench ARGS="--quick"`` shows in about a minute what it does.
"""
