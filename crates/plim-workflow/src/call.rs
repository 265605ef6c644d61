//! Calls of reusable workflows nest so deep, and hand over what the called workflow declares.
//!
//! The checks are those of the runner's `ReusableWorkflowsLoader.cs` and `WorkflowTemplateConverter.cs`.

use std::collections::HashSet;
use std::sync::Arc;

use plim_diag::{Code, Diagnostic, Span};

use crate::read::weight_of_text;
use crate::{
    Call, CallSecrets, DefaultAccess, Excess, Input, InputKind, Job, JobBody, Name, Permissions,
    TokenKind, Trigger, Workflow, WorkflowReference,
};

/// What is behind a reference.
#[derive(Clone, Debug)]
pub enum Called {
    /// This workflow.
    Workflow(Arc<Workflow>),
    /// Nothing: there is no such file.
    Absent,
    /// It cannot be told here; nothing is said about it.
    Unknown,
}

/// How far calls may go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CallLimits {
    /// The most workflows that call one another, the first caller not counted.
    pub levels: usize,
    /// The most different workflows that are called.
    pub workflows: usize,
    /// The most jobs of all workflows together, those that call included; none that GitHub tells of.
    pub jobs: Option<usize>,
    /// The most bytes of GitHub's own objects for all workflows together, each counted as often as it is called.
    pub bytes: u64,
    /// What the token may do where no file says it.
    pub default_access: DefaultAccess,
}

/// GitHub's limits. No file says what a repository lets the token do by default, so nothing is refused for that.
impl Default for CallLimits {
    fn default() -> Self {
        Self {
            levels: 10,
            workflows: 50,
            jobs: None,
            bytes: 10 * 1024 * 1024,
            default_access: DefaultAccess::Permissive,
        }
    }
}

/// Checks every workflow that `root` calls, and what those call in turn.
///
/// `load` gives what a reference of a workflow names; it is asked once for each call.
#[must_use]
pub fn check_calls(
    root: &Workflow,
    limits: &CallLimits,
    load: &mut dyn FnMut(&WorkflowReference, &Workflow) -> Called,
) -> Vec<Diagnostic> {
    let mut check = Check {
        limits,
        load,
        seen: HashSet::new(),
        calls: 0,
        exhausted: false,
        jobs: 0,
        bytes: weight_of_text(&root.path) + root.weight,
        overweight: false,
        diagnostics: Vec::new(),
    };
    check.weigh(root, Span::empty_at(0), &root.path);
    check.workflow(root, root.permissions.as_ref(), &mut Vec::new());
    check.diagnostics
}

struct Check<'c> {
    limits: &'c CallLimits,
    load: &'c mut dyn FnMut(&WorkflowReference, &Workflow) -> Called,
    seen: HashSet<Arc<str>>,
    calls: usize,
    exhausted: bool,
    jobs: usize,
    bytes: u64,
    overweight: bool,
    diagnostics: Vec<Diagnostic>,
}

/// A few files that call one another often enough make more calls than anyone could run.
const MOST_CALLS: usize = 1_000;

impl Check<'_> {
    /// `granted` is what a job of `workflow` may do that does not say it itself.
    fn workflow(
        &mut self,
        workflow: &Workflow,
        granted: Option<&Permissions>,
        chain: &mut Vec<Arc<str>>,
    ) {
        for job in &workflow.jobs {
            self.count(workflow, job);
            if let JobBody::Call(call) = &job.body {
                let granted = job.permissions.as_ref().or(granted);
                self.call(workflow, job, call, granted, chain);
            }
        }
    }

    fn call(
        &mut self,
        caller: &Workflow,
        job: &Job,
        call: &Call,
        granted: Option<&Permissions>,
        chain: &mut Vec<Arc<str>>,
    ) {
        let Some(called) = self.called(caller, call, chain) else { return };
        self.bytes += called.weight;
        self.weigh(caller, call.uses.span, &called.path);
        self.contract(caller, call, &called);
        let granted = self.permissions(caller, job, &called, granted);
        chain.push(Arc::clone(&called.path));
        self.workflow(&called, granted.as_ref(), chain);
        chain.pop();
    }

    /// The called workflow, unless it cannot or must not be looked into.
    fn called(
        &mut self,
        caller: &Workflow,
        call: &Call,
        chain: &[Arc<str>],
    ) -> Option<Arc<Workflow>> {
        // A reference that does not read has been reported by the reader.
        let reference = WorkflowReference::parse(&call.uses.value, caller.forge).ok()?;
        if !self.may_go_on(caller, call, chain.len()) {
            return None;
        }
        let (code, message, help) = match (self.load)(&reference, caller) {
            Called::Unknown => return None,
            Called::Absent => {
                let message = format!("there is no workflow `{reference}`");
                ("unknown-workflow", message, "name a file that exists")
            }
            Called::Workflow(called)
                if called.path == caller.path || chain.contains(&called.path) =>
            {
                let message = format!("`{}` calls itself, here or through others", called.path);
                ("calls-in-a-circle", message, "remove this call")
            }
            Called::Workflow(called) => {
                if self.seen.insert(Arc::clone(&called.path)) {
                    self.bytes += weight_of_text(&called.path);
                }
                if self.seen.len() <= self.limits.workflows {
                    return Some(called);
                }
                let most = self.limits.workflows;
                return self.too_many(
                    caller,
                    call,
                    format!("more than {most} workflows are called"),
                );
            }
        };
        self.error(caller, call.uses.span, code, message, help);
        None
    }

    /// Whether one more call, `depth` calls deep, is within the limits; says so when it is not.
    fn may_go_on(&mut self, caller: &Workflow, call: &Call, depth: usize) -> bool {
        self.calls += 1;
        let levels = self.limits.levels;
        if depth >= levels {
            let message = format!("calls nest deeper than {levels} levels");
            let help = "call fewer workflows from one another";
            self.error(caller, call.uses.span, "calls-too-deep", message, help);
            return false;
        }
        if self.calls > MOST_CALLS {
            let message = format!("more than {MOST_CALLS} calls are made");
            self.too_many(caller, call, message);
        }
        self.calls <= MOST_CALLS
    }

    /// Says at the first job beyond the limit that it is one too many.
    fn count(&mut self, workflow: &Workflow, job: &Job) {
        self.jobs += 1;
        let Some(most) = self.limits.jobs.filter(|most| self.jobs == most + 1) else { return };
        let message =
            format!("there are more than {most} jobs, those of called workflows included");
        let help = "split the workflow, or call fewer others";
        self.error(workflow, job.id.span, "too-many-jobs", message, help);
    }

    /// Says once that what was read so far weighs too much, and which file made it so.
    fn weigh(&mut self, workflow: &Workflow, span: Span, heaviest: &str) {
        if self.bytes <= self.limits.bytes || std::mem::replace(&mut self.overweight, true) {
            return;
        }
        let message = format!(
            "with `{heaviest}` the workflow weighs more than the {} bytes that GitHub's parser allows",
            self.limits.bytes
        );
        let help = "call fewer workflows, or shorten them; each counts as often as it is called";
        self.error(workflow, span, "workflow-too-large", message, help);
    }

    /// Says so, the first time.
    fn too_many(
        &mut self,
        caller: &Workflow,
        call: &Call,
        message: String,
    ) -> Option<Arc<Workflow>> {
        if !std::mem::replace(&mut self.exhausted, true) {
            self.error(caller, call.uses.span, "too-many-calls", message, "call fewer workflows");
        }
        None
    }

    /// Holds inputs and secrets against what the called workflow declares.
    fn contract(&mut self, caller: &Workflow, call: &Call, called: &Workflow) {
        let Some(trigger) = called.trigger("workflow_call") else {
            if !called.partly_read {
                let message = format!("`{}` cannot be called", called.path);
                let help = "add `workflow_call` under its `on`";
                self.error(caller, call.uses.span, "not-callable", message, help);
            }
            return;
        };
        self.inputs(caller, call, trigger);
        self.secrets(caller, call, trigger);
    }

    fn inputs(&mut self, caller: &Workflow, call: &Call, trigger: &Trigger) {
        for input in &trigger.inputs {
            let given = call.with.iter().find(|(name, _)| same(name, &input.name));
            match given {
                Some((_, value)) if !could_be(&value.kind, &input.kind) => {
                    let message =
                        format!("the input `{}` takes a {}", input.name.value, input.kind.name());
                    let help =
                        format!("give it a {}, or an expression that is one", input.kind.name());
                    self.error(caller, value.span, "invalid-input", message, help);
                }
                None if input.required && input.default.is_none() => {
                    self.missing(caller, call, input)
                }
                _ => {}
            }
        }
        for (name, value) in &call.with {
            if !trigger.inputs.iter().any(|input| same(&input.name, name)) {
                let known = trigger.inputs.iter().map(|input| &*input.name.value);
                self.undeclared(caller, value.span, "input", name, known);
            }
        }
    }

    fn missing(&mut self, caller: &Workflow, call: &Call, input: &Input) {
        let message = format!("the input `{}` is required, and not given", input.name.value);
        let help = format!("give it under `with`: `{}: …`", input.name.value);
        self.error(caller, call.uses.span, "missing-input", message, help);
    }

    fn secrets(&mut self, caller: &Workflow, call: &Call, trigger: &Trigger) {
        let given: &[(Name, _)] = match &call.secrets {
            CallSecrets::Inherit => return,
            CallSecrets::None => &[],
            CallSecrets::Given(given) => given,
        };
        for secret in trigger.secrets.iter().filter(|secret| secret.required) {
            if !given.iter().any(|(name, _)| same(name, &secret.name)) {
                let name = &secret.name.value;
                let message = format!("the secret `{name}` is required, and not given");
                let help =
                    format!("give it under `secrets`: `{name}: …`, or write `secrets: inherit`");
                self.error(caller, call.uses.span, "missing-secret", message, help);
            }
        }
        for (name, text) in given {
            if !trigger.secrets.iter().any(|secret| same(&secret.name, name)) {
                let known = trigger.secrets.iter().map(|secret| &*secret.name.value);
                self.undeclared(caller, text.span, "secret", name, known);
            }
        }
    }

    fn undeclared<'k>(
        &mut self,
        caller: &Workflow,
        span: Span,
        what: &str,
        name: &Name,
        known: impl Iterator<Item = &'k str>,
    ) {
        let message = format!("the called workflow has no {what} `{}`", name.value);
        let help = match plim_diag::closest(&name.value, known.take(200)) {
            Some(near) => format!("write `{near}`"),
            None => "remove it, or declare it under `workflow_call`".to_owned(),
        };
        self.error(caller, span, "undeclared-input", message, help);
    }

    /// Holds the permissions that the called workflow asks for against `granted`; gives those of its jobs.
    fn permissions(
        &mut self,
        caller: &Workflow,
        job: &Job,
        called: &Workflow,
        granted: Option<&Permissions>,
    ) -> Option<Permissions> {
        let default = self.limits.default_access.permissions();
        let most = granted.unwrap_or(&default);
        if let Some(Err(excess)) = called.permissions.as_ref().map(|asked| asked.limit(most)) {
            self.excess(caller, job, &format!("`{}`", called.path), &excess);
        }
        for inner in &called.jobs {
            if let Some(Err(excess)) = inner.permissions.as_ref().map(|asked| asked.limit(most)) {
                let who = format!("the job `{}` of `{}`", inner.id.value, called.path);
                self.excess(caller, job, &who, &excess);
            }
        }
        called.permissions.clone().or_else(|| granted.cloned())
    }

    fn excess(&mut self, caller: &Workflow, job: &Job, who: &str, excess: &Excess) {
        let help = format!("give this job `permissions` with `{}`", excess.requested());
        self.error(caller, job.id.span, "excessive-permissions", format!("{who} {excess}"), help);
    }

    fn error(
        &mut self,
        caller: &Workflow,
        span: Span,
        code: &'static str,
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        let diagnostic = Diagnostic::error(Code(code), message).help(help);
        self.diagnostics.push(diagnostic.at(Arc::clone(&caller.path), span));
    }
}

fn same(left: &Name, right: &Name) -> bool {
    left.value.eq_ignore_ascii_case(&right.value)
}

/// Whether a written value may be of the type; what an expression gives is seen when it is evaluated.
fn could_be(value: &TokenKind, kind: &InputKind) -> bool {
    match (value, kind) {
        (TokenKind::Text(text), _) if text.template.has_expressions() => true,
        (value, InputKind::Boolean) => matches!(value, TokenKind::Boolean(_)),
        (value, InputKind::Number) => matches!(value, TokenKind::Number(_)),
        (value, _) => !matches!(value, TokenKind::Sequence(_) | TokenKind::Mapping(_)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(files: &[(&str, &str)]) -> Vec<String> {
        check_within(&CallLimits::default(), files)
    }

    fn check_within(limits: &CallLimits, files: &[(&str, &str)]) -> Vec<String> {
        let read = |(path, source): &(&str, &str)| {
            let read = Workflow::read(&format!(".github/workflows/{path}"), source);
            assert!(!read.has_errors(), "{:?}", read.diagnostics);
            Arc::new(read.value)
        };
        let all: Vec<Arc<Workflow>> = files.iter().map(read).collect();
        let mut load = |reference: &WorkflowReference, _: &Workflow| match reference {
            WorkflowReference::Local { path } => {
                let found = all.iter().find(|workflow| workflow.path == *path);
                found.map_or(Called::Absent, |workflow| Called::Workflow(Arc::clone(workflow)))
            }
            WorkflowReference::Remote { .. } => Called::Unknown,
        };
        let found = check_calls(&all[0], limits, &mut load);
        found
            .iter()
            .map(|diagnostic| format!("{}: {}", diagnostic.code, diagnostic.message))
            .collect()
    }

    fn caller(rest: &str) -> String {
        format!("on: push\njobs:\n  a:\n    uses: ./.github/workflows/b.yml\n{rest}")
    }

    const STEPS: &str = "jobs:\n  b:\n    runs-on: x\n    steps: [run: b]\n";

    #[test]
    fn semantic_36_inputs_and_secrets_are_held_against_their_declaration() {
        let called = format!(
            "on:\n  workflow_call:\n    inputs:\n      must: {{type: string, required: true}}\n      flag: \
             {{type: boolean}}\n    secrets:\n      TOKEN: {{required: true}}\n{STEPS}"
        );
        let with = "    with:\n      flag: 'true'\n      flga: 1\n    secrets:\n      OTHER: x\n";
        assert_eq!(
            check(&[("a.yml", &caller(with)), ("b.yml", &called)]),
            [
                "missing-input: the input `must` is required, and not given",
                "invalid-input: the input `flag` takes a boolean",
                "undeclared-input: the called workflow has no input `flga`",
                "missing-secret: the secret `TOKEN` is required, and not given",
                "undeclared-input: the called workflow has no secret `OTHER`",
            ]
        );
        let with = "    with:\n      MUST: x\n      flag: ${{ github.ref == 'x' }}\n    secrets: inherit\n";
        assert_eq!(check(&[("a.yml", &caller(with)), ("b.yml", &called)]), [""; 0]);
    }

    #[test]
    fn semantic_36_a_called_workflow_cannot_raise_its_permissions() {
        let called = format!("on: workflow_call\npermissions:\n  contents: write\n{STEPS}");
        let restricted =
            CallLimits { default_access: DefaultAccess::Restricted, ..CallLimits::default() };
        assert_eq!(
            check_within(&restricted, &[("a.yml", &caller("")), ("b.yml", &called)]),
            [
                "excessive-permissions: `.github/workflows/b.yml` asks for `contents: write`, and its caller allows only `contents: read`"
            ]
        );
        let granted = caller("    permissions: {contents: write}\n");
        assert_eq!(check(&[("a.yml", &granted), ("b.yml", &called)]), [""; 0]);
    }

    #[test]
    fn calls_go_to_callable_files_and_in_no_circle() {
        let plain = format!("on: push\n{STEPS}");
        let code = |files: &[(&str, &str)]| {
            check(files).first().and_then(|found| found.split(':').next().map(str::to_owned))
        };
        assert_eq!(code(&[("a.yml", &caller(""))]).as_deref(), Some("unknown-workflow"));
        assert_eq!(
            code(&[("a.yml", &caller("")), ("b.yml", &plain)]).as_deref(),
            Some("not-callable")
        );
        let circle = "on: workflow_call\njobs:\n  c:\n    uses: ./.github/workflows/b.yml\n";
        assert_eq!(
            code(&[("a.yml", &caller("")), ("b.yml", circle)]).as_deref(),
            Some("calls-in-a-circle")
        );
    }

    #[test]
    fn calls_nest_ten_levels() {
        let name =
            |level: usize| format!("{}.yml", char::from(b'a' + u8::try_from(level).unwrap()));
        let chain = |length: usize| -> Vec<(String, String)> {
            let file = |level: usize| {
                let on = if level == 0 { "push" } else { "workflow_call" };
                let body = if level == length {
                    STEPS.to_owned()
                } else {
                    format!("jobs:\n  next:\n    uses: ./.github/workflows/{}\n", name(level + 1))
                };
                (name(level), format!("on: {on}\n{body}"))
            };
            (0..=length).map(file).collect()
        };
        let check = |length| {
            let files = chain(length);
            let files: Vec<(&str, &str)> =
                files.iter().map(|(name, text)| (&**name, &**text)).collect();
            check(&files)
        };
        assert_eq!(check(10), [""; 0]);
        assert_eq!(check(11), ["calls-too-deep: calls nest deeper than 10 levels"]);
    }

    #[test]
    fn many_calls_of_few_files_end_soon() {
        let file = |level: usize| {
            let on = if level == 0 { "push" } else { "workflow_call" };
            let mut text = format!("on: {on}\njobs:\n");
            for job in 0..50 {
                text += &format!("  j{job}:\n    uses: ./.github/workflows/{}.yml\n", level + 1);
            }
            (format!("{level}.yml"), text)
        };
        let mut files: Vec<(String, String)> = (0..9).map(file).collect();
        files.push(("9.yml".to_owned(), format!("on: workflow_call\n{STEPS}")));
        let files: Vec<(&str, &str)> =
            files.iter().map(|(name, text)| (&**name, &**text)).collect();
        assert_eq!(check(&files), ["too-many-calls: more than 1000 calls are made"]);
    }

    #[test]
    fn no_more_than_fifty_workflows_are_called() {
        let callers = |count: usize| {
            let mut text = "on: push\njobs:\n".to_owned();
            for at in 0..count {
                text += &format!("  j{at}:\n    uses: ./.github/workflows/{at}.yml\n");
            }
            let mut files = vec![("root.yml".to_owned(), text)];
            let leaf = |at| (format!("{at}.yml"), format!("on: workflow_call\n{STEPS}"));
            files.extend((0..count).map(leaf));
            files
        };
        let check = |count| {
            let files = callers(count);
            check(&files.iter().map(|(name, text)| (&**name, &**text)).collect::<Vec<_>>())
        };
        assert_eq!(check(50), [""; 0]);
        assert_eq!(check(51), ["too-many-calls: more than 50 workflows are called"]);
    }

    const TWO_JOBS: &str = "on: workflow_call\njobs:\n  a:\n    runs-on: x\n    steps: [run: y]\n  b:\n    runs-on: x\n    steps: [run: y]\n";
    const CALLS_TWICE: &str = "on: push\njobs:\n  one:\n    uses: ./.github/workflows/b.yml\n  two:\n    uses: ./.github/workflows/b.yml\n";

    #[test]
    fn jobs_are_counted_as_often_as_they_are_called() {
        let files = [("a.yml", CALLS_TWICE), ("b.yml", TWO_JOBS)];
        let most = |jobs| CallLimits { jobs: Some(jobs), ..CallLimits::default() };
        assert!(check_within(&most(6), &files).is_empty());
        let message =
            "too-many-jobs: there are more than 5 jobs, those of called workflows included";
        assert_eq!(check_within(&most(5), &files), [message]);
    }

    #[test]
    fn a_workflow_weighs_as_often_as_it_is_called_and_its_path_once() {
        let files = [("a.yml", CALLS_TWICE), ("b.yml", TWO_JOBS)];
        let weight = |text| Workflow::read(".github/workflows/a.yml", text).value.weight;
        let paths = 2 * weight_of_text(".github/workflows/a.yml");
        let all = weight(CALLS_TWICE) + 2 * weight(TWO_JOBS) + paths;
        let within = |bytes| CallLimits { bytes, ..CallLimits::default() };
        assert!(check_within(&within(all), &files).is_empty());
        let found = check_within(&within(all - 1), &files);
        assert!(
            found[0].starts_with("workflow-too-large: with `.github/workflows/b.yml`"),
            "{found:?}"
        );
    }
}
