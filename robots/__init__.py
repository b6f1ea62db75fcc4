"""Run robot scripts: type each record into the target system exactly once and leave evidence."""
