"""Demo data: a case of every product line, and somebody in every role."""
