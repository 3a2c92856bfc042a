"""How payment providers are spoken to."""
