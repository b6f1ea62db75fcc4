"""Pages without a template: where text stands, what it says, and in which order it is read."""
