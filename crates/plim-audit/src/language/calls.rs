//! Mistakes in calls of reusable workflows, found where the called file is at hand.

use super::{Rule, Texts, error};

pub(super) const UNKNOWN_WORKFLOW: Rule = error(
    "unknown-workflow",
    Texts {
        summary: "a called workflow is not there",
        why: "GitHub refuses the file.",
        criterion: "A `uses` of a job that names a file of this repository which does not exist. Nothing is said of other repositories, nor where only a part of this one is at hand.",
        remedy: "Name a file that exists.",
        example: "jobs:\n  build:\n    uses: ./.github/workflows/biuld.yml\n# file: .github/workflows/build.yml\non: workflow_call\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps: [run: make]",
        better: "jobs:\n  build:\n    uses: ./.github/workflows/build.yml\n# file: .github/workflows/build.yml\non: workflow_call\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps: [run: make]",
    },
);

pub(super) const NOT_CALLABLE: Rule = error(
    "not-callable",
    Texts {
        summary: "a called workflow does not allow to be called",
        why: "GitHub refuses the file.",
        criterion: "A called file of this repository without `workflow_call` under its `on`.",
        remedy: "Add `workflow_call` to the called workflow.",
        example: "jobs:\n  build:\n    uses: ./.github/workflows/build.yml\n# file: .github/workflows/build.yml\non: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps: [run: make]",
        better: "jobs:\n  build:\n    uses: ./.github/workflows/build.yml\n# file: .github/workflows/build.yml\non: [push, workflow_call]\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps: [run: make]",
    },
);

pub(super) const CALLS_IN_A_CIRCLE: Rule = error(
    "calls-in-a-circle",
    Texts {
        summary: "workflows call one another in a circle",
        why: "GitHub refuses the file.",
        criterion: "A workflow that calls itself, here or through others.",
        remedy: "Remove one of the calls.",
        example: "on: workflow_call\njobs:\n  again:\n    uses: ./.github/workflows/b.yml\n# file: .github/workflows/b.yml\non: workflow_call\njobs:\n  a:\n    uses: ./.github/workflows/test.yml",
        better: "on: workflow_call\njobs:\n  once:\n    uses: ./.github/workflows/b.yml\n# file: .github/workflows/b.yml\non: workflow_call\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps: [run: make]",
    },
);

pub(super) const CALLS_TOO_DEEP: Rule = error(
    "calls-too-deep",
    Texts {
        summary: "calls of workflows nest deeper than GitHub allows",
        why: "GitHub refuses the file.",
        criterion: "More than ten workflows that call one another, the first one not counted.",
        remedy: "Call fewer workflows from one another.",
        example: "",
        better: "",
    },
);

pub(super) const TOO_MANY_CALLS: Rule = error(
    "too-many-calls",
    Texts {
        summary: "a workflow calls more others than GitHub allows",
        why: "GitHub refuses the file.",
        criterion: "More than fifty different workflows, those that are called by called ones included.",
        remedy: "Call fewer workflows.",
        example: "",
        better: "",
    },
);

pub(super) const EXCESSIVE_PERMISSIONS: Rule = error(
    "excessive-permissions",
    Texts {
        summary: "a called workflow asks for more than its caller may give",
        why: "GitHub refuses to start the run.",
        criterion: "`permissions` of a called workflow, or of a job of it, beyond those of the calling job.",
        remedy: "Give the calling job these permissions, or ask for less.",
        example: "permissions:\n  contents: read\non: push\njobs:\n  build:\n    uses: ./.github/workflows/build.yml\n# file: .github/workflows/build.yml\non: workflow_call\njobs:\n  a:\n    permissions:\n      contents: write\n    runs-on: ubuntu-latest\n    steps: [run: make]",
        better: "permissions:\n  contents: read\non: push\njobs:\n  build:\n    permissions:\n      contents: write\n    uses: ./.github/workflows/build.yml\n# file: .github/workflows/build.yml\non: workflow_call\njobs:\n  a:\n    permissions:\n      contents: write\n    runs-on: ubuntu-latest\n    steps: [run: make]",
    },
);

pub(super) const MISSING_INPUT: Rule = error(
    "missing-input",
    Texts {
        summary: "a call does not give an input that is required",
        why: "GitHub refuses the file.",
        criterion: "An input that the called workflow requires without a default, and that `with` does not have.",
        remedy: "Give it under `with`.",
        example: "jobs:\n  build:\n    uses: ./.github/workflows/build.yml\n# file: .github/workflows/build.yml\non:\n  workflow_call:\n    inputs:\n      level:\n        type: string\n        required: true\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps: [run: make]",
        better: "jobs:\n  build:\n    uses: ./.github/workflows/build.yml\n    with:\n      level: high\n# file: .github/workflows/build.yml\non:\n  workflow_call:\n    inputs:\n      level:\n        type: string\n        required: true\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps: [run: make]",
    },
);

pub(super) const MISSING_SECRET: Rule = error(
    "missing-secret",
    Texts {
        summary: "a call does not give a secret that is required",
        why: "GitHub refuses the file.",
        criterion: "A secret that the called workflow requires, and that `secrets` does not have.",
        remedy: "Give it under `secrets`, or write `secrets: inherit`.",
        example: "jobs:\n  build:\n    uses: ./.github/workflows/build.yml\n# file: .github/workflows/build.yml\non:\n  workflow_call:\n    secrets:\n      token:\n        required: true\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps: [run: make]",
        better: "jobs:\n  build:\n    uses: ./.github/workflows/build.yml\n    secrets:\n      token: ${{ secrets.TOKEN }}\n# file: .github/workflows/build.yml\non:\n  workflow_call:\n    secrets:\n      token:\n        required: true\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps: [run: make]",
    },
);

pub(super) const UNDECLARED_INPUT: Rule = error(
    "undeclared-input",
    Texts {
        summary: "a call gives what the called workflow does not take",
        why: "GitHub refuses the file.",
        criterion: "A name under `with` or `secrets` that the called workflow of this repository does not declare.",
        remedy: "Write the name that was meant, or declare it under `workflow_call`.",
        example: "jobs:\n  build:\n    uses: ./.github/workflows/build.yml\n    with:\n      levle: high\n# file: .github/workflows/build.yml\non:\n  workflow_call:\n    inputs:\n      level:\n        type: string\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps: [run: make]",
        better: "jobs:\n  build:\n    uses: ./.github/workflows/build.yml\n    with:\n      level: high\n# file: .github/workflows/build.yml\non:\n  workflow_call:\n    inputs:\n      level:\n        type: string\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps: [run: make]",
    },
);

pub(super) const TOO_MANY_JOBS: Rule = error(
    "too-many-jobs",
    Texts {
        summary: "a workflow has more jobs than are allowed",
        why: "GitHub refuses to start the run.",
        criterion: "More jobs than the limit that was asked for, those of called workflows included. GitHub tells of no limit of its own, so `plim check` sets none.",
        remedy: "Split the workflow, or call fewer others.",
        example: "",
        better: "",
    },
);

pub(super) const WORKFLOW_TOO_LARGE: Rule = error(
    "workflow-too-large",
    Texts {
        summary: "a workflow weighs too much with all that it calls",
        why: "GitHub refuses to start the run with `Maximum object size exceeded`.",
        criterion: "More than ten mebibytes of what GitHub's parser makes of the files: 24 bytes for every value, 26 more for every text, and two for each of its characters. A workflow counts as often as it is called.",
        remedy: "Call fewer workflows, or shorten them.",
        example: "",
        better: "",
    },
);
