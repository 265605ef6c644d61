//! Which of our codes stand for which messages of GitHub's parser.

/// What GitHub says a second time of a value whose expression it refused: it tries no other reading of it.
const AGAIN: &str = "Unexpected value '${{ *'";

/// Patterns of messages, a `*` standing for any text, each with the codes that say the same.
///
/// `Unexpected value` is said by GitHub of whatever its schema does not have at a place, so that one message stands for
/// several of our codes; which of them is right depends on what stands there.
const KINDS: &[(&str, &[&str])] = &[
    (AGAIN, &["expression-syntax", "context-not-allowed", "function-not-allowed"]),
    (
        "Unexpected value ''",
        &["empty-value", "unknown-key", "wrong-type", "invalid-id", "missing-key"],
    ),
    (
        "Unexpected value '*'",
        &[
            "unknown-key",
            "invalid-value",
            "conflicting-keys",
            "unknown-permission",
            "wrong-type",
            "invalid-input",
        ],
    ),
    (
        "There's not enough info to determine what you meant. Add one of these properties: *",
        &["missing-key"],
    ),
    ("Required property is missing: *", &["missing-key"]),
    ("A mapping was not expected", &["wrong-type"]),
    ("A sequence was not expected", &["wrong-type"]),
    ("'*' is already defined", &["yaml-duplicate-key"]),
    ("Anchors are not currently supported. *", &["yaml-anchor"]),
    ("Unexpected tag '*'", &["yaml-unknown-tag"]),
    (
        "The scalar style '*' on line * and column * is not valid with the tag '*'",
        &["yaml-tag-mismatch"],
    ),
    ("The value '*' on line * and column * is invalid for the type '*'", &["yaml-tag-mismatch"]),
    ("Maximum object depth exceeded", &["yaml-too-deep"]),
    ("Maximum object size exceeded", &["workflow-too-large"]),
    ("Error from called workflow *: Maximum object size exceeded", &["workflow-too-large"]),
    ("The maximum file size of * characters has been exceeded", &["yaml-too-large"]),
    ("The workflow may not contain more than * jobs", &["too-many-jobs"]),
    ("An expression was expected", &["expression-syntax"]),
    ("The expression is not closed. *", &["expression-syntax"]),
    ("Unexpected symbol: *", &["expression-syntax"]),
    ("Unexpected end of expression: *", &["expression-syntax"]),
    ("Exceeded max expression length *", &["expression-syntax"]),
    ("The directive '*' is not allowed in this context. *", &["expression-syntax"]),
    ("Unrecognized named-value: *", &["context-not-allowed", "unknown-context"]),
    ("Unrecognized function: *", &["function-not-allowed", "expression-syntax"]),
    ("A template expression is not allowed in this context", &["expression-not-allowed"]),
    ("The identifier '*' is invalid. *", &["invalid-id"]),
    ("The identifier '*' may not be used more than once within the same scope.", &["duplicate-id"]),
    ("Job '*' depends on job '*' which creates a cycle in the dependency graph.", &["needs-cycle"]),
    ("Job '*' depends on unknown job '*'.", &["unknown-need"]),
    (
        "The workflow must contain at least one job with no dependencies.",
        &["no-first-job", "empty-value"],
    ),
    ("Invalid runs-on group name '*'.*", &["invalid-value"]),
    ("Matrix vector '*' does not contain any values", &["invalid-matrix"]),
    ("Container image cannot be empty", &["empty-value"]),
    ("Expected format {org}/{repo}[/path]@ref. Actual '*'", &["invalid-action-reference"]),
    ("Input * is required, but not provided while calling.", &["missing-input"]),
    ("Invalid input, * is not defined in the referenced workflow.", &["undeclared-input"]),
    ("Secret * is required, but not provided while calling.", &["missing-secret"]),
    ("Invalid secret, * is not defined in the referenced workflow.", &["undeclared-input"]),
    ("Nested reusable workflow depth exceeded *.", &["calls-too-deep"]),
    (
        "Error calling workflow '*'. The nested job '*' is requesting '*', but is only allowed '*",
        &["excessive-permissions"],
    ),
    (
        "Error calling workflow '*'. The workflow '*' is requesting '*', but is only allowed '*",
        &["excessive-permissions"],
    ),
];

/// Codes of what GitHub refuses only behind its parser, so that the parser's vectors accept it.
pub(crate) const BEHIND_THE_PARSER: &[&str] = &["missing-steps"];

/// The codes that say what `message` says, which is without its place; none for a message of no known pattern.
pub(crate) fn codes_of(message: &str) -> Option<&'static [&'static str]> {
    KINDS.iter().find(|(pattern, _)| fits(pattern, message)).map(|(_, codes)| *codes)
}

/// Whether `text` is `pattern` with any text for each `*`.
fn fits(pattern: &str, text: &str) -> bool {
    let Some((start, rest)) = pattern.split_once('*') else { return pattern == text };
    let Some(after) = text.strip_prefix(start) else { return false };
    (0..=after.len()).filter(|&at| after.is_char_boundary(at)).any(|at| fits(rest, &after[at..]))
}
