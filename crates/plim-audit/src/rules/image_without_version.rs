//! Images without a version.

use plim_diag::{Code, Severity, Span};
use plim_workflow::ActionReference;

use crate::images::{every_image, tag};
use crate::{Audit, Hook, JobAt, Rule, Tier, UseAt};

pub(super) const RULE: Rule = Rule {
    code: Code("image-without-version"),
    summary: "a job runs in whatever image is the newest",
    why: "An image without a tag, or with `latest`, is another one with each push of its author: a run cannot be repeated, and whoever can push it runs code in the job.",
    criterion: "The image of a `container`, a service or a `docker://` action that is written out, there or in a matrix, and has no tag and no digest, or the tag `latest`.",
    remedy: "Name a version, better with its digest.",
    example: "jobs:\n  test:\n    runs-on: ubuntu-latest\n    container: node:latest\n    steps:\n      - run: npm test",
    better: "jobs:\n  test:\n    runs-on: ubuntu-latest\n    container: node:22\n    steps:\n      - run: npm test",
    severity: Severity::Warning,
    tier: Tier::Default,
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
    let tag = tag(image);
    if !image.is_empty() && !image.contains('@') && tag.is_none_or(|tag| tag == "latest") {
        audit
            .report(span, "this is whatever image is the newest")
            .help("name a version, as in `node:22`, better with its digest");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::check;

    #[test]
    fn containers_services_and_actions() {
        check(
            &RULE,
            "
            jobs:
              a:
                runs-on: b
                container: { image: 'localhost:5000/node' }
                #                   ^^^^^^^^^^^^^^^^^^^^^ this is whatever image is the newest
                services:
                  db: { image: postgres:17 }
                  cache: { image: '${{ matrix.cache }}' }
                steps:
                  - uses: docker://alpine:latest
                    #     ^^^^^^^^^^^^^^^^^^^^^^
                  - uses: docker://alpine@sha256:0123
              c:
                runs-on: b
                strategy:
                  matrix:
                    image: [debian, 'fedora:41']
                    #       ^^^^^^
                container: ${{ matrix.image }}
                steps: [run: make]
            ",
        );
    }
}
