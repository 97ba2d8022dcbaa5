"""Check one's own layers: a student's file against the library and numerical gradients."""

from normlab.check.runner import Checked, CheckError, check_file
from normlab.check.text import all_right, as_text, shown, summary

__all__ = ["CheckError", "Checked", "all_right", "as_text", "check_file", "shown", "summary"]
