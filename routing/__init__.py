"""Whose job is it? Rules, layers and the pure decision; no views, no SQL."""
