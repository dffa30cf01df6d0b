"""The control plane under /__mock, one small module for each noun. FastAPI is imported with the first request to it.

Floor 4. May import `engine`, `stores.base`, `jobs`, `faults`, `contract`, `settings` and `errors`;
never sees `web`.
"""
