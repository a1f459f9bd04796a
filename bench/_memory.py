"""What a process has in memory, in megabytes (Linux: /proc)."""

from pathlib import Path

NOW, PEAK = "VmRSS", "VmHWM"  # PEAK begins with the program. `ru_maxrss` does not: exec hands the parent's on


def megabytes(which: str) -> float:
    status = Path("/proc/self/status").read_text("utf-8").splitlines()
    return next(int(line.split()[1]) for line in status if line.startswith(f"{which}:")) / 1024
