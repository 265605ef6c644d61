//! Commands in the log that GitHub has taken away: `::set-output` and its kin.

use plim_diag::{Code, Severity, Span};

use crate::{Audit, Edit, Hook, Rule, Script, Tier};

pub(super) const RULE: Rule = Rule {
    code: Code("deprecated-command"),
    summary: "a script speaks to the runner in a way that is going away",
    why: "`::set-output` and `::save-state` are deprecated since 2022 and warn on each run; `::set-env` and `::add-path` are refused since 2020, because whatever is printed to a log could change the environment of later steps.",
    criterion: "`::set-output name=`, `::save-state name=`, `::set-env name=` and `::add-path::` in the body of a `run`.",
    remedy: "Append to the file that `GITHUB_OUTPUT`, `GITHUB_STATE`, `GITHUB_ENV` or `GITHUB_PATH` names.",
    example: "steps:\n  - id: version\n    run: echo \"::set-output name=version::1.2\"",
    better: "steps:\n  - id: version\n    run: echo \"version=1.2\" >> \"$GITHUB_OUTPUT\"",
    severity: Severity::Warning,
    tier: Tier::Default,
    hooks: &[Hook::Script(script)],
};

/// Each command as it begins, and the file that took its place.
const COMMANDS: [(&str, &str); 4] = [
    ("::set-output name=", "GITHUB_OUTPUT"),
    ("::save-state name=", "GITHUB_STATE"),
    ("::set-env name=", "GITHUB_ENV"),
    ("::add-path::", "GITHUB_PATH"),
];

fn script<'a>(audit: &mut Audit<'a>, script: &Script<'a>) {
    if !script.text.contains("::") {
        return;
    }
    for (command, file) in COMMANDS {
        for (at, _) in script.text.match_indices(command) {
            let word = command.trim_end_matches(" name=");
            let start = u32::try_from(at).unwrap_or(0);
            let part = Span::new(start, start + u32::try_from(word.len()).unwrap_or(0));
            let name = word.trim_matches(':');
            let edit = appended(script, at, command, file)
                .map(|(part, line)| Edit::replace(script.place(part), line));
            let finding =
                audit.report(script.place(part), format!("the command `{name}` is deprecated"));
            finding.help(format!("append to the file `${file}`"));
            if let Some(edit) = edit {
                finding.fix(format!("append to `${file}`"), vec![edit]);
            }
        }
    }
}

/// The place of a line that does nothing but print the command at `at`, and the line that does the same today.
///
/// Text with a `%` may hold escapes that only the command knows, and one with an expression may be of several lines.
fn appended(script: &Script<'_>, at: usize, command: &str, file: &str) -> Option<(Span, String)> {
    if !script.shell.is_posix() {
        return None;
    }
    let text = &script.text;
    let start = text[..at].rfind('\n').map_or(0, |end| end + 1);
    let end = text[at..].find('\n').map_or(text.len(), |length| at + length);
    let line = text[start..end].trim_end();
    let written = line.trim_start();
    let said = written.strip_prefix("echo ")?.trim_start();
    let quote = said.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    let inside = said.strip_prefix(quote)?.strip_suffix(quote)?.strip_prefix(command)?;
    if inside.contains([quote, '\\', '%', '`']) || inside.contains("__") {
        return None;
    }
    let pair =
        if command.ends_with("name=") { inside.replacen("::", "=", 1) } else { inside.to_owned() };
    let begin = start + line.len() - written.len();
    let span = Span::new(u32::try_from(begin).ok()?, u32::try_from(start + line.len()).ok()?);
    Some((span, format!("echo {quote}{pair}{quote} >> \"${file}\"")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{check, check_fix};

    #[test]
    fn each_is_found_at_its_line() {
        check(
            &RULE,
            "
            steps:
              - run: |
                  make
                  echo '::set-output name=a::${{ github.sha }}'
                  #     ^^^^^^^^^^^^ the command `set-output` is deprecated
                  echo ${{ github.ref }} ::add-path::/opt
                  #                      ^^^^^^^^^^^^ the command `add-path` is deprecated
                  echo '::notice::set-output is gone'
            ",
        );
    }

    #[test]
    fn a_line_that_only_prints_the_command_is_mended() {
        check_fix(
            &RULE,
            "
            steps:
              - run: |
                  echo \"::set-output name=version::$(make version)\"
                  echo '::add-path::/opt/bin'
                  echo ::set-output name=a::b
                  echo \"::set-output name=text::a%0Ab\"
                  test -f x && echo \"::set-output name=found::true\"
                  echo \"::set-output name=ref::${{ github.ref }}\"
            ",
            "
            steps:
              - run: |
                  echo \"version=$(make version)\" >> \"$GITHUB_OUTPUT\"
                  echo '/opt/bin' >> \"$GITHUB_PATH\"
                  echo ::set-output name=a::b
                  echo \"::set-output name=text::a%0Ab\"
                  test -f x && echo \"::set-output name=found::true\"
                  echo \"::set-output name=ref::${{ github.ref }}\"
            ",
        );
    }
}
