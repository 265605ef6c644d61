//! Files of a release that are replaced under their names.

use plim_diag::{Code, Severity};
use plim_workflow::Workflow;

use crate::deeds::Act;
use crate::{Audit, Hook, Rule, Tier};

pub(super) const RULE: Rule = Rule {
    code: Code("release-clobbers-files"),
    summary: "files of a release are replaced by others of the same name",
    why: "Whoever downloaded the file, or wrote down its hash, has another one than the release now shows. A second run that builds from another commit, or with another compiler, goes unnoticed.",
    criterion: "`gh release upload` with `--clobber`, unless the tag is one that moves (`latest`, `nightly` and their like).",
    remedy: "Leave `--clobber` out, so that a second upload fails; repeat a failed upload only for the files that are missing.",
    example: "steps:\n  - run: gh release upload \"$TAG\" dist/* --clobber",
    better: "steps:\n  - run: gh release upload \"$TAG\" dist/*",
    severity: Severity::Warning,
    tier: Tier::Default,
    hooks: &[Hook::Workflow(workflow)],
};

fn workflow<'a>(audit: &mut Audit<'a>, _: &'a Workflow) {
    const MOVING: [&str; 6] = ["latest", "nightly", "edge", "canary", "preview", "dev"];
    let deeds = audit.deeds();
    for deed in deeds.jobs.iter().flat_map(|job| &job.deeds).filter(|deed| deed.act == Act::Upload)
    {
        let Some(command) = &deed.command else { continue };
        let words = command.command().call();
        let clobbers = words.iter().any(|word| word.text == "--clobber");
        let moving = words.iter().any(|word| {
            let name = word.text.to_ascii_lowercase();
            MOVING.iter().any(|part| name.contains(part))
        });
        if clobbers && !moving {
            audit
                .report(command.span(), "files of the release are replaced under their names")
                .help("leave `--clobber` out, so that a second upload fails");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::check;

    #[test]
    fn a_release_that_moves_may() {
        check(&RULE, "steps:\n  - run: gh release upload nightly x --clobber\n");
    }
}
