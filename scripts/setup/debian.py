"""Debian packages that bring missing tools."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterable

from scripts.setup.common import run, say
from workflow.tools import Tool


def absent(packages: Iterable[str]) -> list[str]:
    """Return the packages that dpkg does not list as installed, in order."""
    wanted = list(dict.fromkeys(packages))
    command = ["dpkg-query", "-W", "-f", "${db:Status-Status} ${Package}\n", *wanted]
    listed = subprocess.run(command, capture_output=True, text=True, check=False).stdout.splitlines()
    return [name for name in wanted if f"installed {name}" not in listed]


def privilege() -> list[str] | None:
    """Return the words to put before apt-get: none for root, sudo where it can be used, None where neither is to be had."""
    if os.geteuid() == 0:
        return []
    if shutil.which("sudo") is None:
        return None
    silent = subprocess.run(["sudo", "-n", "true"], capture_output=True, check=False).returncode == 0
    return ["sudo"] if silent or sys.stdin.isatty() else None


def install(packages: list[str]) -> str | None:
    """Install Debian packages; return a sentence for an administrator if that is not allowed here.

    Raises:
        SetupError: apt-get failed.
    """
    before = privilege()
    if before is None:
        return f"these Debian packages are missing and need an administrator: apt-get install {' '.join(packages)}"
    apt = [*before, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-q", "-y"]
    say(f"installing Debian packages: {' '.join(packages)}")
    run([*apt, "update"], "reading Debian's package lists")
    run([*apt, "install", "--no-install-recommends", *packages], "installing Debian packages")
    return None


def setup_debian(tools: Iterable[Tool]) -> str | None:
    """Install the Debian packages of these tools as far as they are absent; return a note if something stays undone."""
    packages = absent(name for tool in tools for name in tool.debian)
    return install(packages) if packages else None
