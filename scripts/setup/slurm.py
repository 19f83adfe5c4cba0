"""A real SLURM of one node with accounting, for the tests of the cluster profile: no systemd, no control groups, loopback only.

    .venv/bin/python -m scripts.setup.slurm start|stop|status

Needs Debian and root. It installs what is missing, starts munge, MariaDB, slurmdbd, slurmctld and slurmd, and tells SLURM of more
processors than the machine has, so that scheduling can be tried. `stop` ends only the processes whose ids `start` wrote down. Not for
production: the database's password is in this file.
"""

import getpass
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from scripts.setup.common import SetupError, run, say
from scripts.setup.debian import absent, install
from scripts.setup.slurm_files import CONTROLLER, DATABASE, TABLES

PACKAGES = ("slurmctld", "slurmd", "slurm-client", "slurmdbd", "slurm-wlm-mysql-plugin", "munge", "mariadb-server")
STATE = Path(os.environ.get("GENVEJ_SLURM_STATE", "/var/lib/genvej-slurm"))
LOGS = STATE / "log"
CPUS, MEM_MB = 16, 60_000
ACCOUNT, SHORT, LONG = "genomics", "short", "long"
DAEMONS = ("slurmd", "slurmctld", "slurmdbd")
BELOW = ("mariadbd", "munged")
AWK = Path("/etc/alternatives/awk")


def quiet(*command: str) -> bool:
    """Run a command that only asks; return whether it ended well."""
    try:
        return subprocess.run(command, capture_output=True, stdin=subprocess.DEVNULL, check=False).returncode == 0
    except FileNotFoundError:
        return False


def wait(what: str, asked: Callable[[], bool], seconds: float = 60) -> None:
    """Wait until `asked` says yes.

    Raises:
        SetupError: it did not in time.
    """
    deadline = time.monotonic() + seconds
    while not asked():
        if time.monotonic() > deadline:
            raise SetupError(f"{what} did not answer within {seconds:g} s; its log is in {LOGS}")
        time.sleep(0.2)


def install_packages() -> None:
    """Install SLURM's packages; stop if that would remove a package, and leave `awk` the program that it was.

    Raises:
        SetupError: packages would be removed, or cannot be installed here.
    """
    missing = absent(PACKAGES)
    if not missing:
        return
    plan = subprocess.run(
        ["apt-get", "-s", "install", "--no-install-recommends", *missing], capture_output=True, text=True, check=False
    ).stdout
    if gone := [line.split()[1] for line in plan.splitlines() if line.startswith("Remv ")]:
        raise SetupError(f"installing SLURM would remove {', '.join(gone)}; nothing is installed")
    awk = AWK.resolve()
    if note := install(missing):
        raise SetupError(note)
    if awk.exists() and AWK.resolve() != awk:
        run(["update-alternatives", "--set", "awk", str(awk)], "keeping awk")


def write_configuration(host: str) -> None:
    """Write the files of both daemons; an existing configuration that is not ours is left alone.

    Raises:
        SetupError: this machine belongs to another cluster.
    """
    folder = Path("/etc/slurm")
    folder.mkdir(parents=True, exist_ok=True)
    ours = folder / "slurm.conf"
    if ours.is_file() and f"StateSaveLocation={STATE}" not in ours.read_text():
        raise SetupError(f"{ours} is of another cluster; this set-up is for a machine without one")
    words = {"host": host, "state": STATE, "logs": LOGS, "cpus": CPUS, "memory": MEM_MB, "short": SHORT, "long": LONG}
    database = folder / "slurmdbd.conf"
    database.touch(0o600)
    database.chmod(0o600)
    database.write_text(DATABASE.format(**words))
    ours.write_text(CONTROLLER.format(**words))


def start_munge() -> None:
    """Start munge, which tells the daemons of each other."""
    Path("/run/munge").mkdir(parents=True, exist_ok=True)
    key = Path("/etc/munge/munge.key")
    if not key.is_file() or not key.stat().st_size:
        key.write_bytes(os.urandom(1024))
    run(["chown", "-R", "munge:munge", "/etc/munge", "/run/munge", "/var/lib/munge", "/var/log/munge"], "giving munge its folders")
    key.chmod(0o400)
    Path("/run/munge").chmod(0o755)
    if not munge_answers():
        run(["runuser", "-u", "munge", "--", "munged", "--force"], "starting munge")
        wait("munge", munge_answers, 10)
        shutil.copyfile("/run/munge/munged.pid", STATE / "munged.pid")  # one that was there before is not ours to stop


def munge_answers() -> bool:
    """Return whether munge can sign and read back."""
    return quiet("bash", "-c", "munge -n | unmunge")


def start_database() -> None:
    """Start MariaDB for the accounting."""
    Path("/run/mysqld").mkdir(parents=True, exist_ok=True)
    shutil.chown("/run/mysqld", "mysql", "mysql")
    if not quiet("mariadb-admin", "ping"):
        if not Path("/var/lib/mysql/mysql").is_dir():
            run(["mariadb-install-db", "--user=mysql"], "preparing the database")
        with open(LOGS / "mariadb.log", "ab") as log:
            options = ["--user=mysql", "--bind-address=127.0.0.1", "--innodb-buffer-pool-size=128M", f"--pid-file={STATE}/mariadbd.pid"]
            shutil.chown(STATE, "mysql")
            subprocess.Popen(["mariadbd", *options], stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)
    wait("the database", lambda: quiet("mariadb-admin", "ping"))
    run(["mariadb", "-e", TABLES], "making the accounting's database")


def start_daemon(name: str, asked: Callable[[], bool]) -> None:
    """Start one of SLURM's daemons if it does not live, and wait for its answer."""
    if not lives(name):
        subprocess.run([name], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)
    wait(name, asked)


def process_of(name: str) -> int | None:
    """Return the id of the process that `start` wrote down, None if it is not that daemon any more."""
    try:
        process = int((STATE / f"{name}.pid").read_text())
        command = Path("/proc", str(process), "comm").read_text().strip()
    except (OSError, ValueError):
        return None
    return process if command == name else None


def lives(name: str) -> bool:
    """Return whether a daemon of ours is at work."""
    return process_of(name) is not None


def has_ended(name: str) -> bool:
    """Return whether a daemon of ours is at work no more."""
    return not lives(name)


def node_is_up() -> bool:
    """Return whether the node takes jobs."""
    states = subprocess.run(["sinfo", "-h", "-o", "%T"], capture_output=True, text=True, check=False).stdout.split()
    return any(state in {"idle", "mixed", "allocated", "completing"} for state in states)


def start() -> None:
    """Install and start everything; does only what is missing."""
    if os.geteuid() != 0:
        raise SetupError("a SLURM of one's own needs root; `make slurm-test` is for a machine or container of the tests")
    install_packages()
    for folder in (STATE / "ctld", STATE / "d", LOGS):
        folder.mkdir(parents=True, exist_ok=True)
    host = socket.gethostname().split(".")[0]
    if host not in Path("/etc/hosts").read_text().split():
        with open("/etc/hosts", "a") as hosts:
            hosts.write(f"127.0.0.1 {host}\n")
    start_munge()
    start_database()
    write_configuration(host)
    start_daemon("slurmdbd", lambda: quiet("sacctmgr", "-n", "show", "cluster"))
    for words in (["cluster", "genvej"], ["account", ACCOUNT, "Description=tests", "Organization=tests"]):
        quiet("sacctmgr", "-i", "add", *words)
    quiet("sacctmgr", "-i", "add", "user", os.environ.get("USER", "root"), f"Account={ACCOUNT}", f"DefaultAccount={ACCOUNT}")
    start_daemon("slurmctld", lambda: quiet("scontrol", "ping"))
    start_daemon("slurmd", node_is_up)
    say(f"SLURM is up: partitions {SHORT} and {LONG}, account {ACCOUNT}; `python -m scripts.setup.slurm stop` ends it")


def stop() -> None:
    """Cancel what runs, and end the daemons of this set-up one after the other, by their ids.

    Raises:
        SetupError: one does not end.
    """
    if lives("slurmctld") and quiet("scancel", "--user", getpass.getuser()):
        wait("the queue", lambda: not subprocess.run(["squeue", "-h"], capture_output=True, check=False).stdout)
    for name in (*DAEMONS, *BELOW):
        if process := process_of(name):
            os.kill(process, signal.SIGTERM)
            wait(f"{name}, told to end,", partial(has_ended, name))


def tell() -> None:
    """Say which daemons are at work."""
    print({name: lives(name) for name in (*DAEMONS, *BELOW)})


def main(arguments: list[str]) -> int:
    """Start, stop or show; failures become one message."""
    os.environ["PATH"] += ":/usr/sbin:/sbin"
    try:
        {"start": start, "stop": stop, "status": tell}[arguments[0]]()
    except (IndexError, KeyError):
        print("usage: python -m scripts.setup.slurm start|stop|status", file=sys.stderr)
        return 2
    except (SetupError, OSError, subprocess.SubprocessError) as error:
        print(f"slurm: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
