"""`concordat`, and `python -m cli` for processes that know their interpreter and not their PATH.

Nothing is imported before Ctrl-C is listened to: reading the commands takes a moment.
"""

import sys

INTERRUPTED = 130


def main() -> None:
    try:
        from cli.app import main as run
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
    run()


if __name__ == "__main__":
    main()
