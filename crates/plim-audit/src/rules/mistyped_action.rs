//! Actions whose name is nearly that of a well-known one.

use std::sync::LazyLock;

use plim_diag::{Code, Severity};

use crate::remote::Remote;
use crate::{Audit, Hook, Rule, Tier, UseAt, known_actions};

pub(super) const RULE: Rule = Rule {
    code: Code("mistyped-action"),
    summary: "the name of an action is nearly that of a well-known one",
    why: "Anyone may register the name that comes of a slip of the pen, and wait for someone to make it. What they put there runs with the token of the job.",
    criterion: "An `owner/repository` that is not a well-known one and differs in one letter, or in two that are swapped, from a well-known one of at least ten letters (those of `crates/plim-audit/data/actions.txt`).",
    remedy: "Write the name that was meant.",
    example: "steps:\n  - uses: action/checkout@v4",
    better: "steps:\n  - uses: actions/checkout@v4",
    severity: Severity::Warning,
    tier: Tier::Default,
    hooks: &[Hook::Use(check)],
};

/// The repositories of known actions, in order.
static REPOSITORIES: LazyLock<Vec<&str>> = LazyLock::new(|| {
    let mut names: Vec<&str> =
        known_actions().into_iter().map(|action| repository(action.name)).collect();
    names.sort_unstable();
    names.dedup();
    names
});

fn check<'a>(audit: &mut Audit<'a>, used: &UseAt<'a>) {
    let Some(remote) = Remote::of_uses(used.uses, audit.source()) else { return };
    let name = remote.name();
    if matches!(used.action, crate::Used::Known(_)) || REPOSITORIES.binary_search(&&*name).is_ok() {
        return;
    }
    if let Some(meant) = REPOSITORIES.iter().find(|known| is_slip(&name, known)) {
        audit
            .report(remote.span, format!("this is nearly `{meant}`, and not the same"))
            .help(format!("write `{meant}`, if that is meant"));
    }
}

/// The first two parts of the name of an action.
fn repository(name: &str) -> &str {
    let second = name.match_indices('/').nth(1);
    second.map_or(name, |(at, _)| &name[..at])
}

/// Whether one letter more, less or other, or two swapped ones make one name of the other.
fn is_slip(written: &str, meant: &str) -> bool {
    let (longer, shorter) =
        if written.len() >= meant.len() { (written, meant) } else { (meant, written) };
    if longer.len() - shorter.len() > 1 || meant.len() < 10 {
        return false;
    }
    let (long, short) = (longer.as_bytes(), shorter.as_bytes());
    let same = long.iter().zip(short).take_while(|(a, b)| a == b).count();
    let (long, short) = (&long[same..], &short[same..]);
    if long.len() != short.len() {
        // Majors as in `setup-foo2` are other repositories on purpose.
        return long.get(1..) == Some(short) && !long[0].is_ascii_digit();
    }
    let swapped =
        long.len() > 1 && long[0] == short[1] && long[1] == short[0] && long[2..] == short[2..];
    swapped || (!long.is_empty() && long[1..] == short[1..] && !long[0].is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::check;

    #[test]
    fn one_letter_is_a_slip() {
        check(
            &RULE,
            "
            steps:
              - uses: actions/chekcout@v4
                #     ^^^^^^^^^^^^^^^^^^^ this is nearly `actions/checkout`, and not the same
              - uses: action/checkout@v4
                #     ^^^^^^^^^^^^^^^^^^
              - uses: actions/checkout@v4
              - uses: someone/checkout@v4
            ",
        );
    }

    #[test]
    fn two_letters_are_another_name() {
        assert!(is_slip("docker/login-actoin", "docker/login-action"));
        assert!(!is_slip("docker/logins-actions", "docker/login-action"));
        assert!(!is_slip("docker/login-action", "docker/login-action"));
    }
}
