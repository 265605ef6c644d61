//! What the reader of the language finds, told as rules: their texts are here, their code is in `plim-workflow`.

mod calls;
mod expressions;
mod external;
mod files;
mod ignores;
mod structure;
mod values;
mod yaml;

use plim_diag::{Code, Severity};

use crate::{Rule, Tier};

/// The rules that reading a file applies, whether or not any others are.
pub const LANGUAGE: &[&Rule] = &[
    &yaml::ALIAS_CYCLE,
    &yaml::ANCHOR,
    &yaml::DUPLICATE_KEY,
    &yaml::EMPTY,
    &yaml::ENCODING,
    &yaml::KEY_NOT_SCALAR,
    &yaml::NUMBER_RANGE,
    &yaml::ODD_LINE_END,
    &yaml::SECOND_DOCUMENT,
    &yaml::SYNTAX,
    &yaml::TAG_MISMATCH,
    &yaml::UNKNOWN_ANCHOR,
    &yaml::UNKNOWN_TAG,
    &files::TOO_DEEP,
    &files::TOO_LARGE,
    &files::TOO_MANY_NODES,
    &expressions::CONTEXT_NOT_ALLOWED,
    &expressions::EXPRESSION_NOT_ALLOWED,
    &expressions::EXPRESSION_SYNTAX,
    &expressions::FUNCTION_NOT_ALLOWED,
    &expressions::UNKNOWN_CONTEXT,
    &structure::CONFLICTING_KEYS,
    &structure::DUPLICATE_ID,
    &structure::EMPTY_VALUE,
    &structure::INVALID_ID,
    &structure::MISSING_KEY,
    &structure::MISSING_STEPS,
    &structure::NEEDS_CYCLE,
    &structure::NO_FIRST_JOB,
    &structure::UNKNOWN_KEY,
    &structure::UNKNOWN_NEED,
    &structure::UNKNOWN_STEP,
    &structure::WRONG_TYPE,
    &values::FREQUENT_CRON,
    &values::INVALID_ACTION_REFERENCE,
    &values::INVALID_CRON,
    &values::INVALID_INPUT,
    &values::INVALID_MATRIX,
    &values::INVALID_PATTERN,
    &values::INVALID_VALUE,
    &values::INVALID_WORKFLOW_REFERENCE,
    &values::UNKNOWN_EVENT,
    &values::UNKNOWN_PERMISSION,
    &values::UNKNOWN_TIMEZONE,
    &calls::CALLS_IN_A_CIRCLE,
    &calls::CALLS_TOO_DEEP,
    &calls::EXCESSIVE_PERMISSIONS,
    &calls::MISSING_INPUT,
    &calls::MISSING_SECRET,
    &calls::NOT_CALLABLE,
    &calls::TOO_MANY_CALLS,
    &calls::TOO_MANY_JOBS,
    &calls::UNDECLARED_INPUT,
    &calls::UNKNOWN_WORKFLOW,
    &calls::WORKFLOW_TOO_LARGE,
    &files::UNREADABLE_FILE,
    &external::JAVASCRIPT_SYNTAX,
    &external::PYTHON_SYNTAX,
    &external::SHELLCHECK,
    &ignores::IGNORE_WITHOUT_REASON,
    &ignores::UNUSED_IGNORE,
];

/// The texts of a rule that reading applies.
struct Texts {
    summary: &'static str,
    why: &'static str,
    criterion: &'static str,
    remedy: &'static str,
    example: &'static str,
    better: &'static str,
}

/// What the forge refuses.
const fn error(code: &'static str, texts: Texts) -> Rule {
    of_the_reader(code, Severity::Error, texts)
}

/// What the forge accepts, and does not do as it reads.
const fn warning(code: &'static str, texts: Texts) -> Rule {
    of_the_reader(code, Severity::Warning, texts)
}

const fn of_the_reader(code: &'static str, severity: Severity, texts: Texts) -> Rule {
    let Texts { summary, why, criterion, remedy, example, better } = texts;
    let code = Code(code);
    Rule {
        code,
        summary,
        why,
        criterion,
        remedy,
        example,
        better,
        severity,
        tier: Tier::Default,
        hooks: &[],
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;

    use super::*;

    /// Codes of evaluating, which no check of a file gives.
    const OF_EVALUATION: &[&str] = &["expression-failed"];

    fn codes_in(folder: &Path, found: &mut BTreeSet<String>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                codes_in(&path, found);
                continue;
            }
            let text = std::fs::read_to_string(path).unwrap();
            for (_, rest) in text.match_indices("Code(\"").map(|(at, _)| text.split_at(at + 6)) {
                found.extend(rest.split_once('"').map(|(code, _)| code.to_owned()));
            }
        }
    }

    /// Codes that are told elsewhere than in the reader: of its calls, by this crate, and by whoever reads files.
    const OF_OTHERS: &[&str] = &[
        "calls-in-a-circle",
        "calls-too-deep",
        "excessive-permissions",
        "ignore-without-reason",
        "javascript-syntax",
        "missing-input",
        "missing-secret",
        "not-callable",
        "python-syntax",
        "shellcheck",
        "too-many-calls",
        "too-many-jobs",
        "undeclared-input",
        "unknown-workflow",
        "unreadable-file",
        "unused-ignore",
        "workflow-too-large",
    ];

    #[test]
    fn every_code_of_the_reader_is_explained() {
        let mut codes = BTreeSet::new();
        codes_in(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../plim-workflow/src"), &mut codes);
        assert!(codes.len() > 40, "where are the codes of the reader?");
        codes.retain(|code| !OF_EVALUATION.contains(&code.as_str()));
        codes.extend(OF_OTHERS.iter().map(|&code| code.to_owned()));
        let explained: BTreeSet<_> = LANGUAGE.iter().map(|rule| rule.code.0.to_owned()).collect();
        assert_eq!(codes, explained);
    }
}
