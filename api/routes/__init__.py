"""Routes that are no channel: health, and management behind the API token."""
