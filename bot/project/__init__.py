"""Reads the YAML files of a Rasa 3.1 project into typed objects."""
