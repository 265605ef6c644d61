//! JavaScript actions: `pre`, `main` and `post`, run by the `node` of the machine.

use std::{collections::BTreeMap, time::Instant};

use plim_workflow::ActionBody;

use super::{
    launch::{self, Launch},
    state::{Kept, State},
    step::{Part, Performed, Site},
    uses::Files,
};

/// What is meant for another Node.js than the one that runs the action, as the runner's `NodeScriptActionHandler` has it.
const UNFIT: &[&str] = &["NODE_ICU_DATA"];

/// Runs one part of a JavaScript action. Its exit code is the only verdict.
pub(crate) fn run(
    site: &Site<'_>,
    files: &Files,
    inputs: &BTreeMap<String, String>,
    kept: &Kept,
    deadline: Option<Instant>,
    state: &mut State,
) -> Performed {
    let ActionBody::JavaScript(action) = &files.action.body else { return Performed::failed() };
    let script = match site.part {
        Part::Pre => action.pre.as_deref(),
        Part::Main => Some(&*action.main),
        Part::Post => action.post.as_deref(),
    };
    let Some(script) = script else { return Performed::failed() };
    let node = match site.leg.world.planner.toolbox().node(&action.using.value) {
        Ok(node) => node,
        Err(missing) => {
            let using = &action.using.value;
            site.error(&format!("cannot run an action that uses `{using}`: {missing}"));
            return Performed::failed();
        }
    };
    let file = files.directory.join(script);
    if !file.is_file() {
        site.error(&format!("the action's script `{}` does not exist", file.display()));
        return Performed::failed();
    }
    let launch = Launch {
        program: node,
        arguments: vec![file.into()],
        variables: variables(files, inputs, kept),
        without: UNFIT,
        directory: site.leg.places.workspace.clone(),
    };
    launch::run(site, launch, deadline, Some(kept), state)
}

/// `INPUT_*` and `STATE_*`, and which repository the action is from. Of an input's name only blanks become `_`, as in
/// the runner's `Handler`.
fn variables(
    files: &Files,
    inputs: &BTreeMap<String, String>,
    kept: &Kept,
) -> Vec<(String, String)> {
    let own = [
        ("GITHUB_ACTION_REPOSITORY".to_owned(), files.repository.clone()),
        ("GITHUB_ACTION_REF".to_owned(), files.reference.clone()),
    ];
    let inputs = inputs.iter().map(|(name, value)| {
        (format!("INPUT_{}", name.to_uppercase().replace(' ', "_")), value.clone())
    });
    let kept = kept.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    let states = kept.iter().map(|(name, value)| (format!("STATE_{name}"), value.clone()));
    own.into_iter().chain(inputs).chain(states).collect()
}
