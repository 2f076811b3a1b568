"""Writing a new version of the policy, seeing before publishing what it does, and publishing it."""

import json
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml
from django.db import transaction
from django.utils.translation import gettext as _

from creditable.audit import trail
from creditable.audit.clock import Now, now
from creditable.disclosure import objections, policies
from creditable.disclosure.models import PolicyVersion
from creditable.disclosure.objections import Kind
from creditable.jobs import enqueue
from creditable.lib.actor import Actor
from creditable.lib.refusal import Refused
from creditable.policy import document
from creditable.policy.compare import Comparison
from creditable.policy.contents import Cell, Policy
from creditable.policy.document import PolicyError, Problem
from creditable.rights.models import Draft

FILES: Mapping[str, Sequence[str]] = {
    "policy.yaml": (
        *("policy", "categories", "regions", "recipients", "stores", "purposes", "channels"),
        "groups",
    ),
    "rules.yaml": (
        *("rules", "never", "choices", "aggregates", "retention", "minors", "measures"),
    ),
    "forms.yaml": ("forms",),
    "clauses.yaml": ("clauses",),
}
"""How a version is cut into files, and the parts of each."""


@dataclass(frozen=True)
class Preview:
    """What a draft would do. With `problems` it can do nothing; without a `comparison` it would be
    the first version. `kinds` are the objections that it meets."""

    problems: Sequence[Problem]
    policy: Policy | None = None
    comparison: Comparison | None = None
    kinds: Sequence[Kind] = ()

    @property
    def letters(self) -> Mapping[Cell, int]:
        """How many people each widened cell makes us write to."""
        return objections.per_cell(self.kinds)

    @property
    def people(self) -> int:
        return len(objections.people(self.kinds)) if self.kinds else 0


def current_files() -> dict[str, str]:
    """The newest version as files to begin a draft from, numbered as the next version."""
    newest = PolicyVersion.objects.order_by("-version").first()
    if newest is None:
        raise policies.NoPolicy("publish a privacy policy first")
    parts = json.loads(bytes(newest.canonical))
    parts["policy"] |= {
        "version": newest.version + 1,
        "supersedes": newest.version,
        "effective": now().date(),
    }
    return {
        name: yaml.safe_dump(
            {part: parts[part] for part in named if part in parts},
            sort_keys=False,
            allow_unicode=True,
            width=100,
        )
        for name, named in FILES.items()
    }


@transaction.atomic
def begin(*, by: Actor) -> Draft:
    """The draft of the next version; the one that is being written already, if there is one."""
    version = policies.current().version + 1
    draft, made = Draft.objects.get_or_create(version=version, defaults={"files": current_files()})
    if made:
        trail.record(verb="publication.begin", by=by, noun="policy", noun_id=version)
    return draft


@transaction.atomic
def write(*, draft: Draft, files: Mapping[str, str], by: Actor) -> None:
    """Keeps what was written, sound or not: nothing that somebody typed is lost."""
    Draft.objects.filter(pk=draft.pk).update(
        files={name: files.get(name, "") for name in FILES}, changed_at=Now()
    )
    draft.refresh_from_db()
    trail.record(verb="publication.write", by=by, noun="policy", noun_id=draft.version)


def preview(files: Mapping[str, str]) -> Preview:
    """What these files say, and what publishing them would change and hold. Writes nothing."""
    try:
        policy = _read(files)
    except PolicyError as error:
        return Preview(error.problems)
    comparison = policies.against_current(policy)
    if comparison is None:
        return Preview((), policy)
    return Preview((), policy, comparison, objections.concerned(comparison))


@transaction.atomic
def publish(*, draft: Draft, sha256: str, by: Actor) -> PolicyVersion:
    """Publishes the draft as it was previewed (`sha256`), holds what people objected to, and has
    them written to. Refused when the text is unsound, or another than was previewed."""
    draft = Draft.objects.select_for_update().get(pk=draft.pk)
    try:
        policy = _read(draft.files)
    except PolicyError as error:
        raise Refused(
            _("The policy is not sound: {problem} Nothing was published.").format(
                problem=error.problems[0]
            )
        ) from error
    if policy.sha256 != sha256:
        raise Refused(
            _("The text has changed since you looked at what it does. Look again, then publish.")
        )
    version = policies.publish(policy=policy, by=by)
    draft.delete()
    enqueue("rights.tell_held", {}, key="rights.tell_held")
    enqueue("rights.tell_followers", {"version": version.version})
    return version


def _read(files: Mapping[str, str]) -> Policy:
    with tempfile.TemporaryDirectory() as folder:
        for name in FILES:
            Path(folder, name).write_text(files.get(name, ""), encoding="utf-8")
        try:
            return document.load(Path(folder))
        except PolicyError as error:
            raise PolicyError(
                [
                    Problem(Path(problem.file).name, problem.line, problem.message, problem.cure)
                    for problem in error.problems
                ]
            ) from error
