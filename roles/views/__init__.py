"""Screens of what a pendamping does."""
