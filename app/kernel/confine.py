"""A process that gives up, for good, nearly everything that it may do.

For the child that reads a stranger's file: it keeps the file that is open, its pipe, memory
and time within limits, and threads; it can no longer open, write, connect, fork, execute or
signal anything. Where a program of the system is to be run (:mod:`app.kernel.programs`), it
keeps that one and its libraries. Three layers, each where the kernel has it: resource limits,
Landlock (file system, TCP, signals) and a seccomp filter (system calls). Linux only; elsewhere
there are the limits alone, and :func:`layers` says so.

Landlock and seccomp bind the calling thread and what it starts, so that this is called right
after the fork, while there is one thread.

References
----------
Landlock: landlock(7), Linux 5.13 on. Seccomp filters: seccomp(2); classic BPF: ``linux/filter.h``.

"""

from __future__ import annotations

import ctypes
import os
import platform
import resource
import signal
import struct
import sys
from dataclasses import dataclass
from functools import cache

MIB = 1024 * 1024

PR_SET_PDEATHSIG, PR_SET_SECCOMP, PR_SET_NO_NEW_PRIVS = 1, 22, 38
SECCOMP_MODE_FILTER = 2
LANDLOCK_CREATE_RULESET, LANDLOCK_ADD_RULE, LANDLOCK_RESTRICT_SELF = 444, 445, 446
LANDLOCK_CREATE_RULESET_VERSION, LANDLOCK_RULE_PATH_BENEATH = 1, 1

EXECUTE, READ_FILE = 1 << 0, 1 << 2
# Rights of the file system that each Landlock version can take away: the lowest so many bits.
FILE_SYSTEM_RIGHTS = {1: 13, 2: 14, 3: 15, 4: 15, 5: 16}
NEWEST_KNOWN = 5
NETWORK_FROM, NETWORK_RIGHTS = 4, 0b11  # bind and connect, TCP
SCOPES_FROM, SCOPES = 6, 0b11  # abstract sockets and signals outside


@dataclass(frozen=True, slots=True)
class Limits:
    """What a confined process may use."""

    address_space_bytes: int
    """Mappings included: the engine's libraries alone map 0.6 to 1.2 GB."""
    cpu_s: int
    open_files: int = 64


@dataclass(frozen=True, slots=True)
class Layers:
    """Which layers this machine has."""

    limits: bool
    landlock_version: int
    """0 where the kernel has none."""
    seccomp: bool


@dataclass(frozen=True, slots=True)
class _Architecture:
    """Numbers of system calls, which each processor family counts by itself."""

    audit: int
    """The family's number in ``linux/audit.h``."""
    clone: int
    clone3: int
    tgkill: int
    fcntl: int
    prlimit64: int
    allowed: tuple[int, ...]
    """What an engine needs: its open descriptors, memory, threads, clocks, its own signals and names."""
    starting: tuple[int, ...]
    """What else a program needs to start: to be executed, and to find and open its libraries."""
    loader: str
    """What the kernel executes for a program with shared libraries."""


_X86_64 = _Architecture(
    audit=0xC000003E,
    clone=56,
    clone3=435,
    tgkill=234,
    fcntl=72,
    prlimit64=302,
    allowed=(
        *(0, 1, 3, 5, 7, 8, 17, 19, 20, 32, 271),  # read write close fstat poll lseek pread64 readv writev dup ppoll
        *(262, 332),  # newfstatat statx: names and sizes are no secret from a process of the same user
        *(9, 10, 11, 12, 25, 27, 28),  # mmap mprotect munmap brk mremap mincore madvise
        *(13, 14, 15, 131, 219),  # rt_sigaction rt_sigprocmask rt_sigreturn sigaltstack restart_syscall
        *(24, 202, 204, 218),  # sched_yield futex sched_getaffinity set_tid_address
        *(273, 309, 324, 334),  # set_robust_list getcpu membarrier rseq
        *(35, 96, 98, 100, 228, 229, 230),  # nanosleep gettimeofday getrusage times clock_gettime _getres _nanosleep
        *(39, 63, 99, 102, 104, 107, 108, 110, 186, 318),  # getpid uname sysinfo getuid ... gettid getrandom
        *(60, 231),  # exit exit_group
    ),
    # execve openat open stat lstat access faccessat faccessat2 readlink readlinkat getcwd arch_prctl
    starting=(59, 257, 2, 4, 6, 21, 269, 439, 89, 267, 79, 158),
    loader="/lib64/ld-linux-x86-64.so.2",
)
# The same calls in the same order, but that this family has no poll.
_AARCH64 = _Architecture(
    audit=0xC00000B7,
    clone=220,
    clone3=435,
    tgkill=131,
    fcntl=25,
    prlimit64=261,
    allowed=(
        *(63, 64, 57, 80, 62, 67, 65, 66, 23, 73),
        *(79, 291),
        *(222, 226, 215, 214, 216, 232, 233),
        *(134, 135, 139, 132, 128),
        *(124, 98, 123, 96),
        *(99, 168, 283, 293),
        *(101, 169, 165, 153, 113, 114, 115),
        *(172, 160, 179, 174, 175, 176, 177, 173, 178, 278),
        *(93, 94),
    ),
    starting=(221, 56, 48, 439, 78, 17),
    loader="/lib/ld-linux-aarch64.so.1",
)
ARCHITECTURES = {"x86_64": _X86_64, "aarch64": _AARCH64}

# Classic BPF: what a statement does.
LOAD, JUMP_EQUAL, JUMP_AT_LEAST, JUMP_ANY_BIT, RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
ALLOW, KILL, ERRNO = 0x7FFF0000, 0x80000000, 0x00050000
EPERM, ENOSYS = 1, 38
# Where a filter finds the call's number, its family and the low words of its arguments.
NUMBER, FAMILY, FIRST_ARGUMENT, SECOND_ARGUMENT, THIRD_ARGUMENT = 0, 4, 16, 24, 32
F_DUPFD, F_GETFD, F_GETFL, F_DUPFD_CLOEXEC = 0, 1, 3, 1030
X32_CALLS = 0x40000000
CLONE_THREAD = 0x00010000


@dataclass(frozen=True, slots=True)
class Kept:
    """What is not given up where a program is to be run."""

    rights: tuple[tuple[str, int], ...] = ()
    """Files or folders and the rights that are kept there; a path that is not there is passed over."""
    starts_program: bool = False
    """Whether the calls stay by which a program starts; Landlock decides which program."""


NOTHING = Kept()


def confine(limits: Limits, kept: Kept = NOTHING) -> Layers:
    """Give up everything but what is open, memory, time, threads and what is kept; there is no way back."""
    _limit(limits)
    found = layers()
    if found.landlock_version:
        _restrict_file_system(found.landlock_version, kept.rights)
    if found.seccomp:
        filter_calls(_program(ARCHITECTURES[platform.machine()], starts_program=kept.starts_program))
    return found


@cache
def layers() -> Layers:
    """Tell which layers this machine has."""
    is_linux = sys.platform == "linux"
    return Layers(
        limits=True,
        landlock_version=_landlock_version() if is_linux else 0,
        seccomp=is_linux and platform.machine() in ARCHITECTURES and os.path.exists("/proc/sys/kernel/seccomp"),  # noqa: PTH110 - no path is opened
    )


def die_with_parent() -> None:
    """End at once when the process that forked this one ends."""
    if sys.platform == "linux":
        _libc().prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


def _limit(limits: Limits) -> None:
    for what, value in (
        (resource.RLIMIT_AS, limits.address_space_bytes),
        (resource.RLIMIT_CPU, limits.cpu_s),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_NOFILE, limits.open_files),
        (resource.RLIMIT_CORE, 0),
    ):
        hard = resource.getrlimit(what)[1]
        allowed = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(what, (allowed, allowed))


def _restrict_file_system(version: int, kept: tuple[tuple[str, int], ...]) -> None:
    """Take away every right that Landlock knows, but for what is kept."""
    rights = (1 << FILE_SYSTEM_RIGHTS[min(version, NEWEST_KNOWN)]) - 1
    ruleset = struct.pack(
        "=QQQ", rights, NETWORK_RIGHTS if version >= NETWORK_FROM else 0, SCOPES if version >= SCOPES_FROM else 0
    )
    size = 24 if version >= SCOPES_FROM else 16 if version >= NETWORK_FROM else 8
    descriptor = _call(LANDLOCK_CREATE_RULESET, ruleset, ctypes.c_size_t(size), ctypes.c_uint32(0))
    for path, granted in kept:
        _keep(descriptor, path, granted)
    _gain_no_privileges()
    _call(LANDLOCK_RESTRICT_SELF, ctypes.c_int(descriptor), ctypes.c_uint32(0))
    os.close(descriptor)


def _keep(ruleset: int, path: str, rights: int) -> None:
    try:
        place = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except FileNotFoundError:
        return
    rule = struct.pack("=Qi", rights, place)
    _call(LANDLOCK_ADD_RULE, ctypes.c_int(ruleset), LANDLOCK_RULE_PATH_BENEATH, rule, ctypes.c_uint32(0))
    os.close(place)


def filter_calls(statements: list[bytes]) -> None:
    """Let a program of classic BPF judge every system call from now on."""
    program = b"".join(statements)
    code = ctypes.create_string_buffer(program)
    header = ctypes.create_string_buffer(struct.pack("HL", len(program) // 8, ctypes.addressof(code)))
    _gain_no_privileges()
    if _libc().prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, header, 0, 0):
        raise OSError(ctypes.get_errno(), "seccomp")


def _program(family: _Architecture, *, starts_program: bool = False) -> list[bytes]:
    """Allow the system calls that an engine needs and no others (EPERM); threads start, processes do not."""
    statements = [
        statement(LOAD, FAMILY),
        statement(JUMP_EQUAL, family.audit, 1, 0),
        statement(RETURN, KILL),
        statement(LOAD, NUMBER),
    ]
    if family is _X86_64:  # the x32 calls share its number space
        statements += [statement(JUMP_AT_LEAST, X32_CALLS, 0, 1), statement(RETURN, KILL)]
    # libc asks for clone3 first and, told that there is none, for clone, whose flags can be read.
    statements += [statement(JUMP_EQUAL, family.clone3, 0, 1), statement(RETURN, ERRNO | ENOSYS)]
    statements += _if(family.clone, FIRST_ARGUMENT, statement(JUMP_ANY_BIT, CLONE_THREAD, 0, 1))
    # A process may signal itself, as abort() does, and nobody else.
    statements += _if(family.tgkill, FIRST_ARGUMENT, statement(JUMP_EQUAL, os.getpid(), 0, 1))
    # It may copy a descriptor; owning one would let it send signals.
    for command in (F_DUPFD, F_GETFD, F_GETFL, F_DUPFD_CLOEXEC):
        statements += _if(family.fcntl, SECOND_ARGUMENT, statement(JUMP_EQUAL, command, 0, 1), otherwise=None)
    # It may read its own limits, not set anybody's.
    statements += [
        statement(JUMP_EQUAL, family.prlimit64, 0, 8),
        statement(LOAD, FIRST_ARGUMENT),
        statement(JUMP_EQUAL, 0, 0, 5),
        statement(LOAD, THIRD_ARGUMENT),
        statement(JUMP_EQUAL, 0, 0, 3),
        statement(LOAD, THIRD_ARGUMENT + 4),
        statement(JUMP_EQUAL, 0, 0, 1),
        statement(RETURN, ALLOW),
        statement(RETURN, ERRNO | EPERM),
    ]
    for number in (*family.allowed, *(family.starting if starts_program else ())):
        statements += [statement(JUMP_EQUAL, number, 0, 1), statement(RETURN, ALLOW)]
    return [*statements, statement(RETURN, ERRNO | EPERM)]


def _if(call: int, argument: int, test: bytes, *, otherwise: int | None = ERRNO | EPERM) -> list[bytes]:
    """Allow a call whose argument passes a test; refuse it, or look further with the call's number again."""
    last = statement(LOAD, NUMBER) if otherwise is None else statement(RETURN, otherwise)
    return [statement(JUMP_EQUAL, call, 0, 4), statement(LOAD, argument), test, statement(RETURN, ALLOW), last]


def statement(code: int, value: int, if_true: int = 0, if_false: int = 0) -> bytes:
    """Return one statement of classic BPF; a jump counts the statements that it skips."""
    return struct.pack("=HBBI", code, if_true, if_false, value)


def _landlock_version() -> int:
    try:
        return _call(
            LANDLOCK_CREATE_RULESET, None, ctypes.c_size_t(0), ctypes.c_uint32(LANDLOCK_CREATE_RULESET_VERSION)
        )
    except OSError:
        return 0


def _gain_no_privileges() -> None:
    _libc().prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)


def _call(number: int, *arguments: object) -> int:
    result = int(_libc().syscall(number, *arguments))
    if result < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return result


@cache
def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)
