"""The files behind evidence: gone from the draft means gone from the disk."""

from refunds.models import Evidence


def delete_files(*gone: Evidence) -> None:
    for evidence in gone:
        for file in (evidence.file, evidence.view):
            if file.name:
                file.storage.delete(file.name)
