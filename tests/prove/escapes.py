"""What a child that a stranger's file has taken over would try. Runs in the child, one attempt each.

Each attempt returns what it got hold of, or raises. None of them does harm where it succeeds,
so that the same list can be tried without confinement.
"""

from __future__ import annotations

import ctypes
import errno
import fcntl
import mmap
import os
import platform
import resource
import signal
import socket
import struct
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from app.kernel.isolate import Emit

IS_ARM = platform.machine() == "aarch64"
LIBC = ctypes.CDLL(None, use_errno=True)
GIB = 2**30
BLOCK_BYTES = 8 * 2**20
DISCARD_PORT = 9


def attempt(emit: Emit, _: int, *, name: str, victim: str, patience_s: float, growth_bytes: int) -> None:
    """Try one escape; say ``escaped`` or ``refused``."""
    given = {"victim": victim, "patience_s": patience_s, "growth_bytes": growth_bytes}
    try:
        got = ESCAPES[name](given)
    except (OSError, MemoryError, ValueError) as error:
        number = getattr(error, "errno", None)
        emit({"kind": "refused", "by": errno.errorcode.get(number or 0, type(error).__name__)})
    else:
        emit({"kind": "escaped", "got": str(got)[:200]})


def _call(x86_number: int, arm_number: int, *arguments: Any) -> int:
    result = int(LIBC.syscall(arm_number if IS_ARM else x86_number, *arguments))
    if result < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return result


def _read_file(given: dict[str, Any]) -> Any:
    with open(given["victim"], "rb") as file:  # noqa: PTH123 - the plain call
        return file.read(10)


def _read_by_openat2(given: dict[str, Any]) -> Any:
    how = struct.pack("=QQQ", os.O_RDONLY, 0, 0)
    return _call(437, 437, -100, given["victim"].encode(), how, ctypes.c_size_t(len(how)))


def _write_file(given: dict[str, Any]) -> Any:
    descriptor = os.open(given["victim"] + ".new", os.O_WRONLY | os.O_CREAT)
    return os.write(descriptor, b"x")


def _truncate(given: dict[str, Any]) -> Any:
    return os.truncate(given["victim"], 1)


def _shared_memory(_: dict[str, Any]) -> Any:
    private, size, create = 0, 4096, 0o1600
    return _call(29, 194, private, ctypes.c_size_t(size), create)


def _fork(_: dict[str, Any]) -> Any:
    pid = os.fork()
    if pid == 0:
        os._exit(0)
    return os.waitpid(pid, 0)


def _clone(_: dict[str, Any]) -> Any:
    pid = _call(56, 220, signal.SIGCHLD, 0, 0, 0, 0)
    if pid == 0:
        os._exit(0)
    return os.waitpid(pid, 0)


def _spawn(_: dict[str, Any]) -> Any:
    return os.waitpid(os.posix_spawn("/bin/true", ["true"], {}), 0)


def _execute(_: dict[str, Any]) -> Any:
    # Where it succeeds this process is another one, which says so on the standard output.
    os.execv("/bin/sh", ["sh", "-c", """echo '{"kind":"escaped","got":"a shell"}'"""])  # noqa: S606 - the attempt itself


def _trace(_: dict[str, Any]) -> Any:
    trace_me = 0
    return _call(101, 117, trace_me, 0, 0, 0)


def _signal_parent(_: dict[str, Any]) -> Any:
    return os.kill(os.getppid(), 0)


def _signal_parents_thread(_: dict[str, Any]) -> Any:
    return _call(234, 131, os.getppid(), os.getppid(), 0)


def _read_parents_memory(_: dict[str, Any]) -> Any:
    target = ctypes.create_string_buffer(8)
    vector = struct.pack("PN", ctypes.addressof(target), 8)
    try:
        return _call(310, 270, os.getppid(), vector, 1, vector, 1, 0)
    except OSError as error:
        if error.errno == errno.EFAULT:  # allowed, at an address that is not there
            return "EFAULT"
        raise


def _limit_parent(_: dict[str, Any]) -> Any:
    return resource.prlimit(os.getppid(), resource.RLIMIT_CORE, (0, 0))


def _raise_own_limits(_: dict[str, Any]) -> Any:
    old = resource.getrlimit(resource.RLIMIT_FSIZE)
    unlimited = resource.RLIM_INFINITY
    resource.setrlimit(resource.RLIMIT_FSIZE, (unlimited, unlimited))
    return f"{old} to unlimited"


def _slow_parent(_: dict[str, Any]) -> Any:
    return os.setpriority(os.PRIO_PROCESS, os.getppid(), os.getpriority(os.PRIO_PROCESS, os.getppid()) + 1)


def _io_ring(_: dict[str, Any]) -> Any:
    return _call(425, 425, 4, ctypes.create_string_buffer(256))


def _leaked_descriptors(_: dict[str, Any]) -> Any:
    """Look at every number beyond the standard three; the file and the pipe are ours."""
    found = []
    for number in range(3, 256):
        try:
            status = os.fstat(number)
        except OSError:
            continue
        found.append(f"{number} mode {status.st_mode:o} access {fcntl.fcntl(number, fcntl.F_GETFL) & os.O_ACCMODE}")
    if len(found) <= 2:
        raise OSError(errno.EBADF, "nothing but the file and the pipe")
    return " ".join(found)


def _write_workers_output(_: dict[str, Any]) -> Any:
    """Forge a line of the worker's log; nothing is written."""
    if os.fstat(1).st_rdev == os.makedev(1, 3):
        raise OSError(errno.EBADF, "the standard output is /dev/null")
    return os.write(1, b"")


def _ten_gib(_: dict[str, Any]) -> Any:
    with mmap.mmap(-1, 10 * GIB) as memory:
        return len(memory)


def _grow(given: dict[str, Any]) -> Any:
    """Hold more memory than is allowed, slowly, so that only the watchdog can see it."""
    held = []
    for _ in range(given["growth_bytes"] // BLOCK_BYTES):
        held.append(bytearray(os.urandom(4096) * (BLOCK_BYTES // 4096)))
        time.sleep(0.005)
    time.sleep(0.5)
    return f"{len(held) * BLOCK_BYTES} bytes"


def _spin(given: dict[str, Any]) -> Any:
    """Use the processor without end."""
    until_s = time.monotonic() + given["patience_s"]
    while time.monotonic() < until_s:
        pass
    return f"{given['patience_s']} s"


def _sleep(given: dict[str, Any]) -> Any:
    """Do nothing without end."""
    time.sleep(given["patience_s"])
    return f"{given['patience_s']} s"


ESCAPES: dict[str, Callable[[dict[str, Any]], Any]] = {
    "read a file": _read_file,
    "read a file by openat2": _read_by_openat2,
    "list a folder": lambda _: list(Path("/").iterdir()),
    "write a file": _write_file,
    "truncate a file": _truncate,
    "unlink a file": lambda given: Path(given["victim"]).unlink(),
    "rename a file": lambda given: Path(given["victim"]).rename(given["victim"] + ".other"),
    "make a folder": lambda given: Path(given["victim"] + ".folder").mkdir(),
    "change a file's mode": lambda given: Path(given["victim"]).chmod(0o600),
    "change a file's time": lambda given: os.utime(given["victim"], (1, 1)),
    "TCP socket": lambda _: socket.socket().connect(("127.0.0.1", DISCARD_PORT)),
    "UDP socket": lambda _: socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"x", ("127.0.0.1", DISCARD_PORT)),
    "Unix socket": lambda _: socket.socket(socket.AF_UNIX),
    "socket pair": lambda _: socket.socketpair(),
    "shared memory": _shared_memory,
    "fork": _fork,
    "clone": _clone,
    "spawn": _spawn,
    "execute": _execute,
    "trace": _trace,
    "signal the parent": _signal_parent,
    "signal the parent's thread": _signal_parents_thread,
    "descriptor of the parent": lambda _: _call(434, 434, os.getppid(), 0),
    "read the parent's memory": _read_parents_memory,
    "limit the parent": _limit_parent,
    "raise its own limits": _raise_own_limits,
    "slow the parent": _slow_parent,
    "io_uring": _io_ring,
    "leaked descriptors": _leaked_descriptors,
    "the worker's output": _write_workers_output,
    "allocate 10 GiB": _ten_gib,
    "grow in memory": _grow,
    "use the processor for ever": _spin,
    "sleep for ever": _sleep,
}
