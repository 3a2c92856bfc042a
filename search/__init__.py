"""The search engine: kinds of documents, their indices, and how they are written and found; it knows no feature."""
