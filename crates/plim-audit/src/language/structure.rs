//! Mistakes in how a file is built.

use super::{Rule, Texts, error};

pub(super) const UNKNOWN_KEY: Rule = error(
    "unknown-key",
    Texts {
        summary: "a key that does not exist",
        why: "GitHub refuses the file, or ignores the key so that what it was meant to do never happens.",
        criterion: "A key that GitHub's schema does not have at this place. It is an error where GitHub refuses the file, and lighter where a forge passes over the key.",
        remedy: "Write the key that was meant, or move it to where it belongs.",
        example: "jobs:\n  test:\n    runs-on: ubuntu-latest\n    step: [run: make]\n    steps: [run: make]",
        better: "jobs:\n  test:\n    runs-on: ubuntu-latest\n    steps: [run: make]",
    },
);

pub(super) const CONFLICTING_KEYS: Rule = error(
    "conflicting-keys",
    Texts {
        summary: "two keys cannot stand beside one another",
        why: "GitHub refuses the file, because it cannot do both.",
        criterion: "`run` beside `uses`, a job that has steps and calls a workflow, a filter beside its `-ignore` form, and keys of one kind of step in another.",
        remedy: "Remove one of them, or make two steps or jobs.",
        example: "on:\n  push:\n    branches: [main]\n    branches-ignore: [dev]\njobs:\n  test:\n    runs-on: ubuntu-latest\n    steps: [run: make]",
        better: "on:\n  push:\n    branches: [main, '!dev']\njobs:\n  test:\n    runs-on: ubuntu-latest\n    steps: [run: make]",
    },
);

pub(super) const DUPLICATE_ID: Rule = error(
    "duplicate-id",
    Texts {
        summary: "two steps have the same id",
        why: "GitHub refuses the file, because `steps.ID` would mean both.",
        criterion: "Two ids of steps in one job or action that are alike without regard to case.",
        remedy: "Give each step an id of its own.",
        example: "steps:\n  - id: build\n    run: make\n  - id: Build\n    run: make all",
        better: "steps:\n  - id: build\n    run: make\n  - id: build-all\n    run: make all",
    },
);

pub(super) const EMPTY_VALUE: Rule = error(
    "empty-value",
    Texts {
        summary: "a value is missing where one is needed",
        why: "GitHub refuses the file, or the key does nothing.",
        criterion: "A key whose value is nothing or an empty text where GitHub asks for one.",
        remedy: "Write a value, or remove the key.",
        example: "jobs:\n  test:\n    runs-on: ''\n    steps: [run: make]",
        better: "jobs:\n  test:\n    runs-on: ubuntu-latest\n    steps: [run: make]",
    },
);

pub(super) const INVALID_ID: Rule = error(
    "invalid-id",
    Texts {
        summary: "an id has characters that ids cannot have",
        why: "GitHub refuses the file.",
        criterion: "Ids of jobs and steps that do not begin with a letter or `_`, have other characters than letters, digits, `_` and `-`, are too long, or begin with the reserved `__`.",
        remedy: "Choose another id; `name` takes any text.",
        example: "jobs:\n  unit tests:\n    runs-on: ubuntu-latest\n    steps: [run: make]",
        better: "jobs:\n  unit-tests:\n    name: unit tests\n    runs-on: ubuntu-latest\n    steps: [run: make]",
    },
);

pub(super) const MISSING_KEY: Rule = error(
    "missing-key",
    Texts {
        summary: "a key is missing that must be there",
        why: "GitHub refuses the file.",
        criterion: "A workflow without `on` or `jobs`, a job without `runs-on` or `uses`, a step that does nothing, an action without `runs` or a `run` step of one without `shell`. Not reported in files that could be read only in part.",
        remedy: "Add the key.",
        example: "jobs:\n  test:\n    steps: [run: make]",
        better: "jobs:\n  test:\n    runs-on: ubuntu-latest\n    steps: [run: make]",
    },
);

pub(super) const MISSING_STEPS: Rule = error(
    "missing-steps",
    Texts {
        summary: "a job has no steps",
        why: "GitHub refuses to start the workflow.",
        criterion: "A job with `runs-on` whose `steps` are absent or empty.",
        remedy: "Add `steps`, or remove the job.",
        example: "jobs:\n  test:\n    runs-on: ubuntu-latest",
        better: "jobs:\n  test:\n    runs-on: ubuntu-latest\n    steps: [run: make]",
    },
);

pub(super) const NEEDS_CYCLE: Rule = error(
    "needs-cycle",
    Texts {
        summary: "jobs wait for one another in a circle",
        why: "GitHub refuses the file, because none of them could ever begin.",
        criterion: "A job that needs itself through `needs` of others.",
        remedy: "Remove one of the `needs`.",
        example: "jobs:\n  first:\n    runs-on: ubuntu-latest\n    steps: [run: make]\n  a:\n    needs: [first, b]\n    runs-on: ubuntu-latest\n    steps: [run: make]\n  b:\n    needs: a\n    runs-on: ubuntu-latest\n    steps: [run: make]",
        better: "jobs:\n  first:\n    runs-on: ubuntu-latest\n    steps: [run: make]\n  a:\n    needs: first\n    runs-on: ubuntu-latest\n    steps: [run: make]\n  b:\n    needs: a\n    runs-on: ubuntu-latest\n    steps: [run: make]",
    },
);

pub(super) const NO_FIRST_JOB: Rule = error(
    "no-first-job",
    Texts {
        summary: "no job can begin",
        why: "GitHub refuses the file: at least one job must need no other.",
        criterion: "A workflow in which every job needs another, or which has no jobs.",
        remedy: "Remove the `needs` of the job that should come first.",
        example: "jobs:\n  a:\n    needs: a\n    runs-on: ubuntu-latest\n    steps: [run: make]",
        better: "jobs:\n  a:\n    runs-on: ubuntu-latest\n    steps: [run: make]",
    },
);

pub(super) const UNKNOWN_NEED: Rule = error(
    "unknown-need",
    Texts {
        summary: "a job needs one that is not there",
        why: "GitHub refuses the file.",
        criterion: "An id under `needs` that no job of the workflow has; case does not count.",
        remedy: "Write the id of a job of this workflow.",
        example: "jobs:\n  build:\n    runs-on: ubuntu-latest\n    steps: [run: make]\n  test:\n    needs: biuld\n    runs-on: ubuntu-latest\n    steps: [run: make test]",
        better: "jobs:\n  build:\n    runs-on: ubuntu-latest\n    steps: [run: make]\n  test:\n    needs: build\n    runs-on: ubuntu-latest\n    steps: [run: make test]",
    },
);

pub(super) const UNKNOWN_STEP: Rule = error(
    "unknown-step",
    Texts {
        summary: "a step waits for one that is not in the background before it",
        why: "GitHub refuses the file.",
        criterion: "An id under `wait` or `cancel` that no step in the background before it has.",
        remedy: "Write the id of an earlier step with `background: true`.",
        example: "steps:\n  - id: server\n    run: ./serve\n    background: true\n  - wait: sever",
        better: "steps:\n  - id: server\n    run: ./serve\n    background: true\n  - wait: server",
    },
);

pub(super) const WRONG_TYPE: Rule = error(
    "wrong-type",
    Texts {
        summary: "a value has another type than its key takes",
        why: "GitHub refuses the file.",
        criterion: "A list, a mapping, a text, a number or a boolean where GitHub's schema asks for another of them.",
        remedy: "Write a value of the type that the message names.",
        example: "jobs:\n  test:\n    runs-on: ubuntu-latest\n    timeout-minutes: ten\n    steps: [run: make]",
        better: "jobs:\n  test:\n    runs-on: ubuntu-latest\n    timeout-minutes: 10\n    steps: [run: make]",
    },
);
