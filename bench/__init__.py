"""Benchmarks: what the assistant costs, beside the floor of the machine."""
