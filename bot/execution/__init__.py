"""From the next action to messages and events."""
