"""Excel workbooks of the town: read as they are, and changed without touching anything that was not asked for."""
