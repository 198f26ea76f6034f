"""`quarterday status`: do bills go out by themselves tonight?"""

from __future__ import annotations

from dataclasses import asdict

import typer

from quarterday.cli._errors import NEEDS_A_PERSON
from quarterday.cli._shared import Json, alone, at_desk, show_one

app = alone()


@app.command()
def status(as_json: Json = False) -> None:
    """Tell how the installation stands: workers, queue, last run, mail, sources, last proven restore, seals.

    Exit code 1 when something needs a person.

    \b
    quarterday status
    quarterday status --json
    """
    with at_desk() as desk:
        from quarterday.upkeep.standing import standing

        stands = standing(now=desk.now)
    told = {
        **asdict(stands),
        "queue_age_seconds": int(stands.queue_age.total_seconds()),
        "needs_a_person": stands.unwell,
    }
    show_one(told, as_json=as_json)
    if stands.unwell:
        raise typer.Exit(NEEDS_A_PERSON)
