"""The form designer's work behind its pages: drafts, the template's text, checks, and child processes that look."""
