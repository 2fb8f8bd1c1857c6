"""Kasus (case response): what rules hold, what waits for whom. Its models, forms, operations and views stand with the others."""
