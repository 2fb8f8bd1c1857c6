"""Writes of this room, by noun. An entry is stored once for its `op_id`, whole, and with the trail of every change."""
