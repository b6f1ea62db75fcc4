"""The REST API: the same rooms, rights and audit trail as the pages, for programs with a token."""
