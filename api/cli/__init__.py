"""The `bma` command; its French sentences are in texts.yml."""
