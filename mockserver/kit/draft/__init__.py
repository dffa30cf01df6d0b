"""Drafts a contract from an OpenAPI document or a recording: `mockserver contracts new`.

`document` reads the file, `roles` guesses which operations belong to a job, `assemble` writes what the files
hold, `mend` takes out what the check would refuse. Each guess has a line of reasoning, and what is missing is
a to-do.
May import `traffic`, `trace`, `drift` and `findings`.
"""
