"""A folder that checks certificates when the provider's site is gone: static, without a name."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from creditable.audit.clock import now
from creditable.credit import badges, certificates, issuer, openbadge, proofs
from creditable.credit.keys import Use
from creditable.credit.models import StatusList

STATIC = Path(__file__).with_name("bundle")


def files() -> Mapping[str, bytes]:
    """The bundle by the names of its files: what was issued until now, with what became of it.
    The same certificates on the same day make the same bytes."""
    written = {path.name: path.read_bytes() for path in sorted(STATIC.iterdir())}
    written["certificates.js"] = f"const CERTIFICATES = {_json(_certificates())};\n".encode()
    keys = issuer.published_keys()
    site = badges.site()
    documents = [
        proofs.jwk(one.certificate, kid=site.key(one.fingerprint))
        for one in keys
        if one.use is Use.DOCUMENTS
    ]
    methods = [
        openbadge.multikey(site, one.fingerprint, one.certificate)
        for one in keys
        if one.use is Use.BADGES
    ]
    written["keys.json"] = _json({"keys": documents}).encode()
    written["issuer.json"] = _json(openbadge.controller(site, methods)).encode()
    for list in StatusList.objects.order_by("number"):
        written[f"status-{list.number}.json"] = _json(list.credential).encode()
    written["manifest.txt"] = "".join(_sums(written)).encode()
    return written


def _certificates() -> Mapping[str, Any]:
    found = (
        certificates.editions()
        .order_by("issued_at", "id")
        .values_list("sha256", "issued_at", "state")
    )
    return {
        "provider": issuer.current().name,
        "at": f"{now():%Y-%m-%d}",
        "issued": {
            sha256: {"issued": f"{issued:%Y-%m-%d}", "state": state}
            for sha256, issued, state in found.iterator()
        },
    }


def _json(content: object) -> str:
    return json.dumps(content, ensure_ascii=False, indent=1)


def _sums(written: Mapping[str, bytes]) -> Iterator[str]:
    for name, content in sorted(written.items()):
        yield f"{hashlib.sha256(content).hexdigest()}  {name}\n"
