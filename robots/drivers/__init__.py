"""What robots work with: each outside program behind a Protocol, its real driver, and a fake for tests."""
