"""The control plane under /__mock, one small module a noun. FastAPI, loaded when first asked.

Floor 4. May import `engine`, `stores.base`, `jobs`, `faults`, `contract`, `settings` and `errors`;
never sees `web`.
"""
