"""From a project to a trained model archive."""
