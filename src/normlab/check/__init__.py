"""Check one's own layers: a student's file against the library and numerical gradients."""

from normlab.check.runner import TIMEOUT, Checked, CheckError, check_file
from normlab.check.text import as_text, shown, summary

__all__ = ["TIMEOUT", "CheckError", "Checked", "as_text", "check_file", "shown", "summary"]
