"""A stand-in town-hall web system for robots to drive: log in, register, confirm, search, list.

It is a real web application with its own database, made to behave as such systems do (server-side checks, a
confirmation page, a reception number), and it can be told to misbehave for tests. No data in it is real.
"""
