//! The audit of one file: shows its parts to the rules, and gathers what they find.

use std::cell::OnceCell;
use std::rc::Rc;
use std::sync::Arc;

use plim_diag::{Code, Diagnostic, Severity, Span};

use plim_workflow::{CallLimits, Called, JobBody, Workflow, WorkflowReference, check_calls};

use crate::deeds::Deeds;
use crate::expressions::{self, TextAt};
use crate::subject::Document;
use crate::{
    ExpressionAt, Finding, Hook, JobAt, JobGraph, LANGUAGE, MistakeAt, Nearby, RULES, Rule, Script,
    Selection, ShellAt, StepAt, Subject, Surroundings, Tier, UseAt, catalogue, ignores, respell,
    scripts, steps, types, uses, waivers,
};

/// What the rules of `selection` and the reader of the language find in `subject`, in the order of the file.
#[must_use]
pub fn check(
    subject: &Subject,
    surroundings: &dyn Surroundings,
    selection: &Selection,
) -> Vec<Finding> {
    check_with(subject, surroundings, selection, Vec::new())
}

/// The same with what checkers of other languages said, to which settings and comments apply as well.
#[must_use]
pub fn check_with(
    subject: &Subject,
    surroundings: &dyn Surroundings,
    selection: &Selection,
    said: Vec<Finding>,
) -> Vec<Finding> {
    let mut audit = Audit::new(subject, surroundings);
    for finding in said {
        audit.take(finding.diagnostic, selection);
    }
    audit.read(selection);
    audit.calls(selection);
    for rule in RULES.iter().filter(|rule| selection.applies(rule)) {
        audit.apply(rule);
    }
    let found = waivers::apply(subject, surroundings.settings(), audit.finish());
    ignores::apply(subject, selection, found)
}

/// What is wrong with workflows that call one another rather than with one of them.
const OF_CHAINS: [&str; 5] = [
    "calls-in-a-circle",
    "calls-too-deep",
    "too-many-calls",
    "too-many-jobs",
    "workflow-too-large",
];

/// The audit of one file, as rules see it.
///
/// What several rules need is computed when the first of them asks.
pub struct Audit<'a> {
    subject: &'a Subject,
    surroundings: &'a dyn Surroundings,
    rule: Option<&'static Rule>,
    findings: Vec<Finding>,
    graph: OnceCell<Rc<JobGraph<'a>>>,
    steps: OnceCell<Rc<[StepAt<'a>]>>,
    uses: OnceCell<Rc<[UseAt<'a>]>>,
    texts: OnceCell<Rc<[TextAt<'a>]>>,
    expressions: OnceCell<Rc<[ExpressionAt<'a>]>>,
    mistakes: OnceCell<Rc<[MistakeAt<'a>]>>,
    scripts: OnceCell<Rc<[Script<'a>]>>,
    shells: OnceCell<Rc<[ShellAt<'a>]>>,
    deeds: OnceCell<Rc<Deeds<'a>>>,
}

impl<'a> Audit<'a> {
    pub(crate) fn new(subject: &'a Subject, surroundings: &'a dyn Surroundings) -> Self {
        Self {
            subject,
            surroundings,
            rule: None,
            findings: Vec::new(),
            graph: OnceCell::new(),
            steps: OnceCell::new(),
            uses: OnceCell::new(),
            texts: OnceCell::new(),
            expressions: OnceCell::new(),
            mistakes: OnceCell::new(),
            scripts: OnceCell::new(),
            shells: OnceCell::new(),
            deeds: OnceCell::new(),
        }
    }

    /// The file.
    #[must_use]
    pub fn subject(&self) -> &'a Subject {
        self.subject
    }

    /// The rest of its repository.
    #[must_use]
    pub fn surroundings(&self) -> &'a dyn Surroundings {
        self.surroundings
    }

    /// The text of the file; spans speak of it.
    #[must_use]
    pub fn source(&self) -> &'a str {
        self.subject.text()
    }

    /// Who needs whom; empty where the file is no workflow.
    #[must_use]
    pub fn graph(&self) -> Rc<JobGraph<'a>> {
        let new = || Rc::new(self.subject.workflow().map(JobGraph::new).unwrap_or_default());
        Rc::clone(self.graph.get_or_init(new))
    }

    /// All steps in the order of the file, those inside `parallel` included.
    #[must_use]
    pub fn steps(&self) -> Rc<[StepAt<'a>]> {
        Rc::clone(self.steps.get_or_init(|| steps::steps(self.subject).into()))
    }

    /// All uses of actions.
    #[must_use]
    pub fn uses(&self) -> Rc<[UseAt<'a>]> {
        let new = || uses::uses(&self.steps(), self.source(), self.surroundings).into();
        Rc::clone(self.uses.get_or_init(new))
    }

    /// All texts that hold expressions, and all conditions.
    #[must_use]
    pub fn texts(&self) -> Rc<[TextAt<'a>]> {
        let texts = || expressions::texts(self.subject, &self.steps()).into();
        Rc::clone(self.texts.get_or_init(texts))
    }

    /// All expressions.
    #[must_use]
    pub fn expressions(&self) -> Rc<[ExpressionAt<'a>]> {
        let source = self.source();
        let new = || self.texts().iter().flat_map(|text| text.each(source)).collect();
        Rc::clone(self.expressions.get_or_init(new))
    }

    /// All mistakes that the types of expressions show.
    #[must_use]
    pub fn mistakes(&self) -> Rc<[MistakeAt<'a>]> {
        Rc::clone(self.mistakes.get_or_init(|| types::mistakes(self).into()))
    }

    /// All bodies of `run`.
    #[must_use]
    pub fn scripts(&self) -> Rc<[Script<'a>]> {
        let new = || scripts::scripts(&self.steps(), self.subject.tree()).into();
        Rc::clone(self.scripts.get_or_init(new))
    }

    /// All bodies of `run` that bash or `sh` surely runs.
    #[must_use]
    pub fn shells(&self) -> Rc<[ShellAt<'a>]> {
        let new = || self.scripts().iter().filter_map(ShellAt::read).collect();
        Rc::clone(self.shells.get_or_init(new))
    }

    /// What each job does.
    #[must_use]
    pub fn deeds(&self) -> Rc<Deeds<'a>> {
        Rc::clone(self.deeds.get_or_init(|| Rc::new(Deeds::read(self))))
    }

    /// Reports the bytes `span` of the file under the rule that is being applied.
    ///
    /// The message starts in lower case, has no final full stop and puts names in backticks. More can be said of what
    /// is returned.
    pub fn report(&mut self, span: Span, message: impl Into<String>) -> &mut Finding {
        let (code, severity, tier) = match self.rule {
            Some(rule) => (rule.code, rule.severity, rule.tier),
            None => (Code("unnamed"), Severity::Error, Tier::Default),
        };
        let path = Arc::clone(&self.subject.path);
        let diagnostic = Diagnostic::new(severity, code, message).at(path, span);
        self.keep(Finding { diagnostic, tier, fix: None })
    }

    fn keep(&mut self, finding: Finding) -> &mut Finding {
        let last = self.findings.len();
        self.findings.push(finding);
        &mut self.findings[last]
    }

    /// Takes over what the reader of the language found.
    pub(crate) fn read(&mut self, selection: &Selection) {
        for diagnostic in self.subject.diagnostics() {
            self.take(diagnostic.clone(), selection);
        }
    }

    /// Holds the calls of a workflow against the workflows of the repository that it calls.
    pub(crate) fn calls(&mut self, selection: &Selection) {
        let Some(workflow) = self.subject.workflow() else { return };
        if !workflow.jobs.iter().any(|job| matches!(job.body, JobBody::Call(_))) {
            return;
        }
        let surroundings = self.surroundings;
        let mut load = |reference: &WorkflowReference, _: &Workflow| match reference {
            WorkflowReference::Local { path } => match surroundings.workflow(path) {
                Nearby::Found(found) => Called::Workflow(found),
                Nearby::Absent => Called::Absent,
                Nearby::Unknown => Called::Unknown,
            },
            WorkflowReference::Remote { .. } => Called::Unknown,
        };
        let found = check_calls(workflow, &CallLimits::default(), &mut load);
        // What is wrong in a called file is said when that one is checked; what is wrong with the chain, in all of it.
        let path = &self.subject.path;
        let own = |one: &Diagnostic| {
            OF_CHAINS.contains(&one.code.0) || one.place.as_ref().is_some_and(|at| at.path == *path)
        };
        for diagnostic in found.into_iter().filter(own).collect::<Vec<_>>() {
            self.take(diagnostic, selection);
        }
    }

    fn take(&mut self, diagnostic: Diagnostic, selection: &Selection) {
        let rule = LANGUAGE.iter().find(|rule| rule.code == diagnostic.code);
        if rule.is_none_or(|rule| selection.applies(rule)) {
            let tier = rule.map_or(Tier::Default, |rule| rule.tier);
            self.keep(Finding { diagnostic, tier, fix: None });
        }
    }

    /// Shows `rule` the parts of the file that it asks for.
    pub(crate) fn apply(&mut self, rule: &'static Rule) {
        self.rule = Some(rule);
        for hook in rule.hooks {
            self.show(hook);
        }
        self.rule = None;
    }

    fn show(&mut self, hook: &Hook) {
        let subject = self.subject;
        match (hook, &subject.document) {
            (Hook::Workflow(visit), Document::Workflow(read)) => visit(self, &read.value),
            (Hook::Action(visit), Document::Action(read)) => visit(self, &read.value),
            (Hook::Dependabot(visit), Document::Dependabot(tree))
            | (Hook::PreCommit(visit), Document::PreCommit(tree)) => visit(self, tree),
            (_, Document::Dependabot(_) | Document::PreCommit(_)) => {}
            (Hook::Job(visit), _) => {
                steps::jobs(subject).for_each(|job: JobAt<'a>| visit(self, job));
            }
            (Hook::Step(visit), _) => self.steps().iter().for_each(|step| visit(self, *step)),
            (Hook::Use(visit), _) => self.uses().iter().for_each(|used| visit(self, used)),
            (Hook::Text(visit), _) => self.texts().iter().for_each(|text| visit(self, *text)),
            (Hook::Expression(visit), _) => {
                self.expressions().iter().for_each(|expression| visit(self, *expression));
            }
            (Hook::Mistake(visit), _) => {
                self.mistakes().iter().for_each(|mistake| visit(self, mistake));
            }
            (Hook::Shell(visit), _) => {
                self.shells().iter().for_each(|script| visit(self, script));
            }
            (Hook::Script(visit), _) => {
                self.scripts().iter().for_each(|script| visit(self, script));
            }
            _ => {}
        }
    }

    pub(crate) fn finish(mut self) -> Vec<Finding> {
        self.findings.sort_by_key(|finding| {
            let span = finding.span();
            (span.start, span.end, finding.diagnostic.code)
        });
        self.findings.dedup();
        let source = self.subject.text();
        self.findings.iter_mut().for_each(|finding| respell::offer(finding, source));
        debug_assert!(self.findings.iter().all(|f| catalogue::rule(f.diagnostic.code.0).is_some()));
        self.findings
    }
}
