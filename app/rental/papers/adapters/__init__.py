"""Turning papers into PDF."""
