//! Mistakes in the comments that ignore findings.

use super::{Rule, Texts, warning};

pub(super) const IGNORE_WITHOUT_REASON: Rule = warning(
    "ignore-without-reason",
    Texts {
        summary: "a finding is ignored without a reason",
        why: "Whoever reads the file next year must know whether the reason still holds. Without one, the comment ignores nothing.",
        criterion: "A comment `# plim: ignore[CODE]` that is not followed by `because` and some words.",
        remedy: "Write the reason: `# plim: ignore[CODE] because …`.",
        example: "steps:\n  - run: echo '::set-output name=a::b' # plim: ignore[deprecated-command]",
        better: "steps:\n  - run: echo '::set-output name=a::b' # plim: ignore[deprecated-command] because the runner is old",
    },
);

pub(super) const UNUSED_IGNORE: Rule = warning(
    "unused-ignore",
    Texts {
        summary: "a comment ignores what is not there",
        why: "A comment that is left behind hides the next finding of its kind.",
        criterion: "A code in `# plim: ignore[…]` of which nothing is found at that line, or that no rule has. Codes of rules that are not applied are passed over.",
        remedy: "Remove the code, or the comment.",
        example: "steps:\n  - run: make # plim: ignore[deprecated-command] because the runner is old",
        better: "steps:\n  - run: make",
    },
);
