//! Built-in actions: calls one as if it were the action itself.

use std::{collections::BTreeMap, sync::PoisonError};

use plim_expression::{Scope, Template};
use plim_workflow::Condition;

use super::{
    launch,
    state::{Kept, State},
    step::{Part, Performed, Site},
};
use crate::{
    builtin::{Builtin, Invocation, Log},
    event::{Conclusion, Event, LineKind},
};

/// Runs one part of a built-in action.
pub(crate) fn run(
    site: &Site<'_>,
    builtin: &Builtin,
    reference: &str,
    inputs: &BTreeMap<String, String>,
    kept: &Kept,
    state: &mut State,
) -> Performed {
    let part = match site.part {
        Part::Pre => None,
        Part::Main => Some(builtin.main),
        Part::Post => builtin.post,
    };
    let Some(part) = part else { return Performed::failed() };
    let environment = launch::environment(site, state);
    let environment: BTreeMap<String, String> =
        environment.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    let github = site.github.to_json();
    let mut outputs = Vec::new();
    let mut words = Words(site);
    let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
    let leg = site.leg;
    let tool_cache = leg.world.tool_cache();
    let result = part(&mut Invocation {
        reference,
        inputs,
        workspace: &leg.places.workspace,
        home: &leg.places.home,
        temporary: &leg.places.temporary,
        tool_cache: &tool_cache,
        memory: &leg.places.memory,
        github: &github,
        job_status: state.status.as_str(),
        environment: &environment,
        log: &mut words,
        outputs: &mut outputs,
        state: &mut kept,
        stores: &leg.world.stores,
        cancelled: &|| leg.cancellation.is_requested(),
        bring_back: &|target| leg.places.bring_back(target),
    });
    let outcome = match result {
        Ok(()) => Conclusion::Success,
        Err(_) if leg.cancellation.is_requested() => Conclusion::Cancelled,
        Err(failure) => {
            site.error(&failure.message);
            if let Some(help) = &failure.help {
                site.log(LineKind::Text, &format!("help: {help}"));
            }
            Conclusion::Failure
        }
    };
    Performed { outcome, exit_code: None, outputs }
}

/// Fills in the real action's defaults.
pub(crate) fn fill_defaults(
    builtin: &Builtin,
    scope: &dyn Scope,
    inputs: &mut BTreeMap<String, String>,
) -> Result<(), String> {
    for input in builtin.inputs {
        let name = input.name.to_lowercase();
        if inputs.contains_key(&name) {
            continue;
        }
        let value = Template::parse(input.default)
            .map_err(|error| error.error.to_string())
            .and_then(|text| text.evaluate_text(scope).map_err(|error| error.to_string()))
            .map_err(|error| {
                format!("could not evaluate the default of `{}`: {error}", input.name)
            })?;
        inputs.insert(name, value.to_string());
    }
    Ok(())
}

/// A built-in's `post-if` as a step has it.
pub(crate) fn condition(text: &str) -> Option<Condition> {
    let condition = plim_expression::Condition::parse(text).ok()?;
    Some(Condition { condition, span: Default::default(), expressions: Vec::new() })
}

struct Words<'a>(&'a Site<'a>);

impl Log for Words<'_> {
    fn line(&mut self, text: &str) {
        self.0.log(LineKind::Text, text);
    }

    fn debug(&mut self, text: &str) {
        self.0.log(LineKind::Debug, text);
    }

    fn warning(&mut self, text: &str) {
        self.0.leg.warn(self.0.around.number, text);
    }

    fn error(&mut self, text: &str) {
        self.0.error(text);
    }

    fn group(&mut self, title: &str) {
        self.0.log(LineKind::Group, title);
    }

    fn end_group(&mut self) {
        self.0.log(LineKind::EndGroup, "");
    }

    fn stored(&mut self, name: &str, bytes: u64, digest: &str) {
        let leg = self.0.leg;
        leg.world.emit(Event::ArtifactStored {
            job: leg.key.clone(),
            name: leg.world.masker.mask(name).into(),
            bytes,
            digest: digest.to_owned(),
        });
    }
}
