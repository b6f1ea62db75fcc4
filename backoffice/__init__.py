"""What every room shares: settings, declarations, database, ledger, logs, calendar, text rules."""
