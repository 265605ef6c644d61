//! Mistakes in expressions that GitHub's parser finds.

use super::{Rule, Texts, error};

pub(super) const EXPRESSION_SYNTAX: Rule = error(
    "expression-syntax",
    Texts {
        summary: "an expression cannot be read",
        why: "GitHub refuses the whole file for one expression that it cannot read.",
        criterion: "What the language of expressions does not have: double quotes, an open bracket, an unknown function, a wrong number of arguments, an expression that is not closed.",
        remedy: "Mend the expression at the place shown. Text stands in single quotes.",
        example: "steps:\n  - run: make\n    if: github.ref == \"refs/heads/main\"",
        better: "steps:\n  - run: make\n    if: github.ref == 'refs/heads/main'",
    },
);

pub(super) const CONTEXT_NOT_ALLOWED: Rule = error(
    "context-not-allowed",
    Texts {
        summary: "a context is read where there is none",
        why: "Each key is evaluated at its own time, and what is not known then cannot be read; GitHub refuses the file.",
        criterion: "A context that exists, at a key for which GitHub's schema does not list it.",
        remedy: "Read one of the contexts that the help names, or move the expression to where the value is known: a step's `env` instead of its job's `if`.",
        example: "jobs:\n  test:\n    if: env.DEPLOY == 'yes'\n    runs-on: ubuntu-latest\n    steps: [run: make]",
        better: "jobs:\n  test:\n    if: vars.DEPLOY == 'yes'\n    runs-on: ubuntu-latest\n    steps: [run: make]",
    },
);

pub(super) const UNKNOWN_CONTEXT: Rule = error(
    "unknown-context",
    Texts {
        summary: "a context does not exist",
        why: "GitHub refuses the file.",
        criterion: "A name at the beginning of an expression that is no context.",
        remedy: "Write the context that was meant, or put text in single quotes.",
        example: "steps:\n  - run: echo ${{ secret.TOKEN }}",
        better: "steps:\n  - run: make\n    env:\n      TOKEN: ${{ secrets.TOKEN }}",
    },
);

pub(super) const FUNCTION_NOT_ALLOWED: Rule = error(
    "function-not-allowed",
    Texts {
        summary: "a function is called where it cannot be",
        why: "GitHub refuses the file.",
        criterion: "`success`, `failure`, `always` or `cancelled` outside of an `if`, and `hashFiles` outside of steps.",
        remedy: "Call status functions in an `if`, and `hashFiles` in a step.",
        example: "steps:\n  - run: echo ${{ success() }}",
        better: "steps:\n  - run: echo good\n    if: success()",
    },
);

pub(super) const EXPRESSION_NOT_ALLOWED: Rule = error(
    "expression-not-allowed",
    Texts {
        summary: "an expression stands where the value must be written out",
        why: "Some keys are read before anything is evaluated, and GitHub refuses expressions there.",
        criterion: "`${{ }}` in a key that takes none, such as `uses` and `needs`.",
        remedy: "Write the value out.",
        example: "steps:\n  - uses: actions/checkout@${{ matrix.version }}",
        better: "steps:\n  - uses: actions/checkout@v6",
    },
);
