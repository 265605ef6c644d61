//! Images at a tag, which can be pushed again.

use plim_diag::{Code, Severity, Span};
use plim_workflow::ActionReference;

use super::image_without_version::{images, tag};
use crate::{Audit, Hook, JobAt, Rule, Tier, UseAt};

pub(super) const RULE: Rule = Rule {
    code: Code("unpinned-image"),
    summary: "a job runs in an image at a tag, which can be pushed again",
    why: "A tag is another image whenever its author pushes it again. A digest stays what it is.",
    criterion: "The image of a `container`, a service or a `docker://` action that is written out, has a tag other than `latest`, and no digest.",
    remedy: "Write the digest behind the tag.",
    example: "jobs:\n  test:\n    runs-on: ubuntu-latest\n    container: node:22\n    steps:\n      - run: npm test",
    better: "jobs:\n  test:\n    runs-on: ubuntu-latest\n    container: node:22@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\n    steps:\n      - run: npm test",
    severity: Severity::Warning,
    tier: Tier::Pedantic,
    hooks: &[Hook::Job(job), Hook::Use(used)],
};

fn job<'a>(audit: &mut Audit<'a>, job: JobAt<'a>) {
    for (image, span) in images(job) {
        report(audit, image, span);
    }
}

fn used<'a>(audit: &mut Audit<'a>, used: &UseAt<'a>) {
    if let ActionReference::Docker(image) = &used.uses.action.value {
        report(audit, image, used.uses.action.span);
    }
}

fn report(audit: &mut Audit<'_>, image: &str, span: Span) {
    if !image.contains('@') && tag(image).is_some_and(|tag| tag != "latest") {
        audit
            .report(span, "this tag can be pushed again")
            .help("write the digest behind it, as in `node:22@sha256:…`");
    }
}
