//! Pins that say something else than the lock of the repository.

use plim_diag::{Code, Severity};
use plim_workflow::JobBody;

use crate::pins::{Lock, PinAt, Pinned};
use crate::{Audit, Hook, JobAt, Rule, Tier, UseAt};

pub(super) const RULE: Rule = Rule {
    code: Code("pin-contradicts-lock"),
    summary: "tag, commit and comment of a pin do not agree with `plimsoll.lock`",
    why: "The lock holds what each tag led to when somebody looked. A comment that names another version hides an old or a foreign commit from whoever reads it, and a commit that is not the one of its version may be code that nobody of the project has seen.",
    criterion: "A `uses` of another repository at a full commit that `plimsoll.lock` knows under a version that the comment does not agree with (`v4` agrees with `v4.2.2`), or whose comment names a tag that the lock knows with another commit. Without a lock nothing is reported.",
    remedy: "Run `plim pin --update` when the tag was followed on purpose; else write what the lock says, which `--fix --unsafe-fixes` does.",
    example: "",
    better: "",
    severity: Severity::Warning,
    tier: Tier::Default,
    hooks: &[Hook::Use(used), Hook::Job(job)],
};

fn used<'a>(audit: &mut Audit<'a>, used: &UseAt<'a>) {
    report(audit, PinAt::of_uses(used.uses, audit.source()));
}

fn job<'a>(audit: &mut Audit<'a>, job: JobAt<'a>) {
    if let JobBody::Call(call) = &job.job.body {
        report(audit, PinAt::of_call(call, audit.source()));
    }
}

fn report<'a>(audit: &mut Audit<'a>, pin: Option<PinAt<'a>>) {
    let Some(lock) = &audit.surroundings().settings().lock else { return };
    let Some(pin) = pin.filter(PinAt::is_commit) else { return };
    let Some(said) = pin.said() else { return };
    let Some((message, reference, pinned)) = contradiction(lock, &pin, said) else { return };
    let edits = pin.edits(pinned, reference);
    let finding = audit.report(pin.span, message);
    finding.help(
        "run `plim pin --update` if it was followed on purpose, else write what the lock says",
    );
    if let Some(edits) = edits {
        finding.unsafe_fix("write what the lock says", edits);
    }
}

/// What contradicts the lock, with what that says instead.
fn contradiction<'l>(
    lock: &'l Lock,
    pin: &PinAt<'_>,
    said: &str,
) -> Option<(String, &'l str, &'l Pinned)> {
    if let Some((reference, pinned)) = lock.origin(pin) {
        let name = pinned.name(reference);
        let message = format!("this commit is `{name}` in the lock, and `{said}` here");
        return (!pinned.is_called(said, reference)).then_some((message, reference, pinned));
    }
    let called = |(reference, pinned): &(&str, &Pinned)| {
        *reference == said || pinned.version.as_deref() == Some(said)
    };
    let (reference, pinned) = lock.references(&pin.repository).find(called)?;
    let commit = pinned.commit.get(..12).unwrap_or(&pinned.commit);
    Some((format!("`{said}` is another commit in the lock: {commit}"), reference, pinned))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Settings;
    use crate::testing::{check, check_fix_with, check_with, locked};

    const TEXT: &str = "
        steps:
          - uses: a/b@0123456789abcdef0123456789abcdef01234567 # v4.2.2
          - uses: a/b@0123456789abcdef0123456789abcdef01234567 # v4
          - uses: A/B/c@0123456789abcdef0123456789abcdef01234567
          - uses: a/b@v4
          - uses: a/b@1123456789abcdef0123456789abcdef01234567 # v5
        ";

    fn lock() -> Settings {
        let commit = "0123456789abcdef0123456789abcdef01234567";
        locked(&[("a/b", "v4", commit, Some("v4.2.2"))], &[])
    }

    #[test]
    fn what_agrees_or_is_not_known_is_not_reported() {
        check_with(&RULE, lock(), TEXT);
        check(&RULE, "steps:\n  - uses: a/b@0123456789abcdef0123456789abcdef01234567 # v9\n");
    }

    #[test]
    fn comment_and_commit_must_agree_with_the_lock() {
        check_with(
            &RULE,
            lock(),
            "
            steps:
              - uses: a/b@0123456789abcdef0123456789abcdef01234567 # v4.1.0
                #     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ this commit is `v4.2.2` in the lock, and `v4.1.0` here
              - uses: a/b@1123456789abcdef0123456789abcdef01234567 # v4.2.2
                #     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ `v4.2.2` is another commit in the lock: 0123456789ab
            ",
        );
    }

    #[test]
    fn what_the_lock_says_is_written() {
        check_fix_with(
            &RULE,
            lock(),
            "
            steps:
              - uses: a/b@0123456789abcdef0123456789abcdef01234567 # v4.1.0
              - uses: a/b@1123456789abcdef0123456789abcdef01234567 # v4.2.2
            ",
            "
            steps:
              - uses: a/b@0123456789abcdef0123456789abcdef01234567 # v4.2.2
              - uses: a/b@0123456789abcdef0123456789abcdef01234567 # v4.2.2
            ",
        );
    }
}
