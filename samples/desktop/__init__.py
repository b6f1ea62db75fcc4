"""A pretend welfare system (福祉システム) with a window of its own, for desktop robots to practise on."""
