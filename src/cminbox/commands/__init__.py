"""Verbs. What a person can do is done here and nowhere else; ``table`` lists it once for keys, palette and line."""
