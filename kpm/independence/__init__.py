"""Where a family stands on its way to independence: asked, rolled up, drawn, and what still has to change."""
