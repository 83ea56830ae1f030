"""2026-11-20 13:38, as in English: figures of one width make columns."""

DATE_FORMAT = "Y-m-d"
DATETIME_FORMAT = "Y-m-d H:i"
