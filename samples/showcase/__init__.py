"""An installation in full swing, with everything made up: for pictures of the pages and for tests of them.

It is a real installation (`console.wiring`) over the shipped forms, jobs and robots; only the clock stands still.
Papers, people and half a year of work are composed here: nothing was measured anywhere, and nobody in it exists.
"""
