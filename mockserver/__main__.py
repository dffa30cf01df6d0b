"""The command `mockserver`, and `python -m mockserver`."""

import gc

# What is imported stays, so the garbage collector would search it in vain.
gc.disable()

from mockserver.cli import Commands, main  # noqa: E402

gc.freeze()
gc.enable()
Commands.alone = True

if __name__ == "__main__":
    main()
