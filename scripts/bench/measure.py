"""Stands in for bash while a chain is measured: runs the real one with the same arguments and writes down what the job cost.

Linux adds what a process and all its awaited children used to their parent, so these are no samples: CPU seconds and the largest
process come from wait4, bytes written from /proc/self/io (pages made dirty: files, not pipes). One JSON line a job.
Only the standard library: it starts before each job.
"""

import json
import os
import re
import signal
import sys
import time

JOBS, SHIM = "GENVEJ_BENCH_JOBS", "GENVEJ_BENCH_SHIM"  # environment: file of the lines, folder in which this stands in for bash
RULE = re.compile(r"scripts/tmp\w+\.([a-z_]+)\.py|logs/([a-z_]+)[./]")  # script and log have the name of their rule


def rule_of(command: str) -> str:
    """Return the rule that a shell command is of, `other` if neither its script nor its log tells."""
    found = RULE.search(command)
    return next(filter(None, found.groups())) if found else "other"


def written_bytes() -> int:
    """Return the bytes that this process and its awaited children wrote to files."""
    with open("/proc/self/io", encoding="ascii") as handle:
        return int(dict(line.split(": ") for line in handle)["write_bytes"])


def main(arguments: list[str]) -> int:
    """Run bash, wait, write the line, and end as bash ended."""
    shim = os.environ[SHIM]
    environment = dict(os.environ, PATH=os.pathsep.join(part for part in os.environ["PATH"].split(os.pathsep) if part != shim))
    start, before = time.monotonic(), written_bytes()
    child = os.posix_spawn("/bin/bash", ["bash", *arguments], environment)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda caught, _: os.kill(child, caught))
    _, status, usage = os.wait4(child, 0)
    job = {
        "rule": rule_of(arguments[-1] if arguments else ""),
        "cpu_s": usage.ru_utime + usage.ru_stime,
        "wall_s": time.monotonic() - start,
        "memory_mb": usage.ru_maxrss * 1024 / 1e6,
        "written_mb": (written_bytes() - before) / 1e6,
    }
    with open(os.environ[JOBS], "a", encoding="utf-8") as handle:
        handle.write(json.dumps(job) + "\n")
    code = os.waitstatus_to_exitcode(status)
    return code if code >= 0 else 128 - code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
