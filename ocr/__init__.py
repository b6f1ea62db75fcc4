"""Turn a scan of a known form into readings that are right, or say that they are not sure."""
