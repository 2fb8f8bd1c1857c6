"""Screens of the families, their people and kelompok."""
