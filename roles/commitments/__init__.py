"""Verifikasi komitmen: whether children come to school and mothers, babies and the old to their checks, by month."""
