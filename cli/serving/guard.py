"""Becomes another program that ends with its supervisor: `python -m cli.serving.guard SUPERVISOR PROGRAM ...`."""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1
"""prctl(2): which signal a process gets when the thread that started it ends. Linux alone has it."""


def main() -> None:
    """Ask the kernel to end us with the supervisor, even after its kill -9, and become the program."""
    supervisor, *program = sys.argv[1:]
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != int(supervisor):  # it ended before the kernel was asked
            return
    os.execv(program[0], program)


if __name__ == "__main__":
    main()
