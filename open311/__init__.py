"""How does a report get into another body's own system? The client side of GeoReport v2."""
