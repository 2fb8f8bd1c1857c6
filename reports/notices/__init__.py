"""Notices: what became ready or is due, told once each in the app, and by e-mail to those who want it."""
