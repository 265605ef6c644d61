//! Files of a release without hashes or signatures.

use plim_diag::{Code, Severity};
use plim_workflow::Workflow;

use crate::deeds::{Act, Registry};
use crate::{Audit, Hook, Rule, Tier};

pub(super) const RULE: Rule = Rule {
    code: Code("release-without-checksum"),
    summary: "files of a release have no checksum, signature or attestation",
    why: "Whoever downloads a file cannot tell whether it is the one that was built: not after a broken download, not from a mirror, and not when someone replaced it.",
    criterion: "A workflow that adds files to a release, and in which nothing writes checksums, signs or attests, or speaks of it.",
    remedy: "Write a `SHA256SUMS` beside the files, and attest them with `actions/attest-build-provenance`.",
    example: "steps:\n  - run: gh release create v1 dist/tool.tar.gz",
    better: "steps:\n  - run: cd dist && sha256sum tool.tar.gz > SHA256SUMS\n  - run: gh release create v1 dist/tool.tar.gz dist/SHA256SUMS",
    severity: Severity::Warning,
    tier: Tier::Pedantic,
    hooks: &[Hook::Workflow(workflow)],
};

fn workflow<'a>(audit: &mut Audit<'a>, _: &'a Workflow) {
    const WORDS: [&str; 8] =
        ["sha256", "sha512", "checksum", "cosign", "attest", "provenance", "gpg", "minisign"];
    let source = audit.source().to_ascii_lowercase();
    if audit.subject().partly_read() || WORDS.iter().any(|word| source.contains(word)) {
        return;
    }
    let deeds = audit.deeds();
    let proves = |act| {
        matches!(act, Act::Checksum | Act::Sign | Act::Attest | Act::Publish(Registry::Downstream))
    };
    if deeds.jobs_that(proves).next().is_some() {
        return;
    }
    let adds = |act| matches!(act, Act::Upload | Act::Release | Act::Draft);
    let found =
        deeds.jobs_that(adds).filter_map(|job| job.first(adds)).find(|(_, deed)| has_files(deed));
    if let Some((_, deed)) = found {
        audit
            .report(
                deed.span,
                "the files of the release have no checksum, signature or attestation",
            )
            .help("write a `SHA256SUMS` beside them, and attest them");
    }
}

fn has_files(deed: &crate::deeds::Deed<'_>) -> bool {
    use plim_workflow::StepBody;
    match (&deed.command, deed.step.map(|step| &step.step.body)) {
        (Some(command), _) => {
            let words: Vec<&str> =
                command.command().call().iter().map(|word| word.text.as_str()).collect();
            names_files(&words)
        }
        (None, Some(StepBody::Uses(uses))) => uses.with.written().iter().any(|(key, _)| {
            matches!(&*key.value, "files" | "artifacts" | "file" | "archive" | "bin")
        }),
        _ => false,
    }
}

/// Whether more stands behind `gh release create` than a tag and options.
fn names_files(words: &[&str]) -> bool {
    const WITH_VALUE: [&str; 11] = [
        "-t",
        "--title",
        "-n",
        "--notes",
        "-F",
        "--notes-file",
        "-R",
        "--repo",
        "--target",
        "--discussion-category",
        "--notes-start-tag",
    ];
    let mut plain = 0;
    let mut words = words.iter();
    while let Some(word) = words.next() {
        if WITH_VALUE.contains(word) {
            words.next();
        } else if !word.starts_with('-') {
            plain += 1;
        }
    }
    plain > 4
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::check;

    #[test]
    fn a_release_without_files_needs_no_checksum() {
        check(
            &RULE,
            "steps:\n  - run: gh release create \"$TAG\" --title \"$TITLE\" -F notes.md\n",
        );
        check(
            &RULE,
            "
            steps:
              - run: gh release create \"$TAG\" -t \"$TITLE\" dist/tool
                #    ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ the files of the release have no…
            ",
        );
    }
}
