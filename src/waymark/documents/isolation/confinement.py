"""Confinement of the child that reads one hostile file, by the kernel itself.

It holds inside the sandbox of bubblewrap and without it, and needs no right. Landlock (Linux 5.13):
no file may be written, created or removed, and none opened but programs, libraries and the file of
the job. A filter of system calls (libseccomp): no network, no other programs, no signals to others,
no changes of owners and modes, none of the calls by which kernels are attacked most. A refused call
fails as if the user had no right to it. What is missing is skipped; `waymark doctor` says so.
"""

import ctypes
import errno
import os
import stat
import sys
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from functools import cache
from pathlib import Path

import waymark

LIBRARY = "libseccomp.so.2"
HOW_TO_INSTALL = "install libseccomp (Debian and Ubuntu: apt install libseccomp2)"
READABLE = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32", "/opt", "/proc/self")
READABLE_FILES = ("/etc/ld.so.cache", "/etc/localtime", "/etc/mime.types", "/dev/urandom")

# ---- Landlock: linux/landlock.h; the numbers of calls are the same on all architectures ----

CREATE_RULESET, ADD_RULE, RESTRICT_SELF = 444, 445, 446
EXECUTE, WRITE_FILE, READ_FILE, READ_DIR = 1, 2, 4, 8
RIGHTS_OF_FILES = ((1, 13), (2, 14), (3, 15), (5, 16))
"""Version of Landlock -> number of the rights of files that it knows, as the lowest bits."""
TCP, OTHERS = 3, 3
"""Binding and connecting, from version 4; sockets and signals of others, from version 6."""


class _Ruleset(ctypes.Structure):
    _fields_ = (
        ("files", ctypes.c_uint64),
        ("network", ctypes.c_uint64),
        ("scope", ctypes.c_uint64),
    )


class _PathRule(ctypes.Structure):
    _pack_ = 1
    _fields_ = (("allowed", ctypes.c_uint64), ("handle", ctypes.c_int32))


# ---- the filter of system calls: seccomp.h of libseccomp ----

ALLOW, REFUSE, MASKED_EQUAL = 0x7FFF0000, 0x00050000, 7
PR_GET_SECCOMP, PR_SET_SECCOMP, PR_SET_NO_NEW_PRIVS, SECCOMP_MODE_FILTER = 21, 22, 38, 2
INSTRUCTION = 8
"""Bytes of an instruction of a filter."""
CLONE_THREAD = 0x00010000
REFUSED_CALLS = (
    *("socket", "socketpair", "connect", "bind", "listen", "accept", "accept4", "io_uring_setup"),
    *("kill", "tkill", "rt_sigqueueinfo", "rt_tgsigqueueinfo", "pidfd_send_signal", "pidfd_getfd"),
    *("ptrace", "process_vm_readv", "process_vm_writev", "kcmp", "process_madvise"),
    *("chmod", "fchmod", "fchmodat", "fchmodat2", "chown", "fchown", "lchown", "fchownat"),
    *("utime", "utimes", "utimensat", "futimesat", "setxattr", "lsetxattr", "fsetxattr"),
    *("removexattr", "lremovexattr", "fremovexattr", "setxattrat", "removexattrat"),
    *("mount", "umount2", "pivot_root", "chroot", "unshare", "setns", "fsopen", "fsmount"),
    *("move_mount", "open_tree", "mount_setattr", "bpf", "perf_event_open", "userfaultfd"),
    *("keyctl", "add_key", "request_key", "init_module", "finit_module", "kexec_load"),
    *("open_by_handle_at", "name_to_handle_at", "fanotify_init", "quotactl", "swapon", "reboot"),
    *("personality", "modify_ldt", "vmsplice", "shmget", "semget", "msgget", "mq_open"),
)
OF_PROGRAMS = ("execve", "execveat", "fork", "vfork", "tgkill")
"""Refused too where the job runs no other program."""


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("instructions", ctypes.c_void_p))


class _Comparison(ctypes.Structure):
    _fields_ = (
        ("argument", ctypes.c_uint),
        ("how", ctypes.c_int),
        ("first", ctypes.c_uint64),
        ("second", ctypes.c_uint64),
    )


def confine(
    files: Sequence[str | int], *, programs: Sequence[str] = (), hidden: Sequence[str] = ()
) -> None:
    """Confine this process and its children for ever, as far as the system can.

    files: those of the job, as paths or open descriptors. programs: files and folders of the other
    programs that the job runs; with none it can start no process. hidden: resolved folders that
    cannot be opened even where they lie below one that can.
    """
    _restrict_files(_openings(files, programs, [Path(folder) for folder in hidden]))
    _filter_calls(programs=bool(programs))


def confinement_faults() -> list[str]:
    """What the confinement lacks on this system, as sentences with the remedy."""
    version, faults = landlock_version(), []
    if version == 0:
        faults.append(
            "the kernel does not confine files (Landlock): use Linux 5.13 or later, with landlock "
            "in its list of security modules"
        )
    if _library() is None:
        faults.append(f"system calls are not filtered: {HOW_TO_INSTALL}")
    return faults


@cache
def landlock_version() -> int:
    """Version of Landlock that the kernel offers; 0 for none."""
    if not sys.platform.startswith("linux"):
        return 0
    return max(0, int(_libc().syscall(CREATE_RULESET, None, 0, 1)))


@cache
def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


@cache
def _library() -> ctypes.CDLL | None:
    """libseccomp; None if it is not installed, or the kernel has no filters."""
    try:
        library = ctypes.CDLL(LIBRARY)
    except OSError:
        return None
    if _libc().prctl(PR_GET_SECCOMP, 0, 0, 0, 0) < 0:
        return None
    library.seccomp_init.restype = ctypes.c_void_p
    library.seccomp_init.argtypes = (ctypes.c_uint32,)
    library.seccomp_rule_add_array.argtypes = (
        ctypes.c_void_p,
        ctypes.c_uint32,
        ctypes.c_int,
        ctypes.c_uint,
        ctypes.POINTER(_Comparison),
    )
    library.seccomp_export_bpf.argtypes = (ctypes.c_void_p, ctypes.c_int)
    library.seccomp_release.argtypes = (ctypes.c_void_p,)
    return library


def load_libraries() -> None:
    """Load in the reading process what its confined children need."""
    landlock_version()
    for programs in (False, True):
        call_filter(programs=programs)


def _restrict_files(openings: Iterable[tuple[str | int, int]]) -> None:
    version = landlock_version()
    if version == 0:
        return
    known = max(number for since, number in RIGHTS_OF_FILES if since <= version)
    ruleset = _Ruleset((1 << known) - 1, TCP if version >= 4 else 0, OTHERS if version >= 6 else 0)
    size = 24 if version >= 6 else 16 if version >= 4 else 8
    rules = _checked(_libc().syscall(CREATE_RULESET, ctypes.byref(ruleset), size, 0))
    for path, rights in openings:
        try:
            handle = path if isinstance(path, int) else os.open(path, os.O_PATH | os.O_CLOEXEC)
        except OSError:
            continue  # not on this system
        if not stat.S_ISDIR(os.fstat(handle).st_mode):
            rights &= ~READ_DIR
        rule = _PathRule(rights, handle)
        _checked(_libc().syscall(ADD_RULE, rules, 1, ctypes.byref(rule), 0))
        if handle is not path:
            os.close(handle)
    _checked(_libc().syscall(RESTRICT_SELF, rules, 0))
    os.close(rules)


def _openings(
    files: Sequence[str | int], programs: Sequence[str], hidden: Sequence[Path]
) -> Iterator[tuple[str | int, int]]:
    """What may be opened, each with its rights."""
    own = (sys.base_prefix, sys.base_exec_prefix, sys.prefix, str(Path(waymark.__file__).parent))
    for path in (*READABLE, *own, *programs):
        for part in _parts_without(Path(path), hidden):
            yield part, EXECUTE | READ_FILE | READ_DIR
    for file in (*READABLE_FILES, *files):
        yield file, READ_FILE | READ_DIR
    yield os.devnull, READ_FILE | WRITE_FILE


def _parts_without(path: Path, hidden: Sequence[Path]) -> Iterator[str]:
    """The path, or what is in it without the hidden folders: Landlock can only add, not take away.

    Links are left out then: what they point to is allowed where it is, or not at all.
    """
    place = path.resolve()
    if not any(place in folder.parents for folder in hidden):
        yield str(path)
        return
    with suppress(OSError):
        for part in place.iterdir():
            if part not in hidden and not part.is_symlink():
                yield from _parts_without(part, hidden)


def _filter_calls(*, programs: bool) -> None:
    instructions = call_filter(programs=programs)
    if not instructions:
        return
    content = ctypes.create_string_buffer(instructions, len(instructions))
    program = _Program(len(instructions) // INSTRUCTION, ctypes.addressof(content))
    # First, because without it only root may set a filter.
    _checked(_libc().prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
    _checked(_libc().prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, ctypes.byref(program), 0, 0))


@cache
def call_filter(*, programs: bool) -> bytes:
    """The filter of system calls as the kernel takes it; empty without libseccomp.

    It is made once, because making it takes longer than to fork a child.
    """
    library = _library()
    if library is None:
        return b""
    rules = library.seccomp_init(ALLOW)
    if not rules:
        raise OSError(errno.ENOMEM, "there is no memory for the filter of system calls")

    def refuse(name: str, error: int, *comparisons: _Comparison) -> None:
        number = library.seccomp_syscall_resolve_name(name.encode())
        if number < 0:
            return  # the library does not know it, or this architecture does not have it
        array = (_Comparison * max(1, len(comparisons)))(*comparisons)
        _accepted(
            library.seccomp_rule_add_array(rules, REFUSE | error, number, len(comparisons), array)
        )

    for name in REFUSED_CALLS if programs else (*REFUSED_CALLS, *OF_PROGRAMS):
        refuse(name, errno.EPERM)
    if not programs:  # threads may begin
        refuse("clone", errno.EPERM, _Comparison(0, MASKED_EQUAL, CLONE_THREAD, 0))
    # Its arguments are in memory, which no filter sees: without it clone is used.
    refuse("clone3", errno.ENOSYS)
    with tempfile.TemporaryFile() as file:
        _accepted(library.seccomp_export_bpf(rules, file.fileno()))
        library.seccomp_release(rules)
        file.seek(0)
        return file.read()


def _accepted(code: int) -> None:
    """Raises OSError for an error of libseccomp."""
    if code != 0:
        raise OSError(-code, f"the filter of system calls cannot be made: {os.strerror(-code)}")


def _checked(result: int) -> int:
    """The result of a call. Raises OSError."""
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"Landlock: {os.strerror(number)}")
    return result
