"""Faults done to one folder, one after the other, each time followed by the same command; and what became of each."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from tests.faults.table import Fault, Stage
from tests.faults.work import Run, Work, copy_of

AGAIN = "stopped; the same command again made the same results"
UNHARMED = "not harmed: the same results"
NOT_TRIED = "not tried"


@dataclass
class Outcome:
    """What became of a fault at a stage; `bad` is empty or says what is wrong."""

    fault: str
    stage: str
    outcome: str
    bad: str = ""


def differences(expected: dict[str, str], found: dict[str, str]) -> str:
    """Return which files differ, in words; empty if none does."""
    names = [name for name in sorted(expected | found) if expected.get(name) != found.get(name)]
    return ", ".join(f"{name} ({found.get(name, 'missing')})" for name in names[:4]) + (" …" if len(names) > 4 else "")


def unverified(work: Work) -> str:
    """Return what `scripts/verify_release.py` finds wrong in the delivered folder, empty if nothing."""
    verified, said = work.verified()
    return "" if verified else f"verify_release.py: {said[-400:]}"


def judge(run: Run, work: Work, base: dict[str, str], kept: dict[str, str], whole: bool = True) -> tuple[str, str]:
    """Return (outcome, what is bad about it) of a disturbed run, before the same command is given again; `whole` if it had no `--until`."""
    now = work.sealed()
    if lost := [name for name, digest in kept.items() if now.get(name) != digest]:
        return "lost", f"a sealed file was lost or changed: {lost[0]}"
    if run.status is None:
        return "hangs", "the run did not end by itself"
    if (work.fault / "bad").exists():
        return "bad", (work.fault / "bad").read_text()
    if "Traceback (most recent call last)" in run.said:
        return "traceback", f"a traceback was shown: {run.said[run.said.index('Traceback') :][:600]}"
    if not run.struck:
        return "not reached", f"the run did not come to this stage: {run.said[-600:]}"
    found = work.content() if (work.results / "release" / "manifest.json").exists() else {}
    there = base if run.status == 0 and whole else {name: digest for name, digest in base.items() if name in found}
    if found and (wrong := differences(there, found)):  # a failed run may lack its list of what is there: the next one writes it again
        return "accepted", f"released: {wrong}"
    if found and (wrong := unverified(work)):
        return "accepted", wrong
    return (UNHARMED if run.status == 0 else AGAIN), ""


def chain(base: Work, folder: Path, steps: Sequence[tuple[Fault, Stage]], tell: Callable[[str], None]) -> list[Outcome]:
    """Do faults at stages of one folder in turn, in the order of the pipeline, and at last let it run to its end."""
    expected = base.content()
    with copy_of(base, folder) as work:
        hindered = {fault.name: fault.prepare(work) for fault in dict.fromkeys(fault for fault, _ in steps)}
        kept = work.sealed()
        outcomes = []
        for fault, stage in steps:
            if reason := hindered[fault.name]:
                outcomes.append(Outcome(fault.name, stage.name, f"{NOT_TRIED}: {reason}"))
            else:
                outcomes.append(one(work, fault, stage, expected, kept))
            tell(f"{fault.name} | {stage.name}: {outcomes[-1].outcome} {outcomes[-1].bad}")
        return finish(work, outcomes, expected, kept)


def one(work: Work, fault: Fault, stage: Stage, expected: dict[str, str], kept: dict[str, str]) -> Outcome:
    """Do a fault at one stage; a timed one that came too late is done again, sooner."""
    for after in (stage.after, stage.after / 3, stage.after / 10):
        run = disturbed(work, fault, replace(stage, after=after))
        if run.status == 0 and not run.struck:  # the job was done already, beside an earlier one
            work.forget_results()
            run = disturbed(work, fault, replace(stage, after=after))
        fault.cure(work)
        outcome = Outcome(fault.name, stage.name, *judge(run, work, expected, kept, whole=not fault.more))
        if run.status == 0 and not fault.more:
            work.forget_results()
        if not fault.timed or run.status != 0 or outcome.bad:
            return outcome
    return Outcome(fault.name, stage.name, f"{NOT_TRIED}: the job ends too fast to be met")


def disturbed(work: Work, fault: Fault, stage: Stage) -> Run:
    """Run until the fault has struck a stage, and on as far as it goes."""
    strike = fault.strike
    more = (*fault.more, stage.rule) if fault.more else ()
    return work.run(
        stage.rule,
        fault.action,
        *more,
        strike=(lambda this, process: strike(this, process, stage)) if strike else None,
        FAULT_AFTER=str(stage.after),
        **fault.settings,
    )


def finish(work: Work, outcomes: list[Outcome], expected: dict[str, str], kept: dict[str, str]) -> list[Outcome]:
    """Give the same command a last time: what is not as in an undisturbed run speaks against every fault that was done."""
    last = work.run()
    again = work.run()
    now = work.sealed()
    wrong = differences(expected, work.content())
    if last.status != 0:
        wrong = f"the last run failed: {last.said[-1500:]}"
    elif not wrong and (again.status != 0 or "Nothing to be done" not in again.said):
        wrong = f"one more run finds work to do: {again.said[-1500:]}"
    elif not wrong and any(now.get(name) != digest for name, digest in kept.items()):
        wrong = "a sealed file was lost or changed"
    wrong = wrong or unverified(work)
    left = [str(file) for file in work.results.rglob("*") if ".part" in file.name]
    if not wrong and left:
        wrong = f"temporary files were left: {left[:3]}"
    for outcome in (one for one in outcomes if wrong and not one.outcome.startswith(NOT_TRIED)):
        outcome.bad = outcome.bad or wrong
    return outcomes
