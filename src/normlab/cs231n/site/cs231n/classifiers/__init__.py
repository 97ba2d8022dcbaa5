"""The nets of the assignment."""
