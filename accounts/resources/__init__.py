"""Records in and out as files: a module per table, on django-import-export.

Stock resources save row by row; here a file is read, checked and written in batches,
with a fixed number of queries for each. What a file may hold is in docs/importing.md.
"""
