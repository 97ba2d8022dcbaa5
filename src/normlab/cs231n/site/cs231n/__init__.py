"""normlab in the place of a student's package: re-exports under the names of the assignment."""
