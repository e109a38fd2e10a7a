"""The engine: a message in, answers and events out."""
