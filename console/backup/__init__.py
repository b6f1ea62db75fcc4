"""Backup and restore of a whole installation, while it runs."""
