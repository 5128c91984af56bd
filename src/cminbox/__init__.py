"""cminbox: a terminal inbox for online community managers."""

__version__ = "0.1.0"
