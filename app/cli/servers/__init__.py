"""Private MariaDB and OpenSearch instances for development and tests."""
