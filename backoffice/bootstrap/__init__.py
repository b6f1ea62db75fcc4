"""What runs before anything is installed: standard library only, held so by tests/test_layers.py."""
