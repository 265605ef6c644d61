//! Mistakes in the YAML of a file.

use super::{Rule, Texts, error, warning};

pub(super) const SYNTAX: Rule = error(
    "yaml-syntax",
    Texts {
        summary: "the file is not YAML from some line on",
        why: "A file that is not YAML starts nothing, and nothing else in it is looked at by the forge.",
        criterion: "The first place where the file stops being YAML. What precedes it is judged; what follows is read as far as it goes, and nothing is concluded from what seems absent.",
        remedy: "Mend the line. Often a quote or a bracket is not closed, or an indentation does not fit.",
        example: "on: push\njobs:\n  test:\n    runs-on: [ubuntu-latest\n    steps:\n      - run: make",
        better: "on: push\njobs:\n  test:\n    runs-on: [ubuntu-latest]\n    steps:\n      - run: make",
    },
);

pub(super) const ANCHOR: Rule = error(
    "yaml-anchor",
    Texts {
        summary: "a value has an anchor, and not every forge reads them",
        why: "GitHub.com reads anchors since August 2025. Servers that are older refuse the file.",
        criterion: "An anchor, where the reader is asked to refuse them. `plim check` does not ask.",
        remedy: "Write the value out where its alias stands.",
        example: "",
        better: "",
    },
);

pub(super) const ALIAS_CYCLE: Rule = error(
    "yaml-alias-cycle",
    Texts {
        summary: "an alias stands inside of what it names",
        why: "The forge refuses a file whose values contain themselves.",
        criterion: "An alias inside of the node that carries its anchor.",
        remedy: "Name something that does not contain the alias.",
        example: "on: push\nenv: &env\n  A: *env\njobs:\n  test:\n    runs-on: ubuntu-latest\n    steps: [run: make]",
        better: "on: push\nenv: &env\n  A: a\njobs:\n  test:\n    runs-on: ubuntu-latest\n    env: *env\n    steps: [run: make]",
    },
);

pub(super) const DUPLICATE_KEY: Rule = error(
    "yaml-duplicate-key",
    Texts {
        summary: "a key is there twice in one mapping",
        why: "GitHub refuses the file; other readers take the last value and silently drop the first.",
        criterion: "Two keys of one mapping that read the same; of jobs, steps and most other names case does not count.",
        remedy: "Remove one of them, or join their values.",
        example: "steps:\n  - run: make\n    env: { A: a }\n    env: { B: b }",
        better: "steps:\n  - run: make\n    env: { A: a, B: b }",
    },
);

pub(super) const EMPTY: Rule = error(
    "yaml-empty",
    Texts {
        summary: "there is nothing in the file",
        why: "A file without a value is reported by the forge as broken on every push.",
        criterion: "A file that holds nothing but comments.",
        remedy: "Remove the file, or write the workflow.",
        example: "# later",
        better: "on: push\njobs:\n  test:\n    runs-on: ubuntu-latest\n    steps: [run: make]",
    },
);

pub(super) const ENCODING: Rule = error(
    "yaml-encoding",
    Texts {
        summary: "the file is not text in UTF-8",
        why: "The forge cannot read it.",
        criterion: "Bytes that are neither UTF-8 nor, with a byte order mark, UTF-16.",
        remedy: "Save the file as UTF-8.",
        example: "",
        better: "",
    },
);

pub(super) const KEY_NOT_SCALAR: Rule = error(
    "yaml-key-not-scalar",
    Texts {
        summary: "a key is a list or a mapping",
        why: "The language has only keys that are single values, and the forge refuses others.",
        criterion: "A key that is a list or a mapping. `{{ x }}` without quotes is one, too.",
        remedy: "Put the value in quotes, or write `${{ }}`.",
        example: "steps:\n  - run: make\n    env:\n      A: {{ matrix.a }}",
        better: "steps:\n  - run: make\n    env:\n      A: ${{ matrix.a }}",
    },
);

pub(super) const NUMBER_RANGE: Rule = error(
    "yaml-number-range",
    Texts {
        summary: "a number is larger than any that is kept",
        why: "The forge refuses the file.",
        criterion: "A plain number that does not fit into 64 bits of its kind.",
        remedy: "Put it in quotes if it is a name.",
        example: "steps:\n  - run: make\n    env:\n      A: 0xfffffffffffffffffffff",
        better: "steps:\n  - run: make\n    env:\n      A: '0xfffffffffffffffffffff'",
    },
);

pub(super) const ODD_LINE_END: Rule = warning(
    "yaml-odd-line-end",
    Texts {
        summary: "an invisible character ends a line",
        why: "What is one line in an editor is two to GitHub, so that a comment or a value ends where nobody sees it.",
        criterion: "The characters U+0085, U+2028 and U+2029, which GitHub's reader takes for line ends.",
        remedy: "Remove the character.",
        example: "on: push # always\u{2028}\njobs:\n  test:\n    runs-on: ubuntu-latest\n    steps: [run: make]",
        better: "on: push # always\njobs:\n  test:\n    runs-on: ubuntu-latest\n    steps: [run: make]",
    },
);

pub(super) const SECOND_DOCUMENT: Rule = error(
    "yaml-second-document",
    Texts {
        summary: "the file has a second document",
        why: "One file is one workflow; the forge refuses or ignores the rest.",
        criterion: "A `---` after the first document.",
        remedy: "Make a file of its own of what follows.",
        example: "on: push\njobs:\n  test:\n    runs-on: ubuntu-latest\n    steps: [run: make]\n---\na: b",
        better: "---\non: push\njobs:\n  test:\n    runs-on: ubuntu-latest\n    steps: [run: make]",
    },
);

pub(super) const TAG_MISMATCH: Rule = error(
    "yaml-tag-mismatch",
    Texts {
        summary: "a value is not what its tag says",
        why: "The forge refuses the file.",
        criterion: "A value that does not read as the type of the tag before it.",
        remedy: "Remove the tag, or write a value of that type.",
        example: "steps:\n  - run: make\n    continue-on-error: !!bool maybe",
        better: "steps:\n  - run: make\n    continue-on-error: !!bool true",
    },
);

pub(super) const UNKNOWN_ANCHOR: Rule = error(
    "yaml-unknown-anchor",
    Texts {
        summary: "an alias names an anchor that is not there",
        why: "The forge refuses the file.",
        criterion: "An alias without an anchor of that name above it.",
        remedy: "Write the anchor, or put the value in quotes if `*` belongs to it.",
        example: "on:\n  push:\n    branches: [*main]\njobs:\n  test:\n    runs-on: ubuntu-latest\n    steps: [run: make]",
        better: "on:\n  push:\n    branches: ['*main']\njobs:\n  test:\n    runs-on: ubuntu-latest\n    steps: [run: make]",
    },
);

pub(super) const UNKNOWN_TAG: Rule = error(
    "yaml-unknown-tag",
    Texts {
        summary: "a tag is none that GitHub knows",
        why: "GitHub refuses a file with tags other than those of the core schema.",
        criterion: "A tag other than `!!str`, `!!int`, `!!float`, `!!bool` and `!!null`.",
        remedy: "Remove the tag, or put the value in quotes if `!` belongs to it.",
        example: "on:\n  push:\n    branches: ['**', !dev]\njobs:\n  test:\n    runs-on: ubuntu-latest\n    steps: [run: make]",
        better: "on:\n  push:\n    branches: ['**', '!dev']\njobs:\n  test:\n    runs-on: ubuntu-latest\n    steps: [run: make]",
    },
);
