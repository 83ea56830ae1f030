"""What the past teaches: a draft policy tried on it; signals, charts, reports."""
