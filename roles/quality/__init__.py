"""Visit quality: what is asked about a visit, seen by its author first."""
