//! `plim check`: finds defects in workflows and actions.

mod diff;
mod files;
mod mending;
mod repository;
mod survey;

use plim_audit::{Selection, rule};
use plim_diag::Severity;

use self::{files::Files, mending::Mending};
use super::explain;
use crate::{
    args::CheckArgs,
    exit::Exit,
    output::Output,
    refusal::Refusal,
    view::findings::{self, Survey},
    world::World,
};

/// Checks what the arguments name.
pub(super) fn run(
    arguments: &CheckArgs,
    world: &World,
    stdout: &mut Output,
) -> Result<Exit, Refusal> {
    let selection = selection(arguments)?;
    let files = match &arguments.stdin {
        Some(path) => Files::of_stdin(path, world)?,
        None => Files::find(&arguments.paths, world)?,
    };
    let mending = Mending::asked(arguments);
    let survey = survey::survey(files, &selection, arguments.forge.map(Into::into), mending);
    match arguments.diff {
        true => survey.diffs.iter().for_each(|diff| stdout.add(diff)),
        false => findings::show(&survey, arguments.format, world.stdout, stdout),
    }
    stdout.flush();
    Ok(verdict(&survey, arguments))
}

fn selection(arguments: &CheckArgs) -> Result<Selection, Refusal> {
    for code in arguments.select.iter().chain(&arguments.ignore) {
        if rule(code).is_none() {
            return Err(explain::unknown(code));
        }
    }
    Ok(Selection {
        tier: arguments.tier.into(),
        select: arguments.select.clone(),
        ignore: arguments.ignore.clone(),
    })
}

fn verdict(survey: &Survey, arguments: &CheckArgs) -> Exit {
    let bound = arguments.deny.map_or(Severity::Error, Into::into);
    let denied = survey.findings.iter().any(|finding| finding.diagnostic.severity >= bound);
    if denied { Exit::Failed } else { Exit::Passed }
}
