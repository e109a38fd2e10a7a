"""One module a screen: its routes."""
