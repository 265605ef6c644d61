//! Tells what a job would leave on its forge beside its result: the address of its environment, an image of its machine.

use plim_expression::Scope;
use plim_workflow::{Environment, Job, JobBody, Machine, Snapshot};

use super::leg::Leg;
use crate::event::Level;

/// Tells it of a job whose steps are over.
///
/// Errors: an expression could not be evaluated, which fails the job as in the runner's `JobExtension`.
pub(super) fn tell(leg: &Leg, job: &Job, scope: &dyn Scope) -> Result<(), String> {
    if let Some(environment) = &job.environment {
        address(leg, environment, scope)?;
    }
    match &job.body {
        JobBody::Steps(Machine { snapshot: Some(snapshot), .. }) => image(leg, snapshot, scope),
        _ => Ok(()),
    }
}

fn address(leg: &Leg, environment: &Environment, scope: &dyn Scope) -> Result<(), String> {
    let failed = |error| format!("could not evaluate the address of its environment: {error}");
    let Some(name) = environment.evaluate_name(scope).map_err(failed)? else { return Ok(()) };
    let Some(url) = environment.evaluate_url(scope).map_err(failed)? else { return Ok(()) };
    let (level, text) = match leg.world.masker.finds_secret(&url) {
        true => {
            let text = format!("left out the address of `{name}` because it may hold a secret");
            (Level::Warning, text)
        }
        false => (Level::Notice, format!("environment `{name}`: {url}")),
    };
    leg.world.notice(Some(&leg.key), level, &text);
    Ok(())
}

fn image(leg: &Leg, snapshot: &Snapshot, scope: &dyn Scope) -> Result<(), String> {
    let failed = |error| format!("could not evaluate `snapshot`: {error}");
    let wanted = snapshot.condition.as_ref().map_or(Ok(true), |wanted| wanted.evaluate(scope));
    if !wanted.map_err(|error| format!("could not evaluate `if` of `snapshot`: {error}"))? {
        return Ok(());
    }
    let name = snapshot.image_name.evaluate_text(scope).map_err(failed)?;
    let text = format!("`snapshot` is left out: no image `{name}` is made of this machine");
    leg.world.notice(Some(&leg.key), Level::Warning, &text);
    Ok(())
}
