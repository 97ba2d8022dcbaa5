"""Notebooks in, HTML out: parameters, execution, rendering, the site. Knows no neural network."""

import sys

# Where this package is found, jsonschema, which nbformat imports, compiles its grammar of web
# addresses, which takes half a second. No notebook has a field that is held to it.
sys.modules.setdefault("rfc3987_syntax", None)
