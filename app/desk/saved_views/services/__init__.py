"""Saving views, and opening lists as people want them."""
