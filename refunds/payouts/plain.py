"""What a route says, as a database takes it: no NUL, and no half of a sign."""


def plain(text: str) -> str:
    """Java cuts texts in the middle of a sign, and JSON carries the half along."""
    return text.encode(errors="replace").decode().replace("\x00", "")
