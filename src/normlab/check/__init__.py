"""Check one's own layers: a student's files against the library and numerical gradients."""

from normlab.check.runner import Checked, CheckError, check_file
from normlab.check.submission import as_json, as_table, check_submission, submitted
from normlab.check.text import all_right, as_text, shown, summary

__all__ = [
    "CheckError",
    "Checked",
    "all_right",
    "as_json",
    "as_table",
    "as_text",
    "check_file",
    "check_submission",
    "shown",
    "submitted",
    "summary",
]
