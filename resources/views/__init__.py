"""Screens of what is on offer, by whom, and of families sent there."""
