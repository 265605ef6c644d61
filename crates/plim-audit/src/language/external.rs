//! What checkers of other languages find in scripts, where they are asked.

use super::{Rule, Texts, error, warning};

pub(super) const SHELLCHECK: Rule = warning(
    "shellcheck",
    Texts {
        summary: "shellcheck finds something in a script",
        why: "It knows some hundred mistakes of shells; `plim check` itself looks for the most frequent ones.",
        criterion: "What the installed `shellcheck` says of a `run` that bash or `sh` surely runs. It is asked with `--with shellcheck` only, and told its number such as SC2086.",
        remedy: "Read the page of that number at shellcheck.net.",
        example: "",
        better: "",
    },
);

pub(super) const PYTHON_SYNTAX: Rule = error(
    "python-syntax",
    Texts {
        summary: "a script is no Python",
        why: "The step fails before its first line runs.",
        criterion: "What the installed `python3` says when it parses a `run` with `shell: python`. It is asked with `--with python` only, and runs nothing of the script.",
        remedy: "Mend the line.",
        example: "",
        better: "",
    },
);

pub(super) const JAVASCRIPT_SYNTAX: Rule = error(
    "javascript-syntax",
    Texts {
        summary: "a script is no JavaScript",
        why: "The step fails before its first line runs.",
        criterion: "What the installed `node` says when it parses a `run` with `shell: node`, or the `script` of `actions/github-script`. It is asked with `--with node` only, and runs nothing of the script.",
        remedy: "Mend the line.",
        example: "",
        better: "",
    },
);
