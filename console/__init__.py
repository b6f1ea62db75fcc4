"""How people use Hakadori: command line, web pages, and the one place that wires the rooms."""
