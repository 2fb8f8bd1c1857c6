"""What is typed about programmes and the families in them."""
