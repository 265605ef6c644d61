//! Which secrets a workflow reads: where, on which events, and who else could read them.

use std::collections::BTreeSet;

use plim_diag::Span;
use plim_expression::{Expression, Node, NodeKind, Value};
use plim_workflow::{CallSecrets, Job, JobBody, Step, Trigger, Workflow};

use crate::deeds::{Occasion, job_runs, may_hold};
use crate::{JobAt, StepAt, Subject, Surroundings, TextAt, expressions, steps};

/// One place where a secret is read or handed on.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SecretRead {
    /// Its name in upper case; none where all of them are read, or a computed one.
    pub name: Option<String>,
    /// Where it is named.
    pub span: Span,
    /// The id of the job; none where it is read for the whole workflow.
    pub job: Option<String>,
    /// The name of the step, or its number from 1.
    pub step: Option<String>,
    /// How it gets further.
    pub way: Way,
    /// The events on which it may be read, in the order of the file; those of callers where the workflow is called.
    pub events: Vec<String>,
    /// Whether one of them happens before a change is merged, so that a missing secret is noticed in time.
    pub before_merge: bool,
}

/// How a secret gets further.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Way {
    /// A variable of the whole workflow.
    WorkflowVariable(String),
    /// A variable of all steps of a job.
    JobVariable(String),
    /// A variable of one step.
    StepVariable(String),
    /// An input of an action or a workflow.
    Input(String),
    /// It becomes part of the text of a script.
    Script,
    /// It is only compared or tested.
    Condition,
    /// A secret of that name of a workflow that is called.
    Given(String),
    /// `secrets: inherit` hands all of them to that workflow.
    Inherited(String),
    /// The value of another key.
    Key(&'static str),
}

/// Something that should be known about who can read a secret.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SecretNote {
    /// Its name in upper case, if it is about one.
    pub name: Option<String>,
    /// Where it stands.
    pub span: Span,
    /// What there is to know, in the form of a message.
    pub message: String,
}

/// What a workflow reads.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct SecretReads {
    /// Each place, in the order of the file.
    pub reads: Vec<SecretRead>,
    /// What reaches further than it has to, and what nobody declares or reads.
    pub notes: Vec<SecretNote>,
}

impl Way {
    /// What it is, as a person would say it: ``env `TOKEN` of the job``.
    #[must_use]
    pub fn shown(&self) -> String {
        match self {
            Self::WorkflowVariable(name) => format!("env `{name}` of the workflow"),
            Self::JobVariable(name) => format!("env `{name}` of the job"),
            Self::StepVariable(name) => format!("env `{name}`"),
            Self::Input(name) => format!("input `{name}`"),
            Self::Script => "the text of a script".to_owned(),
            Self::Condition => "only tested".to_owned(),
            Self::Given(name) => format!("secret `{name}` of what is called"),
            Self::Inherited(to) => format!("`secrets: inherit` to `{to}`"),
            Self::Key(key) => format!("`{key}`"),
        }
    }
}

/// What the workflow in `subject` reads; nothing where it is none.
#[must_use]
pub fn secret_reads(subject: &Subject, surroundings: &dyn Surroundings) -> SecretReads {
    let Some(workflow) = subject.workflow() else { return SecretReads::default() };
    let occurrences = occurrences(&subject.path, workflow, surroundings, &mut BTreeSet::new());
    let all_steps = steps::steps(subject);
    let mut found = SecretReads::default();
    for text in expressions::texts(subject, &all_steps) {
        for one in text.each(subject.text()) {
            for (name, node) in names(one.expression.root()) {
                let (events, before_merge) = when(&occurrences, text.job, text.step);
                let read = SecretRead {
                    name,
                    span: one.place(&node.span),
                    job: text.job.map(|job| job.id.value.to_string()),
                    step: text.step.map(shown_step),
                    way: way(&text, one.expression),
                    events,
                    before_merge,
                };
                found.reads.push(read);
            }
        }
    }
    inherited(workflow, &occurrences, &mut found.reads);
    found.reads.sort_by_key(|read| read.span.start);
    found.reads.dedup();
    found.notes = notes(subject, workflow, surroundings, &found.reads);
    found
}

/// The secrets that an expression names, with the node of each; none for all of them.
fn names(root: &Node) -> Vec<(Option<String>, &Node)> {
    let is_secrets = |node: &Node| matches!(&node.kind, NodeKind::NamedValue(name) if name.eq_ignore_ascii_case("secrets"));
    let mut named: Vec<(Option<String>, &Node)> = Vec::new();
    let mut inner = 0;
    for node in root.walk() {
        let (object, name) = match &node.kind {
            NodeKind::Dereference { object, name, .. } => (object, Some(name.to_string())),
            NodeKind::Index { object, index } => match &index.kind {
                NodeKind::Literal(Value::String(name)) => (object, Some(name.to_string())),
                _ => (object, None),
            },
            _ => continue,
        };
        if is_secrets(object) {
            inner += 1;
            named.push((name.map(|name| name.to_ascii_uppercase()), node));
        }
    }
    let whole: Vec<&Node> = root.walk().filter(|node| is_secrets(node)).collect();
    if whole.len() > inner {
        named.extend(whole.last().map(|node| (None, *node)));
    }
    named
}

fn way(text: &TextAt<'_>, expression: &Expression) -> Way {
    let entry = || text.entry.unwrap_or_default().to_owned();
    let value = crate::named::values(expression.root()).into_iter();
    let tested = !value.filter_map(crate::named::path).any(|path| path.starts_with("secrets"));
    if text.key == "if" || tested && text.entry.is_none() {
        return Way::Condition;
    }
    match (text.key, text.step, text.job) {
        ("env", Some(_), _) => Way::StepVariable(entry()),
        ("env", None, Some(_)) if text.entry.is_some() => Way::JobVariable(entry()),
        ("env", None, None) => Way::WorkflowVariable(entry()),
        ("with", ..) => Way::Input(entry()),
        ("run", ..) => Way::Script,
        ("secrets", ..) => Way::Given(entry()),
        (key, ..) => Way::Key(key),
    }
}

fn shown_step(step: StepAt<'_>) -> String {
    let name = step.step.name.as_ref().and_then(|name| name.template.is_literal());
    name.map_or_else(|| format!("step {}", step.index + 1), str::to_owned)
}

fn inherited(workflow: &Workflow, occurrences: &[Occurrence], reads: &mut Vec<SecretRead>) {
    for job in &workflow.jobs {
        let JobBody::Call(call) = &job.body else { continue };
        if matches!(call.secrets, CallSecrets::Inherit) {
            let (events, before_merge) = when(occurrences, Some(JobAt { job, workflow }), None);
            reads.push(SecretRead {
                name: None,
                span: call.uses.span,
                job: Some(job.id.value.to_string()),
                step: None,
                way: Way::Inherited(call.uses.value.to_string()),
                events,
                before_merge,
            });
        }
    }
}

/// One way in which a workflow is started.
#[derive(Clone, PartialEq, Debug)]
struct Occurrence {
    shown: String,
    /// What conditions see; none where nothing is known of it.
    occasion: Option<Occasion>,
    before_merge: bool,
}

/// How the workflow at `path` is started, through callers of the same repository, too.
fn occurrences(
    path: &str,
    workflow: &Workflow,
    surroundings: &dyn Surroundings,
    seen: &mut BTreeSet<String>,
) -> Vec<Occurrence> {
    let mut found = Vec::new();
    if !seen.insert(path.to_owned()) {
        return found;
    }
    for trigger in &workflow.triggers {
        match &*trigger.event.value {
            "workflow_call" => found.extend(of_callers(path, surroundings, seen)),
            _ => found.extend(of_trigger(trigger)),
        }
    }
    let mut kept: Vec<Occurrence> = Vec::new();
    for one in found {
        if !kept.contains(&one) {
            kept.push(one);
        }
    }
    kept
}

fn of_callers(
    path: &str,
    surroundings: &dyn Surroundings,
    seen: &mut BTreeSet<String>,
) -> Vec<Occurrence> {
    let mut found = Vec::new();
    for caller in surroundings.workflows() {
        let Some(workflow) = surroundings.workflow(&caller).found() else { continue };
        let calls = |job: &&Job| match &job.body {
            JobBody::Call(call) => call.local_path() == Some(path),
            _ => false,
        };
        let Some(job) = workflow.jobs.iter().find(calls) else { continue };
        let job = JobAt { job, workflow: &workflow };
        let own = occurrences(&caller, &workflow, surroundings, seen);
        found.extend(own.into_iter().filter(|one| one.runs(job)));
    }
    found
}

/// Events that happen to a change before it is merged.
const BEFORE_MERGE: [&str; 5] = [
    "pull_request",
    "pull_request_target",
    "merge_group",
    "pull_request_review",
    "pull_request_comment",
];

fn of_trigger(trigger: &Trigger) -> Vec<Occurrence> {
    let event = &*trigger.event.value;
    let one = |shown: &str, occasion: Option<Occasion>, before_merge: bool| Occurrence {
        shown: shown.to_owned(),
        occasion,
        before_merge,
    };
    let occasion = |event, reference| Some(Occasion { event, reference });
    match event {
        "push" => {
            let (branches, tags) = (trigger.branches.is_some(), trigger.tags.is_some());
            // Without a filter, every branch starts it, also that of a change that is not merged.
            let branch = (branches || !tags)
                .then(|| one("push", occasion("push", "refs/heads/"), !branches));
            let tag = (tags || !branches)
                .then(|| one("push of tags", occasion("push", "refs/tags/"), false));
            branch.into_iter().chain(tag).collect()
        }
        "pull_request" => vec![one(event, Some(Occasion::PULL_REQUEST), true)],
        "schedule" => vec![one(event, occasion("schedule", "refs/heads/"), false)],
        "workflow_run" => vec![one(event, occasion("workflow_run", "refs/heads/"), false)],
        "release" => vec![one(event, occasion("release", "refs/tags/"), false)],
        _ => vec![one(event, None, BEFORE_MERGE.contains(&event))],
    }
}

impl Occurrence {
    /// Whether `job` and what it needs may run then.
    fn runs(&self, job: JobAt<'_>) -> bool {
        self.occasion.is_none_or(|occasion| job_runs(job, &|one| may_hold(one, occasion)))
    }

    fn runs_step(&self, step: &Step) -> bool {
        let condition = step.condition.as_ref().map(|one| one.condition.expression());
        let both = condition.zip(self.occasion);
        both.is_none_or(|(condition, occasion)| may_hold(condition, occasion))
    }
}

/// The events on which something of a job or step may be read, and whether one is before a merge.
fn when(
    occurrences: &[Occurrence],
    job: Option<JobAt<'_>>,
    step: Option<StepAt<'_>>,
) -> (Vec<String>, bool) {
    let may = |one: &&Occurrence| {
        job.is_none_or(|job| one.runs(job)) && step.is_none_or(|step| one.runs_step(step.step))
    };
    let found: Vec<&Occurrence> = occurrences.iter().filter(may).collect();
    let before = found.iter().any(|one| one.before_merge);
    (found.iter().map(|one| one.shown.clone()).collect(), before)
}

fn notes(
    subject: &Subject,
    workflow: &Workflow,
    surroundings: &dyn Surroundings,
    reads: &[SecretRead],
) -> Vec<SecretNote> {
    let mut notes = Vec::new();
    let declared: Vec<_> = workflow.triggers.iter().flat_map(|trigger| &trigger.secrets).collect();
    let is_called = workflow.triggers.iter().any(|one| &*one.event.value == "workflow_call");
    for read in reads {
        let note =
            |message: String| SecretNote { name: read.name.clone(), span: read.span, message };
        match &read.way {
            Way::WorkflowVariable(variable) => {
                let own: Vec<&Step> = workflow.jobs.iter().flat_map(steps_of).collect();
                notes.extend(wide(subject, &own, variable, "the workflow").map(note));
            }
            Way::JobVariable(variable) => {
                let job =
                    workflow.jobs.iter().find(|job| Some(&*job.id.value) == read.job.as_deref());
                let own: Vec<&Step> = job.into_iter().flat_map(steps_of).collect();
                notes.extend(wide(subject, &own, variable, "the job").map(note));
            }
            Way::Inherited(to) => notes.push(note(handed_over(to, surroundings))),
            _ => {}
        }
        let is_declared =
            |name: &String| declared.iter().any(|one| one.name.value.eq_ignore_ascii_case(name));
        if let Some(name) = read.name.as_ref().filter(|name| *name != AUTOMATIC)
            && is_called
            && !is_declared(name)
        {
            notes.push(note(format!(
                "`{name}` is not declared under `on.workflow_call.secrets`: it is empty unless the caller inherits"
            )));
        }
    }
    for one in &declared {
        let name = one.name.value.to_ascii_uppercase();
        let is_read = reads.iter().any(|read| read.name.as_ref().is_none_or(|read| *read == name));
        if !is_read {
            let message = format!("`{name}` is declared, and nothing here reads it");
            notes.push(SecretNote { name: Some(name), span: one.name.span, message });
        }
    }
    notes
}

/// The secret that every job has without anybody's doing.
pub const AUTOMATIC: &str = "GITHUB_TOKEN";

fn steps_of(job: &Job) -> impl Iterator<Item = &Step> {
    let steps: &[Step] = match &job.body {
        JobBody::Steps(machine) => &machine.steps,
        _ => &[],
    };
    steps.iter()
}

/// What there is to know of a variable that more steps can read than name it.
fn wide(subject: &Subject, own: &[&Step], variable: &str, whose: &str) -> Option<String> {
    let says =
        |step: &&&Step| step.span.text(subject.text()).is_some_and(|text| has_word(text, variable));
    let naming = own.iter().filter(says).count();
    (own.len() > naming + 1).then(|| {
        format!(
            "all {} steps of {whose} can read `{variable}`, and {naming} of them name it",
            own.len()
        )
    })
}

fn has_word(text: &str, word: &str) -> bool {
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_';
    text.match_indices(word).any(|(at, _)| {
        let before = text[..at].chars().next_back();
        let behind = text[at + word.len()..].chars().next();
        !before.is_some_and(is_part) && !behind.is_some_and(is_part)
    })
}

fn handed_over(to: &str, surroundings: &dyn Surroundings) -> String {
    let path = to.strip_prefix("./").or_else(|| to.strip_prefix("$/"));
    let Some(path) = path else {
        return format!("every secret is handed to another repository, `{to}`");
    };
    let Some(called) = surroundings.workflow(path).found() else {
        return format!("every secret is handed to `{to}`, which cannot be read");
    };
    let declared = called.triggers.iter().flat_map(|trigger| &trigger.secrets);
    let names: Vec<String> =
        declared.map(|one| format!("`{}`", one.name.value.to_ascii_uppercase())).collect();
    match names.as_slice() {
        [] => format!("every secret is handed to `{to}`, which declares none"),
        names => format!("every secret is handed to `{to}`, which declares {}", names.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use plim_workflow::Forge;

    use super::*;
    use crate::Kind;
    use crate::testing::Repository;

    fn reads(files: &[(&str, &str)]) -> SecretReads {
        let (path, text) = files[0];
        let subject = Subject::read(path, text.as_bytes(), Kind::Workflow, Forge::GitHub);
        secret_reads(&subject, &Repository::new(files))
    }

    const CI: &str = ".github/workflows/ci.yml";

    #[test]
    fn each_place_is_told_with_its_way_and_its_events() {
        let text = "on:\n  pull_request:\n  push: { tags: ['v*'] }\nenv: { ALL: '${{ secrets.wide }}' }\njobs:\n  a:\n    runs-on: x\n    steps:\n      - run: make\n      - run: make\n        env: { A: '${{ secrets.A }}' }\n      - name: Ship\n        if: startsWith(github.ref, 'refs/tags/')\n        uses: b/c@v1\n        with: { token: '${{ secrets.SHIP }}' }\n  b:\n    if: github.event_name == 'push'\n    runs-on: x\n    steps:\n      - if: ${{ secrets.B != '' }}\n        run: login ${{ secrets.B }}\n";
        let found = reads(&[(CI, text)]);
        let told: Vec<String> = found
            .reads
            .iter()
            .map(|read| {
                let step = read.step.as_deref().unwrap_or("-");
                let before = if read.before_merge { "before" } else { "after" };
                format!(
                    "{} {step}: {}, {before}: {}",
                    read.name.as_deref().unwrap_or("*"),
                    read.way.shown(),
                    read.events.join(" ")
                )
            })
            .collect();
        assert_eq!(
            told,
            [
                "WIDE -: env `ALL` of the workflow, before: pull_request push of tags",
                "A step 2: env `A`, before: pull_request push of tags",
                "SHIP Ship: input `token`, after: push of tags",
                "B step 1: only tested, after: push of tags",
                "B step 1: the text of a script, after: push of tags",
            ]
        );
        assert_eq!(
            found.notes[0].message,
            "all 4 steps of the workflow can read `ALL`, and 0 of them name it"
        );
    }

    #[test]
    fn a_called_workflow_is_read_on_the_events_of_its_callers() {
        let called = "on:\n  workflow_call:\n    secrets: { KEY: {}, OLD: {} }\njobs:\n  a:\n    runs-on: x\n    steps:\n      - run: make\n        env: { A: '${{ secrets.KEY }}', B: '${{ secrets.OTHER }}' }\n";
        let caller = "on: release\njobs:\n  a:\n    uses: ./.github/workflows/called.yml\n    secrets: inherit\n";
        let found = reads(&[(".github/workflows/called.yml", called), (CI, caller)]);
        assert_eq!(found.reads[0].events, ["release"]);
        let notes: Vec<&str> = found.notes.iter().map(|note| &*note.message).collect();
        assert_eq!(
            notes,
            [
                "`OTHER` is not declared under `on.workflow_call.secrets`: it is empty unless the caller inherits",
                "`OLD` is declared, and nothing here reads it"
            ]
        );
        let found = reads(&[(CI, caller), (".github/workflows/called.yml", called)]);
        assert_eq!(found.reads[0].way, Way::Inherited("./.github/workflows/called.yml".to_owned()));
        assert!(found.notes[0].message.ends_with("which declares `KEY`, `OLD`"));
    }
}
