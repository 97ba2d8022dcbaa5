"""Intervals over seeds, and claims that are judged by tests."""
