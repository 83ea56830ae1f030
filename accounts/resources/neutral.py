"""Text that no spreadsheet takes for a formula, and back again. Pure.

A leading apostrophe is added on the way out and taken off on the way in, so that every
text comes back as it was. CWE-1236.
"""

import re

STARTS_FORMULA = re.compile(r"'*[=+\-@\t\r\n]")
ESCAPED = re.compile(r"''*[=+\-@\t\r\n]")
# A signed number or a telephone number calls nothing.
HARMLESS = re.compile(r"[+-][\d\s.,*()/-]*", re.ASCII)


def neutral(text: str) -> str:
    return f"'{text}" if STARTS_FORMULA.match(text) else text


def natural(text: str) -> str:
    return text[1:] if text[:1] == "'" and ESCAPED.match(text) else text


def is_formula(text: str) -> bool:
    return text[:1] in "=+-@" and text != "" and not HARMLESS.fullmatch(text)
