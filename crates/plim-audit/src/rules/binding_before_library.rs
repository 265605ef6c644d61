//! Bindings that are published although the library they link to may not be.

use plim_diag::{Code, Severity};
use plim_workflow::Workflow;

use crate::deeds::{Act, Deed, JobDeeds, Registry};
use crate::{Audit, Hook, Rule, Tier};

pub(super) const RULE: Rule = Rule {
    code: Code("binding-before-library"),
    summary: "bindings are published beside, not after, the library they link to",
    why: "The bindings of a version go out while the library of that version is refused: users of one language have a version that the others do not, and a source package that is built later does not find its library. A version of npm or PyPI is spent.",
    criterion: "A job that publishes to npm or PyPI from a folder whose `Cargo.toml` depends on a crate of the same repository by `path`, and a job of the same workflow that publishes to crates.io, where the first does not wait for the second. The folder is that of the working directory, or of a `cd` in the script.",
    remedy: "Let the job of the bindings need that of the library.",
    example: "",
    better: "",
    severity: Severity::Warning,
    tier: Tier::Default,
    hooks: &[Hook::Workflow(workflow)],
};

fn workflow<'a>(audit: &mut Audit<'a>, _: &'a Workflow) {
    let (deeds, graph) = (audit.deeds(), audit.graph());
    let crates = |act: Act| act == Act::Publish(Registry::Crates);
    let Some(library) = deeds.jobs_that(crates).next() else { return };
    let Some((_, first)) = library.first(crates) else { return };
    for job in &deeds.jobs {
        let mut binds = job.deeds.iter().filter(|deed| is_of_bindings(deed.act));
        let Some(deed) = binds.next() else { continue };
        if job.id() == library.id() || graph.waits_for(job.id(), library.id()) {
            continue;
        }
        let Some(linked) = linked(audit, deed) else { continue };
        let Act::Publish(registry) = deed.act else { continue };
        report(audit, (job, deed, registry), (library, first), &linked);
    }
}

fn is_of_bindings(act: Act) -> bool {
    matches!(act, Act::Publish(Registry::Npm | Registry::PyPi))
}

fn report<'a>(
    audit: &mut Audit<'a>,
    (job, deed, registry): (&JobDeeds<'a>, &Deed<'a>, Registry),
    (library, first): (&JobDeeds<'a>, &Deed<'a>),
    linked: &str,
) {
    let message = format!(
        "the bindings go to {} without waiting for `{linked}`, which they link to",
        registry.name()
    );
    audit
        .report(deed.span, message)
        .related(first.span, format!("the job `{}` publishes the library here", library.id()))
        .note(format!("the edge `{}` → `{}` is missing", library.id(), job.id()))
        .help(format!("add `{}` to the `needs` of `{}`", library.id(), job.id()));
}

/// The crate of the repository that the manifest depends on beside which the deed publishes.
fn linked(audit: &Audit<'_>, deed: &Deed<'_>) -> Option<String> {
    let folder = folder(deed)?;
    let path =
        if folder.is_empty() { "Cargo.toml".to_owned() } else { format!("{folder}/Cargo.toml") };
    let manifest = audit.surroundings().text(&path).found()?;
    manifest.lines().find_map(|line| {
        let (name, value) = line.split_once('=')?;
        let target = value.split_once("path")?.1.split('"').nth(1)?;
        let climbs = target.split('/').filter(|part| *part == "..").count();
        let inside = climbs <= folder.split('/').filter(|part| !part.is_empty()).count();
        let plain = name.trim().bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b));
        (inside && plain && value.trim_start().starts_with('{')).then(|| name.trim().to_owned())
    })
}

/// The folder that the command publishes from.
fn folder(deed: &Deed<'_>) -> Option<String> {
    let command = deed.command.as_ref()?;
    let script = &command.script;
    let written = script.run.working_directory.as_ref();
    let base = match written.or(script.step.job?.job.defaults.working_directory.as_ref()) {
        Some(text) => {
            text.template.is_literal()?.trim_matches('/').trim_start_matches("./").to_owned()
        }
        None => String::new(),
    };
    let earlier = &command.script.reading().commands[..command.at];
    let moved = earlier.iter().rev().find_map(|earlier| match earlier.call() {
        [cd, to] if matches!(cd.text.as_str(), "cd" | "pushd") => Some(to),
        _ => None,
    });
    match moved {
        None => Some(base),
        Some(to) if to.literal && base.is_empty() => {
            Some(to.text.trim_matches('/').trim_start_matches("./").to_owned())
        }
        Some(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::check_in;

    const MANIFEST: &str = "[package]\nname = \"x-python\"\n\n[dependencies]\nx = { path = \"../..\" }\nserde = { version = \"1\" }\n";

    #[test]
    fn the_missing_edge_is_told() {
        check_in(
            &RULE,
            &[("bindings/python/Cargo.toml", MANIFEST), ("bindings/nodejs/Cargo.toml", MANIFEST)],
            "
            jobs:
              crates:
                runs-on: ubuntu-latest
                steps: [run: cargo publish -p x]
              pypi:
                runs-on: ubuntu-latest
                steps:
                  - run: |
                      cd bindings/python
                      maturin publish
              #       ^^^^^^^^^^^^^^^ the bindings go to PyPI without waiting for `x`, which they link to
              npm:
                needs: crates
                runs-on: ubuntu-latest
                steps: [{ run: npm publish, working-directory: bindings/nodejs }]
              other:
                runs-on: ubuntu-latest
                steps: [{ run: npm publish, working-directory: web }]
            ",
        );
    }
}
