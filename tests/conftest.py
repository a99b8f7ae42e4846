"""A real PostgreSQL for every test run: the embedded one, in a folder and on a socket of its own."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

# Before anything reads the settings: no test may reach a developer's own home or database.
os.environ["COSTS_HOME"] = tempfile.mkdtemp(prefix="costs-test-")
for _name in ("DATABASE_URL", "DATABASE_READER_URL", "COSTS_LAKE", "SMTP_URL", "SLACK_BOT_TOKEN", "SLACK_APP_TOKEN"):
    os.environ.pop(_name, None)

from sqlalchemy.orm import Session  # noqa: E402

from storage import migrate, postgres  # noqa: E402
from storage.database import data_directory, engine  # noqa: E402
from storage.settings import Settings, settings  # noqa: E402
from tests.emptied import empty  # noqa: E402

SAMPLES = Path(__file__).resolve().parents[1].parent / "shared" / "data"


Settings.model_config["env_file"] = None  # nor its `.env`


@pytest.fixture(autouse=True)
def _settings() -> Iterator[None]:
    """Forget what a test set."""
    settings.cache_clear()
    yield
    settings.cache_clear()


@pytest.fixture(scope="session")
def _database() -> Iterator[None]:
    home = Path(os.environ["COSTS_HOME"]).resolve()
    used = Path(data_directory()).resolve()
    assert used.is_relative_to(home), f"the tests were about to change a foreign database in {used}"
    migrate.upgrade()
    yield
    engine().dispose()
    postgres.release(home)


@pytest.fixture
def home(_database: None) -> Path:
    """COSTS_HOME of the test run, its database migrated."""
    return settings().home


@pytest.fixture
def session(home: Path) -> Iterator[Session]:
    """A session whose work is rolled back, whatever it flushed."""
    with engine().connect() as connection:
        outer = connection.begin()
        with Session(connection, join_transaction_mode="create_savepoint", expire_on_commit=False) as inside:
            yield inside
        outer.rollback()


@pytest.fixture
def database(home: Path) -> Iterator[Path]:
    """For code that opens its own transactions: every table is emptied afterwards."""
    yield home
    empty()


@pytest.fixture
def samples() -> Path:
    """The folder of sample bills that lies beside the project."""
    if not SAMPLES.is_dir():
        pytest.skip("the sample bills are not there")
    return SAMPLES
