"""From the state of a conversation to the next action, and why."""
