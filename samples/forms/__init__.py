"""Blank forms in the style of real municipal ones, drawn by us (fictional town はかどり市)."""
