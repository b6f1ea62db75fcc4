"""The pages of the console: sign-in, review, overview, time saved. Everything is served from this machine."""
