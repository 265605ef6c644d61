//! Built-in actions: calls one as if it were the action itself.

use std::{cell::RefCell, collections::BTreeMap, sync::PoisonError, time::Instant};

use plim_expression::{Scope, Template};
use plim_host::{Command, Stream};
use plim_workflow::Condition;

use super::{
    console::Console,
    launch,
    state::{Change, Kept, State},
    step::{Part, Performed, Site},
    supervise::Ending,
    variables::Variables,
};
use crate::{
    builtin::{Answer, Builtin, Call, Changes, Failure, Invocation, Log},
    event::{Conclusion, Event, LineKind},
    mask::Line,
};

/// Runs one part of a built-in action.
pub(crate) fn run(
    site: &Site<'_>,
    builtin: &Builtin,
    reference: &str,
    inputs: &BTreeMap<String, String>,
    kept: &Kept,
    deadline: Option<Instant>,
    state: &mut State,
) -> Performed {
    let part = match site.part {
        Part::Pre => None,
        Part::Main => Some(builtin.main),
        Part::Post => builtin.post,
    };
    let Some(part) = part else { return Performed::failed() };
    if let (Some(why), Part::Main) = (builtin.left_out, site.part) {
        site.notice(&format!("left out here: {why}"));
    }
    let variables = launch::environment(site, state);
    let environment: BTreeMap<String, String> =
        variables.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    let github = site.github.to_json();
    let (mut outputs, mut changes) = (Vec::new(), Changes::default());
    let late = RefCell::new(Changes::default());
    let call = |call: &Call| call_program(site, call, &variables, deadline, state, &late);
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
        changes: &mut changes,
        toolbox: leg.world.planner.toolbox(),
        run: &call,
        matchers: &leg.matchers,
        stores: &leg.world.stores,
        cancelled: &|| leg.cancellation.is_requested(),
        bring_back: &|target| leg.places.bring_back(target),
    });
    let late = late.into_inner();
    for (name, value) in changes.environment.into_iter().chain(late.environment) {
        state.apply(Change::Environment(name, value));
    }
    for path in changes.paths.into_iter().chain(late.paths) {
        state.apply(Change::Path(path));
    }
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

/// Runs a program in the job's room with the environment of the step. What it asks for by commands of a shown log takes
/// effect with the changes of the step.
fn call_program(
    site: &Site<'_>,
    call: &Call,
    variables: &Variables,
    deadline: Option<Instant>,
    state: &State,
    late: &RefCell<Changes>,
) -> Result<Answer, Failure> {
    let mut environment = variables.clone();
    for (name, value) in &call.variables {
        environment.set(name, value.as_str());
    }
    let mut command = Command::new(&call.program, &call.directory);
    command.arguments = call.arguments.iter().map(Into::into).collect();
    command.environment =
        environment.iter().map(|(name, value)| (name.into(), value.into())).collect();
    if call.shown {
        site.log(LineKind::Command, &format!("[command]{}", shown(call)));
    }
    let mut text = String::new();
    let mut console = Console::new(site);
    let ending = launch::follow(site, &command, deadline, state, &mut |stream, line| {
        if let (Stream::Stdout, Line::Whole(line)) = (stream, &line) {
            text.push_str(line);
            text.push('\n');
        }
        if call.shown {
            console.take(stream, line);
        }
    });
    let asked = console.asked;
    let mut late = late.borrow_mut();
    late.environment.extend(asked.environment);
    late.paths.extend(asked.paths);
    match ending.map(|followed| followed.ending) {
        Ok(Ending::Exited(code)) => Ok(Answer { code, text }),
        Ok(Ending::Cancelled) => Err(Failure::new("the operation was cancelled")),
        Ok(Ending::TimedOut) => Err(Failure::new(format!("`{}` ran out of time", shown(call)))),
        Err(reason) => Err(Failure::new(format!("could not run `{}`: {reason}", shown(call)))),
    }
}

fn shown(call: &Call) -> String {
    let words = std::iter::once(&call.program).chain(&call.arguments);
    words.map(String::as_str).collect::<Vec<_>>().join(" ")
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
