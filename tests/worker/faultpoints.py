"""The fault points: before and after each commit that writes, each mail that is sent, each file that a command keeps.

They are not written into the product: the database's commit, the mail's send and the file's move are hooked, and a
point is named by the function of ours that asked for it: "before the commit of bills/run.py:_bill_chunk". The door to
the pages commits for all of them, so there it is the page that gives the name: "web/inventory/upload.py:preview".
"""

from __future__ import annotations

import os
import sys
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

SOURCE = str(Path(__file__).parents[2] / "src" / "quarterday") + os.sep
GOES_BETWEEN = ("shared/database.py",)
DOOR = "web/door.py:opened"

Reached = Callable[[str], None]


@contextmanager
def fault_points(reached: Reached) -> Iterator[None]:
    """Tell of each point that this process reaches, at the moment when it does."""
    from django.db.backends.base.base import BaseDatabaseWrapper

    from quarterday.outbox.smtp import Post

    busy = False

    def around(what: str, act: Callable[..., Any], *, counts: Callable[..., bool] = lambda *_: True) -> Any:
        def acting(*args: Any, **kwargs: Any) -> Any:
            nonlocal busy
            place = _place()
            if busy or place is None or not counts(*args):
                return act(*args, **kwargs)
            _tell("before", what, place)
            answer = act(*args, **kwargs)
            _tell("after", what, place)
            return answer

        return acting

    def _tell(side: str, what: str, place: str) -> None:
        nonlocal busy
        busy = True
        try:
            reached(f"{side} the {what} of {place}")
        finally:
            busy = False

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(BaseDatabaseWrapper, "commit", around("commit", BaseDatabaseWrapper.commit, counts=_has_written))
        patch.setattr(Post, "send", around("send", Post.send))
        patch.setattr(os, "replace", around("move", os.replace))
        patch.setattr(zipfile.ZipFile, "writestr", around("packing", zipfile.ZipFile.writestr))
        yield


def _has_written(wrapper: Any) -> bool:
    """Whether the transaction that ends here changed a row: only then it has a number."""
    with wrapper.connection.cursor() as cursor:
        row = cursor.execute("SELECT pg_current_xact_id_if_assigned() IS NOT NULL").fetchone()
    return bool(row and row[0])


def _place() -> str | None:
    """The innermost function of ours that is at work, without those that only pass it on."""
    frame = sys._getframe(2)
    while frame is not None:
        file = frame.f_code.co_filename
        if file.startswith(SOURCE):
            name = file.removeprefix(SOURCE)
            if name not in GOES_BETWEEN:
                place = f"{name}:{frame.f_code.co_name}"
                return _page(frame.f_locals["view"]) if place == DOOR else place
        frame = frame.f_back  # type: ignore[assignment]  # None at the bottom
    return None


def _page(view: Any) -> str:
    return f"{view.__code__.co_filename.removeprefix(SOURCE)}:{view.__name__}"
