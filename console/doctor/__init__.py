"""`hakadori doctor`: looks after everything that a night's work needs, before the night."""
