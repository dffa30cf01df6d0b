"""Reports of results, one module for each form: text, JSON, JUnit, HTML, Markdown, a badge.

May import `conform.results` and `conform.case`; `render` chooses the form by a file's ending.
"""
