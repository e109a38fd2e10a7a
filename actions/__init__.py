"""Custom actions: what an answer computes. Real rasa-sdk actions, which a real Rasa can call too."""
