"""The claims of the published pages."""

import json
import os
from pathlib import Path

from normlab.commands.here import name_data_folder
from normlab.handover import STORE_FOLDER


def list_ledger(options) -> int:
    """List the claims of the published pages."""
    from normlab.report import ledger
    from normlab.report.project import find_project

    found = ledger.published(find_project())
    if options.json:
        print(json.dumps(ledger.as_json(found), indent=1))
    else:
        print(f"{ledger.as_text(found)}\n\n{ledger.summary(found)}")
    return 0


def run_claim(options) -> int:
    """Run the notebook of a claim from nothing, and say what came out."""
    import tempfile

    from normlab.report import ledger
    from normlab.report.build import build
    from normlab.report.project import find_project
    from normlab.terminal import Terminal

    name_data_folder(options.data_dir)
    project = find_project()
    before = ledger.choose(ledger.published(project), options.name)
    with tempfile.TemporaryDirectory(prefix="normlab-") as temporary:
        os.environ[STORE_FOLDER] = str(Path(temporary) / "runs")
        folder = Path(temporary) / "reports"
        failed, _ = build(project, [before.page], options.parameters, folder, Terminal())
        if failed:
            return 1
        now = ledger.choose(ledger.published(project, folder), before.id)
    if options.json:
        print(json.dumps(ledger.as_json([now])[0], indent=1))
        return 0
    print(ledger.as_text([now]))
    if now.claim == before.claim:
        print("\nthe same as published")
    else:
        print(f"\npublished: {before.claim['state']}, {before.claim['evidence']}")
    return 0
