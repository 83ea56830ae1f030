"""Who owes what by when: calendars, deadlines, reminders."""
