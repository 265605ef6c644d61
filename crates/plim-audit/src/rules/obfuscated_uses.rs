//! Names of actions that are written so that a search does not find them.

use plim_diag::{Code, Severity};

use crate::remote::Remote;
use crate::{Audit, Edit, Hook, Rule, Tier, UseAt};

pub(super) const RULE: Rule = Rule {
    code: Code("obfuscated-uses"),
    summary: "the name of an action is written in a way that hides it",
    why: "GitHub reads `actions//checkout` and `actions/checkout/.` as `actions/checkout`. Searches, lists of what is allowed and bots that keep versions up to date do not.",
    criterion: "Empty parts, `.` or `..` in a `uses` of another repository, or a `\\`.",
    remedy: "Write the name plainly.",
    example: "steps:\n  - uses: actions//checkout@v4",
    better: "steps:\n  - uses: actions/checkout@v4",
    severity: Severity::Warning,
    tier: Tier::Default,
    hooks: &[Hook::Use(check)],
};

fn check<'a>(audit: &mut Audit<'a>, used: &UseAt<'a>) {
    let source = audit.source();
    let Some(remote) = Remote::of_uses(used.uses, source) else { return };
    let written = remote.span.text(source).unwrap_or("").trim_matches(['"', '\'']);
    let Some((name, reference)) = written.split_once('@') else { return };
    let parts: Vec<&str> = name.split(['/', '\\']).collect();
    let is_odd = |part: &&str| part.is_empty() || *part == "." || *part == "..";
    if !name.contains('\\') && !parts.iter().any(is_odd) {
        return;
    }
    let plain = plain(&parts).map(|name| format!("{name}@{reference}"));
    let finding =
        audit.report(remote.span, "the name of this action is written in a way that hides it");
    if let Some(plain) = plain.filter(|plain| plain != written) {
        finding.help(format!("write `{plain}`"));
        finding.fix("write the name plainly", vec![Edit::replace(remote.span, plain)]);
    }
}

/// The name without what changes nothing; `None` where it leads out of the repository.
fn plain(parts: &[&str]) -> Option<String> {
    let mut plain: Vec<&str> = Vec::new();
    for part in parts {
        match *part {
            "" | "." => {}
            ".." if plain.len() > 2 => _ = plain.pop(),
            ".." => return None,
            part => plain.push(part),
        }
    }
    Some(plain.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{check, check_fix};

    #[test]
    fn it_is_written_plainly() {
        check(
            &RULE,
            "
            steps:
              - uses: actions/cache/./save@v4
                #     ^^^^^^^^^^^^^^^^^^^^^^^
              - uses: actions/cache/save@v4
            ",
        );
        check_fix(
            &RULE,
            "steps:\n  - uses: actions/cache/save/..//restore@v4",
            "steps:\n  - uses: actions/cache/restore@v4",
        );
    }
}
