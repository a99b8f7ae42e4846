"""Files that runs leave behind, named by their content under COSTS_HOME/artifacts: never changed, never overwritten."""

from __future__ import annotations

import hashlib
import os
import tempfile
import uuid
from pathlib import Path

from sqlalchemy.orm import Session

from finops.errors import UnavailableError
from storage.models import Artifact
from storage.settings import settings


def _folder() -> Path:
    return settings().home / "artifacts"


def write(target: Path, content: bytes) -> None:
    """Write a file whole or not at all: aside, to disk, then renamed. Raises UnavailableError."""
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=target.parent, delete=False) as aside:
            try:
                aside.write(content)
                aside.flush()
                os.fsync(aside.fileno())
                Path(aside.name).replace(target)
            except BaseException:
                Path(aside.name).unlink(missing_ok=True)
                raise
    except OSError as error:
        message = (
            f"{target} could not be written ({error.strerror}): free disk space or check the folder's permissions."
        )
        raise UnavailableError(message) from error


def save(session: Session, *, run_id: uuid.UUID, name: str, media_type: str, content: bytes) -> Artifact:
    """Keep a file that a run made."""
    digest = hashlib.sha256(content).hexdigest()
    address = f"{digest[:2]}/{digest}"
    target = _folder() / address
    if not target.exists():
        write(target, content)
    artifact = Artifact(
        run_id=run_id, name=name, media_type=media_type, address=address, sha256=digest, size=len(content)
    )
    session.add(artifact)
    session.flush()
    return artifact


def load(artifact: Artifact) -> bytes:
    """Return its content, checked against its digest. Raises UnavailableError."""
    try:
        content = (_folder() / artifact.address).read_bytes()
    except OSError as error:
        message = f"The file of “{artifact.name}” is missing ({error.strerror}): run its job again."
        raise UnavailableError(message) from error
    if hashlib.sha256(content).hexdigest() != artifact.sha256:
        message = f"The file of “{artifact.name}” was changed on disk: run its job again."
        raise UnavailableError(message)
    return content


def link(artifact: Artifact) -> str:
    """Return the address of its page in the web process."""
    return f"{settings().public_url}/evidence/{artifact.id}"
