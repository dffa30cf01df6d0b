"""The command `mockserver`, and `python -m mockserver`."""

import gc

# What is imported stays, so the garbage collector would search it in vain.
gc.disable()

from mockserver.cli import main  # noqa: E402

gc.freeze()
gc.enable()

if __name__ == "__main__":
    main()
