"""What the process that prints may not do: reach a network or a process, write files, take endless time or memory.

The limits are the operating system's, so they hold whatever a template, a font or a fault in the typesetter does. The
network is closed on Linux, where a process may give up system calls for good without any right (`seccomp`, strict
from the first thread on); elsewhere the limits alone hold, and `confine` says so.
"""

from __future__ import annotations

import ctypes
import errno
import os
import resource
import sys
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """For one paper: seconds of computing, seconds of waiting for it; and megabytes that the process may hold."""

    computing_seconds: int = 60
    waiting_seconds: int = 120
    memory_mb: int = 2048


@dataclass(frozen=True, slots=True)
class _Machine:
    """A processor's name for the kernel, and its numbers of the system calls that are given up."""

    audit_name: int
    calls: tuple[int, ...]
    only_below: int = 0xFFFFFFFF


# socket, socketpair, connect, accept, bind; io_uring_setup, which opens sockets by another way; execve, execveat;
# ptrace, process_vm_readv, process_vm_writev, kill. On x86-64 the numbers from 2^30 on are the same calls once more.
_MACHINES = {
    "x86_64": _Machine(0xC000003E, (41, 53, 42, 43, 49, 425, 59, 322, 101, 310, 311, 62), only_below=0x40000000),
    "aarch64": _Machine(0xC00000B7, (198, 199, 203, 202, 200, 425, 221, 281, 117, 270, 271, 129)),
}

_NO_NEW_PRIVILEGES, _SET_SECCOMP, _FILTER = 38, 22, 2
_LOAD, _IF_EQUAL, _IF_AT_LEAST, _RETURN = 0x20, 0x15, 0x35, 0x06
_NUMBER_AT, _ARCHITECTURE_AT = 0, 4
_ALLOW, _REFUSE, _KILL = 0x7FFF0000, 0x00050000 | errno.EACCES, 0x80000000


class _Step(ctypes.Structure):
    """struct sock_filter of linux/filter.h."""

    _fields_ = (("code", ctypes.c_uint16), ("yes", ctypes.c_uint8), ("no", ctypes.c_uint8), ("value", ctypes.c_uint32))


class _Program(ctypes.Structure):
    """struct sock_fprog of linux/filter.h."""

    _fields_ = (("length", ctypes.c_uint16), ("steps", ctypes.POINTER(_Step)))


def confine(limits: Limits) -> bool:
    """Bind this process, which must have one thread, for good; answers whether it has no network from here on."""
    megabytes = 1024 * 1024
    _limit(resource.RLIMIT_CORE, 0)
    _limit(resource.RLIMIT_FSIZE, 0)
    _limit(resource.RLIMIT_DATA, limits.memory_mb * megabytes)
    return _give_up_calls()


def allow_computing(seconds: int) -> None:
    """Let this process compute for so long from now on; after that the system ends it."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    until = int(used.ru_utime + used.ru_stime) + seconds + 1
    _, most = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (until if most == resource.RLIM_INFINITY else min(until, most), most))


def _limit(what: int, most: int) -> None:
    _, hard = resource.getrlimit(what)
    bound = most if hard == resource.RLIM_INFINITY else min(most, hard)
    resource.setrlimit(what, (bound, bound))


def _give_up_calls() -> bool:
    machine = _MACHINES.get(os.uname().machine) if sys.platform == "linux" else None
    if machine is None:
        return False
    steps = _steps(machine)
    program = _Program(len(steps), (_Step * len(steps))(*steps))
    prctl = ctypes.CDLL(None, use_errno=True).prctl
    return not prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0) and not prctl(_SET_SECCOMP, _FILTER, ctypes.byref(program))


def _steps(machine: _Machine) -> list[_Step]:
    """The filter: end a process of another architecture, refuse the calls, allow all others."""
    count = len(machine.calls)
    return [
        _Step(_LOAD, 0, 0, _ARCHITECTURE_AT),
        _Step(_IF_EQUAL, 1, 0, machine.audit_name),
        _Step(_RETURN, 0, 0, _KILL),
        _Step(_LOAD, 0, 0, _NUMBER_AT),
        _Step(_IF_AT_LEAST, count + 1, 0, machine.only_below),
        # Each jumps over the checks that are left, and over the step that allows.
        *(_Step(_IF_EQUAL, count - place, 0, call) for place, call in enumerate(machine.calls)),
        _Step(_RETURN, 0, 0, _ALLOW),
        _Step(_RETURN, 0, 0, _REFUSE),
    ]
