//! Where the text of a stranger goes: through variables, outputs of steps and jobs, the files that steps write, and
//! matrices.

mod shell;
mod sink;
mod sources;

use plim_diag::Span;
use plim_expression::Expression;
use plim_workflow::{Entries, Key, Name, Step, StepBody, Text, Token, TokenKind};

use self::sink::Sink;
use crate::remote::Remote;
use crate::{Audit, ExpressionAt, JobAt, guards, named};

/// How a text got where it is.
#[derive(Clone, Debug)]
pub(crate) struct Trace {
    /// What a stranger wrote: `github.event.issue.title`.
    pub source: String,
    /// What it goes through, the source first.
    pub through: Vec<(Span, String)>,
}

/// How many variables and outputs are followed.
const MOST_STEPS: usize = 8;

/// What can be named at a place.
#[derive(Copy, Clone)]
struct Here<'a> {
    job: Option<JobAt<'a>>,
    step: Option<&'a Step>,
    /// The steps whose outputs and variables are there.
    earlier: &'a [Step],
    sink: Sink,
    left: usize,
}

/// How the text of a stranger gets into `at`, if it does.
///
/// Where a condition of the job or step asks for the author of that text, whom the repository trusts, it does not.
pub(crate) fn trace<'a>(audit: &Audit<'a>, at: &ExpressionAt<'a>) -> Option<Trace> {
    let here = Here {
        job: at.text.job,
        step: at.text.step.map(|step| step.step),
        earlier: at.text.step.map_or(&[], |step| step.earlier()),
        sink: Sink::of(audit, at),
        left: MOST_STEPS,
    };
    let guarded = guards::guarded_at(at.text.job, at.text.step);
    of_expression(audit, at.expression, at.span, here)
        .filter(|trace| !guards::covers(&guarded, &trace.source))
}

fn of_expression<'a>(
    audit: &Audit<'a>,
    expression: &Expression,
    span: Span,
    here: Here<'a>,
) -> Option<Trace> {
    let whole = expression.calls("toJSON");
    let mut paths = named::values(expression.root()).into_iter().filter_map(named::path);
    paths.find_map(|path| of_path(audit, &path, whole, span, here))
}

fn of_path<'a>(
    audit: &Audit<'a>,
    path: &str,
    whole: bool,
    span: Span,
    here: Here<'a>,
) -> Option<Trace> {
    if sources::is_untrusted(audit.subject(), path, whole) {
        return Some(Trace { source: path.to_owned(), through: Vec::new() });
    }
    let here = Here { left: here.left.checked_sub(1)?, ..here };
    let parts: Vec<&str> = path.split('.').collect();
    match parts.as_slice() {
        ["env", name] => variable(audit, name, here),
        ["steps", id, "outputs", name] => of_step(audit, id, name, here),
        ["needs", id, "outputs", name] => of_job(audit, id, name, here),
        ["matrix", key, ..] => of_matrix(audit, key, span, here),
        _ => None,
    }
}

fn of_text<'a>(audit: &Audit<'a>, text: &'a Text, what: String, here: Here<'a>) -> Option<Trace> {
    let pairs = text.template.expressions().zip(&text.expressions);
    let found = pairs.into_iter().find_map(|((expression, _), &span)| {
        of_expression(audit, expression, span, here).map(|trace| (trace, span))
    });
    found.map(|(trace, span)| trace.then(span, what))
}

impl Trace {
    fn then(mut self, span: Span, what: String) -> Self {
        self.through.push((span, what));
        self
    }
}

/// What a variable of the environment holds.
fn variable<'a>(audit: &Audit<'a>, name: &str, here: Here<'a>) -> Option<Trace> {
    let workflow = here.job.and_then(|job| job.workflow.env.as_ref());
    let job = here.job.and_then(|job| job.job.env.as_ref());
    let step = here.step.and_then(|step| step.env.as_ref());
    let set = [step, job, workflow].into_iter().flatten().find_map(|env| entry(env, name));
    if let Some((key, text)) = set {
        return of_text(audit, text, format!("into the variable `{}`", key.value), here);
    }
    here.earlier.iter().enumerate().rev().find_map(|(at, step)| {
        let there = Here { step: Some(step), earlier: &here.earlier[..at], ..here };
        shell::written(audit, step, "GITHUB_ENV", name, there)
    })
}

fn entry<'e>(env: &'e Entries<Text>, name: &str) -> Option<&'e (Name, Text)> {
    env.written().iter().find(|(key, _)| key.value.eq_ignore_ascii_case(name))
}

fn of_step<'a>(audit: &Audit<'a>, id: &str, name: &str, here: Here<'a>) -> Option<Trace> {
    let at = here.earlier.iter().position(|step| step.id.eq_ignore_ascii_case(id))?;
    let step = &here.earlier[at];
    match &step.body {
        StepBody::Run(_) => {
            let there = Here { step: Some(step), earlier: &here.earlier[..at], ..here };
            shell::written(audit, step, "GITHUB_OUTPUT", name, there)
        }
        StepBody::Uses(uses) => {
            let remote = Remote::of_uses(uses, audit.source())?;
            let found = sources::is_untrusted_output(&remote.name(), name)
                && !sources::is_escaped(&remote, uses, here.sink);
            let what = format!("the output `{name}` of this action");
            found.then(|| {
                let source = format!("steps.{id}.outputs.{name}");
                Trace { source, through: Vec::new() }.then(remote.span, what)
            })
        }
        _ => None,
    }
}

fn of_job<'a>(audit: &Audit<'a>, id: &str, name: &str, here: Here<'a>) -> Option<Trace> {
    let workflow = here.job?.workflow;
    let job = JobAt { job: workflow.job(id)?, workflow };
    let (_, text) = job.job.outputs.iter().find(|(key, _)| key.value.eq_ignore_ascii_case(name))?;
    let there = Here { job: Some(job), step: None, earlier: job.steps(), ..here };
    of_text(audit, text, format!("into the output `{name}` of the job `{id}`"), there)
}

fn of_matrix<'a>(audit: &Audit<'a>, key: &str, span: Span, here: Here<'a>) -> Option<Trace> {
    let job = here.job?;
    let matrix = job.job.strategy.as_ref()?.matrix.as_ref()?;
    let there = Here { step: None, earlier: &[], ..here };
    let mut texts = Vec::new();
    match &matrix.kind {
        TokenKind::Mapping(pairs) => {
            for (name, value) in pairs {
                let Key::Text(name) = name else { continue };
                let name = name.template.is_literal().unwrap_or("");
                if name.eq_ignore_ascii_case(key) || name == "include" {
                    gather(value, &mut texts);
                }
            }
        }
        _ => gather(matrix, &mut texts),
    }
    let what = || format!("into the matrix, as `{key}`");
    let found = texts.into_iter().find_map(|text| of_text(audit, text, what(), there));
    found.filter(|trace| trace.through.iter().all(|(place, _)| *place != span))
}

fn gather<'a>(token: &'a Token, texts: &mut Vec<&'a Text>) {
    match &token.kind {
        TokenKind::Text(text) => texts.push(text),
        TokenKind::Sequence(items) => items.iter().for_each(|item| gather(item, texts)),
        TokenKind::Mapping(pairs) => pairs.iter().for_each(|(_, value)| gather(value, texts)),
        TokenKind::Null | TokenKind::Boolean(_) | TokenKind::Number(_) => {}
    }
}
