"""What a process of ours asks of the kernel about itself."""

import ctypes
import signal

PR_SET_PDEATHSIG = 1
LIBC = ctypes.CDLL(None)


def die_with_parent(number: int = signal.SIGTERM) -> None:
    """Have the kernel send this process `number` when the one that started it dies.

    Takes no lock, so that it may be called between fork and exec.
    """
    LIBC.prctl(PR_SET_PDEATHSIG, number)
