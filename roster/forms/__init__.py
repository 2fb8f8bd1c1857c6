"""What a person fills in, by noun."""
