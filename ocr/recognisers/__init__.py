"""Readers of one field's ink: characters in lines and cells, marks, seals."""
