"""What booking pages show."""
