//! Plans the call of a reusable workflow, of this repository or of another one that the store has.
//!
//! That the call can be made at all (the file is there, declares what it is given, and does not lead back) was checked
//! for the whole workflow before; here its inputs get their values.

use std::sync::Arc;

use plim_diag::{Code, Diagnostic};
use plim_expression::{Object, Value};
use plim_workflow::{Asked, Call, Job, Trigger, Workflow, WorkflowReference};

use super::PlannedLeg;
use super::build::Frame;
use super::stored::Home;
use crate::actions::ActionName;
use crate::event::Cause;
use crate::known::Known;
use crate::occasion::default;
use crate::publish;

/// Workflows that call workflows, as deep as GitHub goes.
const DEEPEST: usize = 10;

/// The inputs of a called workflow, and those whose value is not known yet.
type Inputs = (Object, Vec<Arc<str>>);

/// A workflow that is called.
struct Target {
    workflow: Arc<Workflow>,
    name: Arc<str>,
    /// The repository that it is from, when that is another one.
    home: Option<Arc<Home>>,
}

impl Frame<'_> {
    /// Plans what a leg calls; a call that cannot be made blocks the leg.
    pub(super) fn call(
        &self,
        job: &Job,
        call: &Call,
        leg: &mut PlannedLeg,
        known: &Known<'_>,
        diagnostics: &mut Vec<Diagnostic>,
    ) {
        if call.local_path().is_none()
            && let Some(cause) = self.publishes(job, call, leg, known)
        {
            leg.blocked = Some(cause);
            return;
        }
        let found = self.target(call).and_then(|target| match target {
            Some(target) => self.frame(job, call, target, leg, known).map(Some),
            None => Ok(None),
        });
        match found {
            Ok(Some(frame)) => leg.call = Some(Arc::new(frame.plan(diagnostics))),
            Ok(None) => leg.blocked = Some(Cause::Action { uses: call.uses.value.to_string() }),
            Err(reason) => {
                let message = format!("`{}` cannot be called: {reason}", call.uses.value);
                let diagnostic = Diagnostic::error(Code("invalid-call"), message)
                    .at(Arc::clone(&self.workflow.path), call.uses.span);
                if !diagnostics.contains(&diagnostic) {
                    diagnostics.push(diagnostic);
                }
                leg.blocked = Some(Cause::Unreadable { reason });
            }
        }
    }

    /// The workflow that a call names; `None` when it is in another repository, and that not in the store.
    fn target(&self, call: &Call) -> Result<Option<Target>, String> {
        let uses = &call.uses.value;
        if let (Some(path), None) = (call.local_path(), &self.home) {
            let file = self.planner.files.iter().find(|file| *file.path == *path);
            let file = file.ok_or_else(|| format!("there is no `{path}`"))?;
            let workflow = Arc::clone(&file.workflow);
            return Ok(Some(Target { workflow, name: file.name(), home: None }));
        }
        let (home, path) = match WorkflowReference::parse(uses, self.workflow.forge) {
            Ok(WorkflowReference::Local { path }) => (self.home.clone(), path),
            Ok(reference @ WorkflowReference::Remote { .. }) => {
                let WorkflowReference::Remote { path, .. } = &reference else { return Ok(None) };
                let name = ActionName::of_workflow(&reference);
                let name = name.ok_or_else(|| format!("`{uses}` names no repository"))?;
                (self.planner.stored_home(&name)?, Arc::clone(path))
            }
            Err(error) => return Err(error.to_string()),
        };
        let Some(home) = home else { return Ok(None) };
        let workflow = self.planner.stored_workflow(&home, &path)?;
        let name = workflow.name.as_ref().and_then(|name| name.template.is_literal());
        let name = name.map_or_else(|| Arc::clone(&workflow.path), Arc::from);
        Ok(Some(Target { workflow, name, home: Some(home) }))
    }

    /// A workflow of another repository that publishes is withheld, wherever it is.
    fn publishes(
        &self,
        job: &Job,
        call: &Call,
        leg: &PlannedLeg,
        known: &Known<'_>,
    ) -> Option<Cause> {
        let uses = call.uses.value.to_string();
        let name = uses.split('@').next().unwrap_or(&uses);
        let input = |wanted: &str| {
            let given =
                call.with.iter().find(|(name, _)| name.value.eq_ignore_ascii_case(wanted))?;
            Some(known.token(&given.1).map(|value| value.to_text().to_string()))
        };
        let may_publish = self.planner.may_publish(&job.id.value, &leg.key.0);
        let withheld = !may_publish && publish::action(name, &input);
        withheld.then(|| Cause::Publishes { what: format!("`{uses}`") })
    }

    fn frame<'f>(
        &'f self,
        job: &Job,
        call: &Call,
        target: Target,
        leg: &PlannedLeg,
        known: &Known<'_>,
    ) -> Result<Frame<'f>, String> {
        if self.callers.len() >= DEEPEST || !self.planner.count_call() {
            return Err("its calls come to no end".to_owned());
        }
        let given = call.with.iter().map(|(name, t)| (Arc::clone(&name.value), known.token(t)));
        let given: Vec<_> = given.collect();
        let (inputs, open_inputs) = inputs(called_by(&target.workflow)?, &given, known)?;
        let mut callers = self.callers.clone();
        callers.push(Arc::clone(&self.workflow.path));
        Ok(Frame {
            planner: self.planner,
            workflow: target.workflow,
            name: target.name,
            occasion: Arc::clone(&self.occasion),
            github: self.github.clone(),
            inputs: inputs.into(),
            open_inputs,
            callers,
            home: target.home,
            prefix: format!("{}/", leg.key.0),
            title: format!("{} / ", leg.name),
            selection: self.selection.within(&job.id.value),
        })
    }

    /// The same with inputs that are all known.
    ///
    /// Errors: one is missing or wrong.
    pub(super) fn with_inputs(mut self, given: &Object) -> Result<Self, String> {
        let workflow = Arc::clone(&self.workflow);
        let given: Vec<_> =
            given.iter().map(|(name, value)| (Arc::clone(name), Some(value.clone()))).collect();
        let scope = Object::new();
        let known = Known { scope: &scope, open_inputs: &[], variables: &[], all_goes_well: false };
        let (inputs, open) = inputs(called_by(&workflow)?, &given, &known)?;
        (self.inputs, self.open_inputs) = (inputs.into(), open);
        Ok(self)
    }
}

fn inputs(
    trigger: &Trigger,
    given: &[(Arc<str>, Option<Value>)],
    known: &Known<'_>,
) -> Result<Inputs, String> {
    let (mut inputs, mut open) = (Object::new(), Vec::new());
    for input in &trigger.inputs {
        let name = &input.name.value;
        let value = match given.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)) {
            Some((_, None)) => {
                open.push(Arc::clone(name));
                continue;
            }
            Some((_, Some(value))) => Some(value),
            None => None,
        };
        // A default may read `github` and `vars` of the caller.
        let default = default(input, known.scope).map_err(|error| error.to_string())?;
        let value = input.accept(Asked::ByWorkflow, value, default.as_ref());
        inputs.insert(Arc::clone(name), value.map_err(|error| error.to_string())?);
    }
    Ok((inputs, open))
}

fn called_by(workflow: &Workflow) -> Result<&Trigger, String> {
    let trigger = workflow.triggers.iter().find(|t| &*t.event.value == "workflow_call");
    trigger.ok_or_else(|| "it is not started by `workflow_call`".to_owned())
}
