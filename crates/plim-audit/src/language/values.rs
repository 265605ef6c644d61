//! Values that mean nothing to the forge.

use super::{Rule, Texts, error, warning};

pub(super) const FREQUENT_CRON: Rule = warning(
    "frequent-cron",
    Texts {
        summary: "a schedule is more frequent than GitHub runs it",
        why: "GitHub starts a scheduled workflow at most every five minutes, and drops the rest without a word.",
        criterion: "A `cron` two of whose times are less than five minutes apart.",
        remedy: "Ask for five minutes or more.",
        example: "on:\n  schedule:\n    - cron: '* * * * *'\njobs:\n  test:\n    runs-on: ubuntu-latest\n    steps: [run: make]",
        better: "on:\n  schedule:\n    - cron: '*/5 * * * *'\njobs:\n  test:\n    runs-on: ubuntu-latest\n    steps: [run: make]",
    },
);

pub(super) const INVALID_CRON: Rule = error(
    "invalid-cron",
    Texts {
        summary: "a schedule is not five fields of cron",
        why: "GitHub refuses the file.",
        criterion: "A `cron` that is not POSIX: not five fields, values out of range, names such as `@daily` where the forge has none.",
        remedy: "Write minute, hour, day, month and day of the week.",
        example: "on:\n  schedule:\n    - cron: '0 25 * * *'\njobs:\n  test:\n    runs-on: ubuntu-latest\n    steps: [run: make]",
        better: "on:\n  schedule:\n    - cron: '0 1 * * *'\njobs:\n  test:\n    runs-on: ubuntu-latest\n    steps: [run: make]",
    },
);

pub(super) const UNKNOWN_TIMEZONE: Rule = error(
    "unknown-timezone",
    Texts {
        summary: "a time zone does not exist",
        why: "GitHub refuses the file.",
        criterion: "A `timezone` of a schedule that the IANA database does not have.",
        remedy: "Write a name such as `Europe/Berlin`.",
        example: "on:\n  schedule:\n    - cron: '0 1 * * *'\n      timezone: Europe/Berln\njobs:\n  test:\n    runs-on: ubuntu-latest\n    steps: [run: make]",
        better: "on:\n  schedule:\n    - cron: '0 1 * * *'\n      timezone: Europe/Berlin\njobs:\n  test:\n    runs-on: ubuntu-latest\n    steps: [run: make]",
    },
);

pub(super) const INVALID_ACTION_REFERENCE: Rule = error(
    "invalid-action-reference",
    Texts {
        summary: "a `uses` of a step names no action",
        why: "GitHub refuses the file or the job.",
        criterion: "A `uses` that is none of `owner/repo[/path]@ref`, `./path`, `$/path` and `docker://image`.",
        remedy: "Write one of these; the reference after `@` is not optional.",
        example: "steps:\n  - uses: actions/checkout",
        better: "steps:\n  - uses: actions/checkout@v6",
    },
);

pub(super) const INVALID_WORKFLOW_REFERENCE: Rule = error(
    "invalid-workflow-reference",
    Texts {
        summary: "a `uses` of a job names no workflow",
        why: "GitHub refuses the file.",
        criterion: "A `uses` of a job that is neither a file directly in the folder of workflows nor `owner/repo/path@ref`, or a local one with a reference.",
        remedy: "Write `./.github/workflows/NAME.yml`, or `owner/repo/.github/workflows/NAME.yml@ref`.",
        example: "jobs:\n  call:\n    uses: ./ci/build.yml",
        better: "jobs:\n  call:\n    uses: ./.github/workflows/build.yml",
    },
);

pub(super) const INVALID_INPUT: Rule = error(
    "invalid-input",
    Texts {
        summary: "an input is declared so that no value fits",
        why: "GitHub refuses the file.",
        criterion: "A `choice` without options, options of another type, or a default that its type does not take.",
        remedy: "Make type, options and default agree.",
        example: "on:\n  workflow_dispatch:\n    inputs:\n      level:\n        type: choice\n        options: [low, high]\n        default: middle\njobs:\n  test:\n    runs-on: ubuntu-latest\n    steps: [run: make]",
        better: "on:\n  workflow_dispatch:\n    inputs:\n      level:\n        type: choice\n        options: [low, high]\n        default: low\njobs:\n  test:\n    runs-on: ubuntu-latest\n    steps: [run: make]",
    },
);

pub(super) const INVALID_MATRIX: Rule = error(
    "invalid-matrix",
    Texts {
        summary: "a matrix gives no legs, or too many",
        why: "GitHub refuses the job.",
        criterion: "An axis without values, `include` and `exclude` that are no lists of mappings, or more than 256 legs.",
        remedy: "Give each axis at least one value, and all of them together at most 256 legs.",
        example: "jobs:\n  test:\n    strategy:\n      matrix:\n        os: []\n    runs-on: ubuntu-latest\n    steps: [run: make]",
        better: "jobs:\n  test:\n    strategy:\n      matrix:\n        os: [ubuntu-latest]\n    runs-on: ${{ matrix.os }}\n    steps: [run: make]",
    },
);

pub(super) const INVALID_PATTERN: Rule = error(
    "invalid-pattern",
    Texts {
        summary: "a filter has a pattern that matches nothing",
        why: "GitHub refuses the file, or the filter never matches so that the workflow never runs.",
        criterion: "A pattern of branches, tags or paths that GitHub cannot read, or that no name can match.",
        remedy: "Mend the pattern. Paths begin without `./` and `/`.",
        example: "on:\n  push:\n    branches: ['v[0-9']\njobs:\n  test:\n    runs-on: ubuntu-latest\n    steps: [run: make]",
        better: "on:\n  push:\n    branches: ['v[0-9]']\njobs:\n  test:\n    runs-on: ubuntu-latest\n    steps: [run: make]",
    },
);

pub(super) const INVALID_VALUE: Rule = error(
    "invalid-value",
    Texts {
        summary: "a value is none of those that its key takes",
        why: "GitHub refuses the file.",
        criterion: "A word where the key takes only certain words: activity types, access levels, types of inputs, runtimes of actions and the like.",
        remedy: "Write one of the values that the help names.",
        example: "on:\n  pull_request:\n    types: [open]\njobs:\n  test:\n    runs-on: ubuntu-latest\n    steps: [run: make]",
        better: "on:\n  pull_request:\n    types: [opened]\njobs:\n  test:\n    runs-on: ubuntu-latest\n    steps: [run: make]",
    },
);

pub(super) const UNKNOWN_EVENT: Rule = error(
    "unknown-event",
    Texts {
        summary: "an event does not exist",
        why: "GitHub refuses the file; on other forges the workflow never starts.",
        criterion: "A name under `on` that is no event of the forge.",
        remedy: "Write the event that was meant.",
        example: "on: pull-request\njobs:\n  test:\n    runs-on: ubuntu-latest\n    steps: [run: make]",
        better: "on: pull_request\njobs:\n  test:\n    runs-on: ubuntu-latest\n    steps: [run: make]",
    },
);

pub(super) const UNKNOWN_PERMISSION: Rule = error(
    "unknown-permission",
    Texts {
        summary: "a permission does not exist",
        why: "GitHub refuses the file.",
        criterion: "A name under `permissions` that is no scope of GitHub's token.",
        remedy: "Write the scope that was meant.",
        example: "permissions:\n  content: read\non: push\njobs:\n  test:\n    runs-on: ubuntu-latest\n    steps: [run: make]",
        better: "permissions:\n  contents: read\non: push\njobs:\n  test:\n    runs-on: ubuntu-latest\n    steps: [run: make]",
    },
);
