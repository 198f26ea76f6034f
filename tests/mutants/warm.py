"""mutmut, made several times as quick: tests are collected once, and what mypy says is looked up instead of parsed.

A script and not a module, because mutmut imports the tests, and all of `quarterday`, from its changed copy:
`python tests/mutants/warm.py run ...` takes what `mutmut` takes.
"""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Iterable
from pathlib import Path

import pytest
from _pytest.config import get_config
from _pytest.runner import runtestprotocol
from mutmut import __main__ as main
from mutmut.configuration import config
from mutmut.mutation import trampoline
from mutmut.mutation.data import MutantLineSpans
from mutmut.mutation.file_mutation import FailedTypeCheckMutant, MutatedMethodLocation, group_by_path
from mutmut.runners.harness import PytestRunner
from mutmut.state import state
from mutmut.type_checking import run_type_checker
from mutmut.utils.file_utils import change_cwd
from mutmut.utils.format_utils import get_mutant_name
from mutmut.workers import isolation

FAILED, PASSED, TOO_LONG = 1, 0, 36


class WarmRunner(PytestRunner):
    """Runs the tests of a mistake in the process that mutmut forked for it, without starting pytest there."""

    session: pytest.Session

    def run_forced_fail(self) -> int:
        """mutmut's last act before the first mistake, which it wants to see fail: here the tests are collected."""
        trampoline.set_mutant_under_test("")
        with change_cwd("mutants"):
            pytest_s = get_config(["--rootdir=.", *self._pytest_add_cli_args], ())
            pytest_s.parse(["--rootdir=.", *self._pytest_add_cli_args, *self._pytest_add_cli_args_test_selection])
            pytest_s._do_configure()
            self.session = pytest.Session.from_config(pytest_s)
            pytest_s.hook.pytest_sessionstart(session=self.session)
            pytest_s.hook.pytest_collection(session=self.session)
        return FAILED

    def run_tests(self, *, mutant_name: str | None, tests: Iterable[str]) -> int:
        """The quickest test first, until one fails. A test that takes far longer than it did has an endless loop."""
        if mutant_name is None:
            # All tests ran a moment ago, unchanged, for mutmut's statistics; a few asked for by name perhaps long ago.
            return super().run_tests(mutant_name=mutant_name, tests=tests) if tests else PASSED
        # Asked at each call of a changed file's functions, a million times a test; mutmut looks into the environment.
        trampoline.get_mutant_under_test = lambda: mutant_name
        signal.signal(signal.SIGPROF, lambda *_: os._exit(TOO_LONG))
        items = {item.nodeid: item for item in self.session.items}
        chosen = [items[test] for test in tests]
        with change_cwd("mutants"):
            for item, following in zip(chosen, [*chosen[1:], None], strict=True):
                signal.setitimer(signal.ITIMER_PROF, 5 + 3 * state().duration_by_test[item.nodeid])
                if any(report.failed for report in runtestprotocol(item, log=False, nextitem=following)):
                    with contextlib.suppress(Exception):
                        self.session._setupstate.teardown_exact(None)
                    return FAILED
        return PASSED


def refused_by_type_checker() -> dict[str, FailedTypeCheckMutant]:
    """The mistakes that mypy finds, by the lines that mutmut noted; mutmut itself parses 120,000 lines for them."""
    folder = Path("mutants").absolute()
    with change_cwd(folder):
        errors = run_type_checker(config().type_check_command)
    refused = {}
    for path, of_file in group_by_path(errors).items():
        file = path.relative_to(folder)
        index = MutantLineSpans.load(file)
        assert index is not None, f"mypy finds errors in {file}, where no mistake was made"
        names = {
            line: name for name, span in index.span_by_function_name.items() for line in range(span.start, span.end + 1)
        }
        for error in of_file:
            name = get_mutant_name(file, names[error.line_number])
            place = MutatedMethodLocation(file, name, error.line_number, error.line_number)
            refused[name] = FailedTypeCheckMutant(place, name, error)
    return refused


if __name__ == "__main__":
    isolation.PytestRunner = WarmRunner
    main.filter_mutants_with_type_checker = refused_by_type_checker
    main.cli()
