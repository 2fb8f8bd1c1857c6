"""Pages of Program Sinergi Kreatif."""
