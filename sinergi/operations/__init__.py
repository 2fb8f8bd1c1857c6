"""Writes of programmes: one submission is one operation, one receipt and one transaction. Families are locked by id."""
