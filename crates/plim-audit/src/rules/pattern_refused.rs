//! A search whose pattern `grep` refuses.

use plim_diag::{Code, Severity, Span};
use plim_workflow::script::Script as Reading;

use super::script_not_executable::{Called, calls};
use crate::deeds::place;
use crate::grep::{Pattern, patterns, refusal};
use crate::{Audit, Hook, Rule, Script, Tier};

pub(super) const RULE: Rule = Rule {
    code: Code("pattern-refused"),
    summary: "`grep` refuses the pattern, so nothing is searched",
    why: "`grep` ends with 2, which an `if` or `|| true` takes for `nothing was found`. A check that looks for what must not be there passes, whatever is there.",
    criterion: "A call of `grep` or `egrep` with a pattern that is written out and that it refuses: a group that is opened and not closed (`\\(` without `-E`, `(` with it), or a backslash at its end. In the script of a `run`, or in a script of the repository that it calls; and of a function that searches for its parameter, what that is called with.",
    remedy: "Without `-E`, write `(` for the character; with it, `\\(`. Use `grep -F` for a text that is no pattern.",
    example: "steps:\n  - run: |\n      if grep -rn '\\.expect\\(' src 2>/dev/null; then\n        exit 1\n      fi",
    better: "steps:\n  - run: |\n      if grep -rnF '.expect(' src; then\n        exit 1\n      fi",
    severity: Severity::Error,
    tier: Tier::Default,
    hooks: &[Hook::Script(script)],
};

fn script<'a>(audit: &mut Audit<'a>, script: &Script<'a>) {
    for found in searches(audit, script) {
        let Some(reason) = refusal(&found.pattern) else { continue };
        let shown = found.pattern.text.replace(['`', '\n'], " ");
        let of = found.file.as_ref().map(|file| format!(" of `{file}`")).unwrap_or_default();
        audit
            .report(found.span, format!("`grep`{of} refuses the pattern `{shown}`: {reason}"))
            .note("`grep` then ends with 2, as if it had not found anything")
            .help("use `grep -F` for a text that is no pattern");
    }
}

/// A pattern that a script, or one that it calls, gives to `grep`.
pub(super) struct Search {
    /// The pattern.
    pub(super) pattern: Pattern,
    /// Where the command stands, or the call of the file.
    pub(super) span: Span,
    /// The file of the repository that searches, where it is not the script itself.
    pub(super) file: Option<String>,
}

/// The patterns that `script` gives to `grep`, and those of the scripts of the repository that it calls.
pub(super) fn searches<'a>(audit: &Audit<'a>, script: &Script<'a>) -> Vec<Search> {
    let mut found = Vec::new();
    if script.shell.is_posix_or_unknown() && script.text.contains("grep") {
        let reading = script.reading();
        for pattern in patterns(reading, &script.text) {
            let Some(command) = reading.commands.get(pattern.command) else { continue };
            found.push(Search { span: place(script, command), pattern, file: None });
        }
    }
    for (Called { path, span, .. }, text) in scripts(audit, script) {
        let of_file = patterns(&Reading::read(&text), &text).into_iter();
        found.extend(of_file.map(|pattern| Search { pattern, span, file: Some(path.clone()) }));
    }
    found
}

/// The shell scripts of the repository that `script` calls, with their texts.
pub(super) fn scripts<'a>(
    audit: &Audit<'a>,
    script: &Script<'a>,
) -> Vec<(Called, std::sync::Arc<String>)> {
    // Many scripts can call none, and need not be read for that.
    if !script.text.contains('/') && !script.text.contains(".sh") {
        return Vec::new();
    }
    let texts = calls(script).into_iter().filter_map(|called| {
        let text = audit.surroundings().text(&called.path).found()?;
        let shell = called.path.ends_with(".sh") || text.lines().next()?.ends_with("sh");
        (shell && text.contains("grep")).then_some((called, text))
    });
    texts.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{check, check_in};

    #[test]
    fn a_called_script_is_looked_into() {
        check_in(
            &RULE,
            &[(
                "ci/panics.sh",
                "#!/bin/bash\nlook() {\n  local what=\"$1\"\n  grep -rn \"$what\" src 2>/dev/null || true\n}\nlook \"\\.unwrap()\"\nlook \"\\.expect\\(\"\n",
            )],
            "
            steps:
              - uses: actions/checkout@v4
              - run: ./ci/panics.sh
                #    ^^^^^^^^^^^^^^ `grep` of `ci/panics.sh` refuses the pattern `\\.expect\\(`: a group is opened and not closed
            ",
        );
    }

    #[test]
    fn what_grep_takes_is_not_reported() {
        check(
            &RULE,
            "
            steps:
              - run: |
                  grep -E '(a|b)' x
                  grep 'a(b' x
                  grep -P '(?<a' x
                  grep -F 'a\\' x
                  grep -q \"$x(\" y
            ",
        );
    }
}
