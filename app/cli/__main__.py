"""`python -m app.cli`, the `forecourt` command without its script."""

from app.cli import main

main()
