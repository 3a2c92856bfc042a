"""Made-up but plausible records: branches, vehicles, customers and applications, the same for the same seed."""
