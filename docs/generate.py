"""Write docs/rules/: one page a rule, from its docstring and its cases, and an index.

    python -m docs.generate [FOLDER]

The rule is the source; these pages are never edited. A test holds them up to date.
"""

import argparse
from dataclasses import fields
from pathlib import Path

from netsitter.rule import Rule
from netsitter.rules import all_rules

FOLDER = Path(__file__).parent / "rules"
FAMILIES = {
    "N": "Numerics",
    "I": "Initialisation",
    "G": "Gradients",
    "A": "Activations",
    "L": "Learning rate and optimiser",
    "O": "Objective: loss, output, target",
    "F": "Fit",
    "D": "Data",
    "M": "Mode and wiring",
    "P": "Price: speed",
}


def page(rule: Rule) -> str:
    """The page of one rule: its manual, its thresholds, the runs it is shown on."""
    parts = [f"# {rule.name} ({rule.code})", rule.summary]
    parts += [f"Severity: **{rule.severity}** at worst. Nearness to the cause: {rule.depth}."]
    parts += [f"## {heading}\n\n{text}" for heading, text in rule.sections().items()]
    thresholds = [f"| `{field.name}` | {getattr(rule, field.name)!r} |" for field in fields(rule)]
    if thresholds:
        parts.append("\n".join(["## Thresholds", "", "| name | value |", "|---|---|", *thresholds]))
    needs = ", ".join(f"`{need.removeprefix('@').replace('|', '` or `')}`" for need in rule.needs)
    parts.append(f"## What it reads\n\n{needs or 'nothing'} (see [numbers](../numbers.md))")
    if rule.explains:
        parts.append("## What it causes\n\n" + ", ".join(f"[{name}]({name}.md)" for name in rule.explains))
    examples = [f"- {'fires' if case.is_sick else 'silent'}: {case.why}" for case in rule.cases()]
    parts.append("## Shown on\n\n" + "\n".join(examples))
    return "\n\n".join(parts) + "\n"


def index() -> str:
    """All rules by family."""
    parts = ["# The illnesses netsitter names"]
    for letter, title in FAMILIES.items():
        rows = [
            f"| [{rule.name}]({rule.name}.md) | {rule.code} | {rule.severity} | {rule.summary} |"
            for rule in all_rules()
            if rule.code[0] == letter
        ]
        if rows:
            parts.append(
                "\n".join(
                    [f"## {title}", "", "| name | code | worst | what is wrong |", "|---|---|---|---|", *rows]
                )
            )
    return "\n\n".join(parts) + "\n"


def pages() -> dict[str, str]:
    """Content by file name."""
    return {"README.md": index()} | {f"{rule.name}.md": page(rule) for rule in all_rules()}


def main(folder: Path = FOLDER) -> None:
    """Write the pages; remove those of rules that are gone."""
    folder.mkdir(parents=True, exist_ok=True)
    wanted = pages()
    for old in folder.glob("*.md"):
        if old.name not in wanted:
            old.unlink()
    for name, text in wanted.items():
        (folder / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m docs.generate", description="One page a rule.")
    parser.add_argument("folder", nargs="?", type=Path, default=FOLDER)
    main(parser.parse_args().folder)
