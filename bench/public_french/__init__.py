"""The pipeline beside others on a public French set, home-assistant/intents (CC BY 4.0), which is not stored here."""
