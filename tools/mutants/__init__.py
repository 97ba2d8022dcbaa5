"""Breaks the backward passes in hundreds of small ways, and counts what the tests notice."""
