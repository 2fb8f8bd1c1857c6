"""Writes of this room, by noun."""
