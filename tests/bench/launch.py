"""Runs a command and writes down its time and its memory: ``launch.py RESULT COMMAND...``

A process of its own, run without site packages: the kernel counts the memory of whoever starts a program as
that program's own, so whoever starts one that is to be measured must be small.
"""

import os
import sys
import time

KIB = 1 if sys.platform == "darwin" else 1024
"""What ``ru_maxrss`` counts in, in bytes."""


def main(result: str, command: list[str]) -> None:
    """Run the command to its end; the result file gets seconds, CPU seconds, peak bytes and exit code."""
    started = time.perf_counter()
    pid = os.posix_spawn(command[0], command, os.environ)
    _, status, used = os.wait4(pid, 0)
    seconds = time.perf_counter() - started
    code = os.waitstatus_to_exitcode(status)
    with open(result, "w") as file:
        file.write(f"{seconds} {used.ru_utime + used.ru_stime} {used.ru_maxrss * KIB} {code}")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
