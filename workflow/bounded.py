"""The command of one job, watched: it ends, with all that it started, when its time is up or the Snakemake that waits for it is gone.

Run by its path, `python -I -S bounded.py SECONDS NAME PARENT LOCK COMMAND…`, with the standard library alone, because it stands before
every job. Standard error is the run's own, so that a job that was stopped is told there and not only in its log.

As the job ends, what it cost goes as one line of JSON into the file that the environment names (GENVEJ_ACCOUNT: `{"file", "facts"}`): the
kernel adds up CPU, memory and I/O of all that was started, where Snakemake's own benchmark files are samples that miss short jobs.
"""

import _signal  # type: ignore[import-not-found]

if __name__ == "__main__":  # Ctrl-C is kept back before anything is read from disk, and heard in `watch`
    _signal.pthread_sigmask(_signal.SIG_BLOCK, {_signal.SIGINT})

import contextlib
import ctypes
import errno
import fcntl
import json
import os
import resource
import signal
import struct
import sys
import time
import zlib
from pathlib import Path

TIMED_OUT = 124  # exit status, as of coreutils' `timeout`
LOOK = 1.0  # seconds between two looks at the clock and the parent
GRACE = 10.0  # seconds between asking a job to end and killing it
OFD_SETLK = 37  # F_OFD_SETLK of fcntl(2): a lock on some bytes of a file, which lives as long as any process that inherited it
SUBREAPER = 36  # PR_SET_CHILD_SUBREAPER of prctl(2): what a killed shell leaves behind becomes our child and not init's
ACCOUNT = "GENVEJ_ACCOUNT"  # environment: where the cost of the job is written, and what stands in the line beside it
HEARD = {signal.SIGCHLD, signal.SIGTERM, signal.SIGHUP, signal.SIGINT}


def descendants(root: int) -> list[int]:
    """Return the process ids of everything below a process."""
    children: dict[int, list[int]] = {}
    for entry in os.listdir("/proc"):
        with contextlib.suppress(OSError, ValueError):
            parent = int(Path("/proc", entry, "stat").read_text().rpartition(")")[2].split()[1])
            children.setdefault(parent, []).append(int(entry))
    found, waiting = [], [root]
    while waiting:
        below = children.get(waiting.pop(), [])
        found += below
        waiting += below
    return found


def end_all(grace: float = GRACE) -> None:
    """End everything below this process: asked at first, killed after `grace` seconds, until nothing is left."""
    deadline = time.monotonic() + grace
    while below := descendants(os.getpid()):
        late = time.monotonic() >= deadline
        for process in below:
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL if late else signal.SIGTERM)
        time.sleep(0.05)
        reap()


def reap() -> dict[int, int]:
    """Return {process id: exit code} of the children that have ended; a code is 128 and the signal for a killed one, as shells say it."""
    ended = {}
    with contextlib.suppress(ChildProcessError):
        while (found := os.waitpid(-1, os.WNOHANG))[0]:
            code = os.waitstatus_to_exitcode(found[1])
            ended[found[0]] = code if code >= 0 else 128 - code
    return ended


def alive(process: int) -> bool:
    """Return whether there is a process of this id."""
    return Path("/proc", str(process)).exists()


def watch(child: int, seconds: float, parent: int) -> tuple[int, str]:
    """Wait for a child; return its exit code and, if it has to be stopped, why (`time`, `parent` or `signal`)."""
    deadline, started_by = time.monotonic() + seconds, os.getppid()
    while True:
        left = deadline - time.monotonic()
        heard = signal.sigtimedwait(HEARD, max(0.0, min(LOOK, left)))
        ended = reap()
        if child in ended:
            return ended[child], ""
        if heard and heard.si_signo != signal.SIGCHLD:
            return 128 + heard.si_signo, "signal"
        if os.getppid() != started_by or not alive(parent):
            return 128 + signal.SIGKILL, "parent"
        if left <= 0:
            return TIMED_OUT, "time"


def disk_bytes() -> dict[str, int]:
    """Return the bytes that this process and its awaited children read from and wrote to disks (pages made dirty; not pipes)."""
    with contextlib.suppress(OSError, ValueError):
        lines = Path("/proc/self/io").read_text(encoding="ascii").splitlines()
        counts = {name: int(value) for name, value in (line.split(": ") for line in lines)}
        return {"read_mb": counts["read_bytes"], "written_mb": counts["write_bytes"]}
    return {}  # a kernel without I/O accounting: not evaluated


def cost(began: float, code: int) -> dict[str, object]:
    """Return what all awaited children and this process cost since `began` (time.time()).

    Seconds, MB (10^6 bytes); memory is that of the largest child.
    """
    used, own = (resource.getrusage(who) for who in (resource.RUSAGE_CHILDREN, resource.RUSAGE_SELF))
    return {
        "began": round(began, 2),
        "wall_s": round(time.time() - began, 3),
        "cpu_s": round(used.ru_utime + used.ru_stime + own.ru_utime + own.ru_stime, 3),
        "max_rss_mb": round(used.ru_maxrss * 1024 / 1e6, 1),
        **{name: round(count / 1e6, 3) for name, count in disk_bytes().items()},
        "exit": code,
    }


def write_account(order: str, began: float, code: int) -> None:
    """Add the job's line to its file, in one write; a disk that is full or read-only costs the line and not the job."""
    with contextlib.suppress(OSError, ValueError, KeyError):
        told = json.loads(order)
        line = json.dumps(told["facts"] | cost(began, code)) + "\n"
        file = Path(told["file"])
        file.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o666)
        try:
            os.write(handle, line.encode())
        finally:
            os.close(handle)


def fence(path: str, name: str, parent: int) -> None:
    """Wait until no other process works at the job of this name: on a cluster, a lost node may go on with what is started again elsewhere.

    The lock is one byte of a file for all jobs, chosen by the name; where the file system has no locks, nothing is waited for.
    """
    try:
        handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
    except OSError:
        return
    os.set_inheritable(handle, True)
    wanted, told = struct.pack("hhqqi", fcntl.F_WRLCK, os.SEEK_SET, zlib.crc32(name.encode()), 1, 0), False
    while alive(parent):
        try:
            fcntl.fcntl(handle, OFD_SETLK, wanted)
        except OSError as error:
            if error.errno not in {errno.EAGAIN, errno.EACCES}:
                return
        else:
            return
        if not told:
            print(
                f"genvej: {name} is still at work elsewhere (an attempt that was taken for dead); waiting for its end.",
                file=sys.stderr,
                flush=True,
            )
            told = True
        time.sleep(LOOK / 2)


def run(seconds: float, name: str, parent: int, lock: str, command: list[str]) -> int:
    """Run a command within its time and return its exit code; `lock` is held, shared, by all that it starts, its name alone."""
    ctypes.CDLL(None).prctl(SUBREAPER, 1, 0, 0, 0)
    with contextlib.suppress(OSError):
        handle = os.open(lock, os.O_RDWR | os.O_CREAT, 0o666)
        fcntl.flock(handle, fcntl.LOCK_SH)
        os.set_inheritable(handle, True)
    order, began = os.environ.pop(ACCOUNT, ""), time.time()
    fence(f"{lock}.names", name, parent)
    before = signal.pthread_sigmask(signal.SIG_BLOCK, HEARD)
    child = os.posix_spawnp(command[0], command, os.environ, setsigmask=before | {signal.SIGINT})  # of Ctrl-C it hears from us, as SIGTERM
    code, why = watch(child, seconds, parent)
    if why == "time":
        print(
            f"\nerror: {name} was still at work after {in_words(seconds)}, the time limit of this job, and was stopped; it hangs, or needs "
            "longer: run the same command again, with a higher `job_hours` in the config or `--set-resources RULE:runtime=MINUTES`.\n",
            file=sys.stderr,
            flush=True,
        )
    if code:
        end_all(0 if why in {"", "parent"} else GRACE)
    if order:
        write_account(order, began, code)
    return code


def in_words(seconds: float) -> str:
    """Return a time limit for a person: 90 s, 30 min, 24 h."""
    if seconds < 120:
        return f"{seconds:g} s"
    return f"{seconds / 60:g} min" if seconds < 7200 else f"{seconds / 3600:g} h"


if __name__ == "__main__":
    sys.exit(run(float(sys.argv[1]), sys.argv[2], int(sys.argv[3]), sys.argv[4], sys.argv[5:]))
