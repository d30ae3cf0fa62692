"""Exit codes of the program."""

EXIT_OK = 0
EXIT_NEEDS_A_LOOK = 1
EXIT_USAGE = 2
EXIT_INTERRUPTED = 130
