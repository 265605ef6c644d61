//! Images at a tag, which can be pushed again.

use plim_diag::{Code, Severity, Span};
use plim_workflow::ActionReference;

use crate::images::{every_image, tag};
use crate::pins::ImageAt;
use crate::{Audit, Hook, JobAt, Rule, Tier, UseAt};

pub(super) const RULE: Rule = Rule {
    code: Code("unpinned-image"),
    summary: "a job runs in an image at a tag, which can be pushed again",
    why: "A tag is another image whenever its author pushes it again. A digest stays what it is.",
    criterion: "The image of a `container`, a service or a `docker://` action that is written out, there or in a matrix, has a tag other than `latest`, and no digest.",
    remedy: "Write the digest behind the tag.",
    example: "jobs:\n  test:\n    runs-on: ubuntu-latest\n    container: node:22\n    steps:\n      - run: npm test",
    better: "jobs:\n  test:\n    runs-on: ubuntu-latest\n    container: node:22@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\n    steps:\n      - run: npm test",
    severity: Severity::Warning,
    tier: Tier::Pedantic,
    hooks: &[Hook::Job(job), Hook::Use(used)],
};

fn job<'a>(audit: &mut Audit<'a>, job: JobAt<'a>) {
    for (image, span) in every_image(job) {
        report(audit, image, span);
    }
}

fn used<'a>(audit: &mut Audit<'a>, used: &UseAt<'a>) {
    if let ActionReference::Docker(image) = &used.uses.action.value {
        report(audit, image, used.uses.action.span);
    }
}

fn report(audit: &mut Audit<'_>, image: &str, span: Span) {
    if image.contains('@') || tag(image).is_none_or(|tag| tag == "latest") {
        return;
    }
    let lock = audit.surroundings().settings().lock.clone();
    let digest = lock.as_ref().and_then(|lock| lock.images.get(image));
    let written = ImageAt::new(image, span, audit.source());
    let edit = written.zip(digest).map(|(written, digest)| written.edit(digest));
    let finding = audit.report(span, "this tag can be pushed again");
    finding.help("write the digest behind it, as in `node:22@sha256:…`");
    if let Some(edit) = edit {
        finding.fix("write the digest of the lock", vec![edit]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{check_fix_with, locked};

    #[test]
    fn the_digest_of_the_lock_is_written_behind_the_tag() {
        check_fix_with(
            &RULE,
            locked(&[], &[("node:22", "sha256:0123")]),
            "jobs:\n  a:\n    runs-on: b\n    container: node:22 # why\n    steps:\n      - uses: docker://alpine:3\n",
            "jobs:\n  a:\n    runs-on: b\n    container: node:22@sha256:0123 # why\n    steps:\n      - uses: docker://alpine:3\n",
        );
    }
}
