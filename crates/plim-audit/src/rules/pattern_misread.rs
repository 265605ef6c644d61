//! A pattern that means something else to `grep` than it looks like.

use plim_diag::{Code, Severity};

use super::pattern_refused::searches;
use crate::grep::misread;
use crate::{Audit, Hook, Rule, Script, Tier};

pub(super) const RULE: Rule = Rule {
    code: Code("pattern-misread"),
    summary: "`grep` takes a part of the pattern for a plain character, so it hardly ever matches",
    why: "Without `-E`, `a|b` looks for a text with a bar in it, and `[0-9]+` for a plus sign. Nothing is found, nothing complains, and what the search should stop goes on.",
    criterion: "A pattern that is written out, given to `grep` without `-E`, `-P` or `-F`, with `|` between letters or digits, or `+` behind a set; or with `\\d`, without `-P`. Looked for where `pattern-refused` does.",
    remedy: "Add `-E`, and write `[0-9]` for `\\d`.",
    example: "steps:\n  - run: |\n      if grep -q 'TODO|FIXME' src/main.rs; then\n        exit 1\n      fi",
    better: "steps:\n  - run: |\n      if grep -qE 'TODO|FIXME' src/main.rs; then\n        exit 1\n      fi",
    severity: Severity::Warning,
    tier: Tier::Default,
    hooks: &[Hook::Script(script)],
};

fn script<'a>(audit: &mut Audit<'a>, script: &Script<'a>) {
    for found in searches(audit, script) {
        let Some((part, meaning)) = misread(&found.pattern) else { continue };
        let shown = found.pattern.text.replace(['`', '\n'], " ");
        let of = found.file.as_ref().map(|file| format!(" of `{file}`")).unwrap_or_default();
        let help = match part {
            "\\d" => "write `[0-9]`",
            _ => "add `-E`",
        };
        audit
            .report(found.span, format!("`grep`{of} takes `{part}` in `{shown}` for {meaning}"))
            .help(help);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::check;

    #[test]
    fn the_form_of_the_pattern_decides() {
        check(
            &RULE,
            "
            steps:
              - run: grep -o 'v\\d' x
                #    ^^^^^^^^^^^^^^^ `grep` takes `\\d` in `v\\d` for the letter `d`
              - run: |
                  grep -oP 'v\\d' x
                  grep -E 'a|b' x
                  grep '| a |' x
                  grep 'a\\|b' x
            ",
        );
    }
}
