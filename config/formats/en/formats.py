"""2026-11-20 13:38, in lists and on records; words for people come from Babel."""

DATE_FORMAT = "Y-m-d"
DATETIME_FORMAT = "Y-m-d H:i"
