"""Decide when and how often jobs run, run them in child processes and book the time they saved."""
