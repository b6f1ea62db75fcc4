"""Robots as they are written in the console: their files, versions, checks, approvals and trials."""
