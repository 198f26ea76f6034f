"""What one customer may ask for: everything that we know about it, and that we forget what no law makes us keep."""
