"""The bank's counter: hand a batch in, take answers and statements along."""

from collections.abc import Mapping
from datetime import date
from email import message_from_bytes
from html import escape

PAGE = """<!DOCTYPE html>
<html lang="en">
<head><meta charset="utf-8"><title>Sandbox bank</title></head>
<body>
<h1>Sandbox bank</h1>
<p>No real money moves here. Hand in a batch that was downloaded from the console; an
hour later, by the sandbox's clock, it is settled.</p>
<form method="post" action="/bank/files" enctype="multipart/form-data">
<p><label>Batch <input type="file" name="file" required></label>
<button type="submit">Hand in</button></p>
</form>
<h2>Answers</h2>
<ul>
{answers}
</ul>
<h2>Statement</h2>
<form method="get" action="/bank/statement">
<p><label>Day <input type="date" name="day" value="{today}" required></label>
<button type="submit">Take along</button></p>
</form>
</body>
</html>
"""
ANSWER = '<li><a href="/bank/answers/{number}">{number}</a>: {words}</li>'


def counter(batches: Mapping[str, list[str]], *, today: date) -> bytes:
    """`batches`: the statuses of the transfers by number of the batch."""
    answers = [
        ANSWER.format(number=escape(number), words=escape(", ".join(statuses)))
        for number, statuses in batches.items()
    ]
    return PAGE.format(
        answers="\n".join(answers) or "<li>None yet.</li>", today=today.isoformat()
    ).encode()


def handed_in(body: bytes, content_type: str) -> bytes:
    """The file in a form, or the body itself."""
    if not content_type.startswith("multipart/form-data"):
        return body
    head = f"Content-Type: {content_type}\r\n\r\n".encode()
    for part in message_from_bytes(head + body).walk():
        if part.get_filename():
            content = part.get_payload(decode=True)
            return content if isinstance(content, bytes) else b""
    return b""
