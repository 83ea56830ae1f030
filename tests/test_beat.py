"""What beats is a task that there is: a wrong name would be swept by nobody."""

from config.celery import SECONDS_BETWEEN, app


def test_every_beat_is_the_name_of_a_task() -> None:
    app.loader.import_default_modules()
    assert set(SECONDS_BETWEEN) <= set(app.tasks)
