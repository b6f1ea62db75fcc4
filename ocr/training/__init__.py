"""Scripts that train our own networks; torch is needed here only (extra `training`)."""
