"""Screens through which families come in, change hands and leave."""
