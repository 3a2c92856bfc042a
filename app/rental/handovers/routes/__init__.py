"""Pages of check-outs and check-ins."""
