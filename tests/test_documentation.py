"""README tells a stranger everything: each command, each setting, each file of the folder map."""

from __future__ import annotations

import re
from pathlib import Path

import click
import pytest

from costs import cli
from storage.settings import Settings

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text()


def _commands() -> list[str]:
    found = []
    context = click.Context(cli)
    for name in cli.list_commands(context):
        command = cli.get_command(context, name)
        assert command is not None
        group = isinstance(command, click.Group)
        found += [f"costs {name} {child}" for child in command.commands] if group else [f"costs {name}"]
    return found


@pytest.mark.parametrize("command", _commands())
def test_readme_documents_every_command(command: str) -> None:
    """With its whole name, in code."""
    assert re.search(rf"`{command}\b", README), f"README does not mention `{command}`"


@pytest.mark.parametrize("setting", [name.upper() for name in Settings.model_fields])
def test_readme_and_the_example_document_every_setting(setting: str) -> None:
    """In README's table, and in .env.example for copying."""
    assert f"| `{setting}` |" in README
    assert re.search(rf"^# ?{setting}=", (ROOT / ".env.example").read_text(), re.MULTILINE)


def test_readme_names_no_setting_that_does_not_exist() -> None:
    """A table that outlived its code misleads."""
    named = set(re.findall(r"^\| `([A-Z_]+)` \|", README, re.MULTILINE))
    assert named == {name.upper() for name in Settings.model_fields}


def test_every_command_prints_json_on_demand() -> None:
    """Scripts read JSON; the processes of the Procfile and the demo tell their story in words."""
    context = click.Context(cli)
    for name in set(cli.list_commands(context)) - {"bot", "clock", "web", "worker"}:
        command = cli.get_command(context, name)
        for each in command.commands.values() if isinstance(command, click.Group) else [command]:
            assert any("--json" in parameter.opts for parameter in each.params), name


def test_no_file_names_an_index_address() -> None:
    """The lock works with whatever registry a machine is set up for."""
    assert not re.search(r"https?://|--index-url", (ROOT / "requirements.lock").read_text())


def test_every_test_that_readme_names_is_there() -> None:
    """A proof that was renamed proves nothing."""
    named = re.findall(r"`(test_\w+\.py)::(test_\w+)`", README)
    assert len(named) > 20
    held = {file.name: file.read_text() for file in (ROOT / "tests" / "jobs" / "bills").glob("test_*.py")}
    assert [name for file, name in named if f"def {name}(" not in held.get(file, "")] == []
