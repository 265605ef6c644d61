//! Marks in a commit's message by which its author asks that no workflow starts.

/// What GitHub looks for anywhere in the message.
///
/// <https://docs.github.com/en/actions/how-tos/manage-workflow-runs/skip-workflow-runs>
const MARKS: [&str; 5] = ["[skip ci]", "[ci skip]", "[no ci]", "[skip actions]", "[actions skip]"];

/// What it looks for among the trailers.
const TRAILERS: [&str; 2] = ["skip-checks: true", "skip-checks:true"];

/// The mark in `message` that keeps `push` and `pull_request` from starting workflows.
pub(super) fn mark(message: &str) -> Option<&'static str> {
    let mark = MARKS.into_iter().find(|mark| message.contains(mark));
    mark.or_else(|| TRAILERS.into_iter().find(|trailer| ends_with(message, trailer)))
}

/// Whether the last paragraph, which is not the only one, holds the line. git makes one of several empty lines, so that
/// the two that GitHub's text asks for cannot be counted on.
fn ends_with(message: &str, trailer: &str) -> bool {
    let last = message.trim_end().rsplit_once("\n\n");
    last.is_some_and(|(_, trailers)| trailers.lines().any(|line| line.trim_end() == trailer))
}

#[cfg(test)]
mod tests {
    use super::mark;

    #[test]
    fn a_mark_counts_wherever_it_stands() {
        for text in [
            "[skip ci] docs",
            "docs [ci skip]\n",
            "docs\n\nmore [no ci] more\n",
            "a [skip actions]",
        ] {
            assert!(mark(text).is_some(), "{text}");
        }
        assert_eq!(mark("docs [actions skip]"), Some("[actions skip]"));
        for text in ["", "docs", "skip ci", "[skipci]", "[ skip ci ]"] {
            assert_eq!(mark(text), None, "{text}");
        }
    }

    #[test]
    fn a_trailer_counts_at_the_end_only() {
        for text in ["docs\n\n\nskip-checks: true", "docs\n\nskip-checks:true\nSigned-off-by: T\n"]
        {
            assert!(mark(text).is_some(), "{text}");
        }
        for text in [
            "skip-checks: true",
            "a\nskip-checks: true",
            "a\n\nskip-checks: true\n\nb",
            "a\n\nskip-checks: false",
        ] {
            assert_eq!(mark(text), None, "{text}");
        }
    }
}
