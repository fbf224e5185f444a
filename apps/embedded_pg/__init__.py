"""A PostgreSQL of the checkout's own: found, started and stopped by whoever uses the database."""
