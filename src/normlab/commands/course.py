"""A student's files, and the notebooks of the course."""

import json

from normlab.commands.here import name_data_folder
from normlab.plain import printable
from normlab.report.errors import BuildError


def check(options) -> int:
    """Check the layers in a person's file, or all files of folders."""
    from normlab import check

    limits = {"timeout": options.timeout, "memory": options.memory}
    files = [file for path in options.paths for file in check.submitted(path)]
    if len(files) == 1 and not options.json:
        checked = {files[0]: check.check_file(files[0], options.only, **limits)}
    else:
        checked = check.check_submission(files, options.only, **limits)
    found = [each for each in checked.values() if isinstance(each, check.Checked)]
    if options.json:
        print(json.dumps(check.as_json(checked), indent=1))
    elif len(checked) == 1 and found:
        print(check.as_text(found[0]))
    else:
        for file, each in checked.items() if len(options.paths) == 1 else ():
            if isinstance(each, check.Checked):
                print(printable(str(file)), check.as_text(each), "", sep="\n")
        print(check.as_table(checked))
    right = len(found) == len(checked) and all(map(check.all_right, found))
    return 0 if right else 1


def cs231n(options) -> int:
    """Run notebooks of the course, and print which cells raised."""
    from normlab.cs231n.run import run_notebook, table

    name_data_folder(options.data_dir)
    try:
        ran = [run_notebook(path, options.year, options.out) for path in options.notebooks]
    except ValueError as error:
        raise BuildError(str(error)) from error
    print(printable(table(ran), lines=True))
    return 1 if any(each.unexpected for each in ran) else 0
