//! Evaluates what a job demands: its legs, its runner, its concurrency group and its environment.
//!
//! Each may be one expression that gives the whole mapping, as in the runner's `WorkflowTemplateConverter`.

use std::sync::Arc;

use plim_diag::Span;
use plim_expression::{Object, Scope, Value};

use crate::evaluate::{mapping_of, text_of};
use crate::{
    Concurrency, Environment, EvaluationError, Failure, Leg, Matrix, Queue, RunsOn, Strategy,
};

/// An evaluated `strategy`.
#[derive(Clone, Debug)]
pub struct Legs {
    /// The legs in order; one for a job without a matrix.
    pub legs: Vec<Leg>,
    /// `fail-fast`; true when absent.
    pub fail_fast: bool,
    /// `max-parallel`; the number of legs when absent.
    pub max_parallel: usize,
}

impl Legs {
    /// The one leg of a job without a strategy.
    #[must_use]
    pub fn single() -> Self {
        Self { legs: vec![Leg::only()], fail_fast: true, max_parallel: 1 }
    }
}

impl Strategy {
    /// The legs of the job.
    ///
    /// Errors: those of [`Token::evaluate`](crate::Token::evaluate), [`Failure::Matrix`], and [`Failure::Type`].
    pub fn evaluate(&self, scope: &dyn Scope) -> Result<Legs, EvaluationError> {
        if let Some(whole) = &self.whole {
            return legs_of_value(&whole.evaluate(scope)?, whole.span);
        }
        let legs = match &self.matrix {
            Some(matrix) => legs_of(&matrix.evaluate(scope)?, matrix.span)?,
            None => vec![Leg::only()],
        };
        let fail_fast =
            self.fail_fast.as_ref().map_or(Ok(true), |setting| setting.evaluate(scope))?;
        let most = self.max_parallel.as_ref().map(|setting| setting.evaluate(scope)).transpose()?;
        Ok(Legs { max_parallel: parallel(most, legs.len()), legs, fail_fast })
    }
}

fn legs_of(matrix: &Value, span: Span) -> Result<Vec<Leg>, EvaluationError> {
    let legs = Matrix::from_value(matrix).and_then(|matrix| matrix.legs());
    legs.map_err(|error| EvaluationError { failure: Failure::Matrix(error), span })
}

fn legs_of_value(strategy: &Value, span: Span) -> Result<Legs, EvaluationError> {
    let entries = mapping_of(strategy, span)?;
    let legs = match entries.get("matrix") {
        Some(matrix) => legs_of(matrix, span)?,
        None => vec![Leg::only()],
    };
    let fail_fast = match entries.get("fail-fast") {
        None => true,
        Some(Value::Boolean(value)) => *value,
        Some(other) => return Err(EvaluationError::mistyped("a boolean", other, span)),
    };
    let most = match entries.get("max-parallel") {
        None => None,
        Some(Value::Number(value)) => Some(*value),
        Some(other) => return Err(EvaluationError::mistyped("a number", other, span)),
    };
    Ok(Legs { max_parallel: parallel(most, legs.len()), legs, fail_fast })
}

/// `max-parallel` as the runner takes it: whole, and nothing below 1 limits.
fn parallel(most: Option<f64>, legs: usize) -> usize {
    match most {
        Some(most) if most >= 1.0 => (most as usize).min(legs.max(1)),
        _ => legs.max(1),
    }
}

/// An evaluated `runs-on`.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Runner {
    /// The group of runners.
    pub group: Option<Arc<str>>,
    /// The labels, all of which a runner must have.
    pub labels: Vec<Arc<str>>,
}

impl RunsOn {
    /// The runner that is asked for.
    ///
    /// Errors: those of [`Token::evaluate`](crate::Token::evaluate), and [`Failure::Type`].
    pub fn evaluate(&self, scope: &dyn Scope) -> Result<Runner, EvaluationError> {
        let group = self.group.as_ref().map(|group| group.evaluate_text(scope)).transpose()?;
        let mut runner = Runner { group, labels: Vec::new() };
        if let Some(labels) = &self.labels {
            runner.add(&labels.evaluate(scope)?, labels.span)?;
        }
        if runner.group.is_none() && runner.labels.is_empty() {
            return Err(EvaluationError::value(
                "`runs-on` names neither label nor group",
                self.span,
            ));
        }
        Ok(runner)
    }
}

impl Runner {
    fn add(&mut self, value: &Value, span: Span) -> Result<(), EvaluationError> {
        match value {
            Value::Array(items) => {
                for item in items.iter() {
                    self.labels.push(text_of(item, span)?);
                }
            }
            Value::Object(entries) => {
                if let Some(group) = entries.get("group") {
                    self.group = Some(text_of(group, span)?);
                }
                if let Some(labels) = entries.get("labels") {
                    self.add(labels, span)?;
                }
            }
            scalar => {
                let label = text_of(scalar, span)?;
                if label.is_empty() {
                    return Err(EvaluationError::value("the label of `runs-on` is empty", span));
                }
                self.labels.push(label);
            }
        }
        Ok(())
    }
}

/// An evaluated `concurrency`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConcurrencyGroup {
    /// The group's name.
    pub group: Arc<str>,
    /// Whether what runs in the group is cancelled for the newcomer.
    pub cancel_in_progress: bool,
    /// How many may wait.
    pub queue: Queue,
}

/// The most characters of a concurrency group's name.
const LONGEST_GROUP: usize = 400;

impl Concurrency {
    /// The group.
    ///
    /// Errors: those of [`Text::evaluate`](crate::Text::evaluate), [`Failure::Type`], and [`Failure::Value`] for a name that is empty or longer
    /// than 400 characters.
    pub fn evaluate(&self, scope: &dyn Scope) -> Result<ConcurrencyGroup, EvaluationError> {
        let span = self.group.span;
        let group = match self.group.evaluate(scope)? {
            Value::Object(entries) => group_of(&entries, span)?,
            scalar => ConcurrencyGroup {
                group: text_of(&scalar, span)?,
                cancel_in_progress: self
                    .cancel_in_progress
                    .as_ref()
                    .map_or(Ok(false), |setting| setting.evaluate(scope))?,
                queue: self.queue,
            },
        };
        match group.group.encode_utf16().count() {
            0 => Err(EvaluationError::value("the name of the concurrency group is empty", span)),
            1..=LONGEST_GROUP => Ok(group),
            more => Err(EvaluationError::value(
                format!(
                    "the name of the concurrency group has {more} characters, and {LONGEST_GROUP} are allowed"
                ),
                span,
            )),
        }
    }
}

fn group_of(entries: &Object, span: Span) -> Result<ConcurrencyGroup, EvaluationError> {
    let group = entries.get("group").unwrap_or(&Value::Null);
    let cancel_in_progress = match entries.get("cancel-in-progress") {
        None => false,
        Some(Value::Boolean(value)) => *value,
        Some(other) => return Err(EvaluationError::mistyped("a boolean", other, span)),
    };
    let queue = match entries.get("queue").map(Value::to_text).as_deref() {
        None | Some("single") => Queue::Single,
        Some("max") => Queue::Max,
        Some(other) => {
            return Err(EvaluationError::value(format!("`{other}` is no `queue`"), span));
        }
    };
    Ok(ConcurrencyGroup { group: text_of(group, span)?, cancel_in_progress, queue })
}

impl Environment {
    /// The environment's name; `None` when it is empty, which means none.
    ///
    /// Errors: those of [`Text::evaluate`](crate::Text::evaluate), and [`Failure::Type`].
    pub fn evaluate_name(&self, scope: &dyn Scope) -> Result<Option<Arc<str>>, EvaluationError> {
        let value = self.name.evaluate(scope)?;
        let name = match &value {
            Value::Object(entries) => entries.get("name").unwrap_or(&Value::Null),
            scalar => scalar,
        };
        Ok(Some(text_of(name, self.name.span)?).filter(|name| !name.is_empty()))
    }

    /// The address of what was deployed; `None` without one, and where `deployment` is false, because no deployment is
    /// recorded then.
    ///
    /// Errors: those of [`evaluate_name`](Self::evaluate_name), and of [`Setting::evaluate`](crate::Setting::evaluate).
    pub fn evaluate_url(&self, scope: &dyn Scope) -> Result<Option<Arc<str>>, EvaluationError> {
        let deployed = self.deployment.as_ref().map_or(Ok(true), |flag| flag.evaluate(scope))?;
        let url = match (&self.url, self.name.evaluate(scope)?) {
            (Some(url), _) => url.evaluate_text(scope)?.to_string().into(),
            (None, Value::Object(entries)) => {
                let is_false = |value| matches!(value, &Value::Boolean(false));
                let url =
                    entries.get("url").filter(|_| !entries.get("deployment").is_some_and(is_false));
                text_of(url.unwrap_or(&Value::Null), self.name.span)?
            }
            _ => return Ok(None),
        };
        Ok(Some(url).filter(|url| deployed && !url.is_empty()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Job, JobBody, Workflow};

    const SOURCE: &str = "\
on: push
concurrency: ${{ fromJSON('{\"group\":\"g\",\"queue\":\"max\"}') }}
jobs:
  a:
    runs-on: ${{ fromJSON(matrix.on) }}
    environment: ${{ matrix.none }}
    strategy:
      max-parallel: 2
      matrix: ${{ fromJSON(needs.plan.outputs.matrix) }}
    steps:
      - run: x
";

    fn workflow() -> Workflow {
        let read = Workflow::read(".github/workflows/a.yml", SOURCE);
        assert!(!read.has_errors(), "{:?}", read.diagnostics);
        read.value
    }

    fn job() -> Job {
        workflow().jobs.remove(0)
    }

    fn scope(json: &str) -> Object {
        match Value::parse_json(json).unwrap() {
            Value::Object(object) => (*object).clone(),
            other => panic!("{other:?}"),
        }
    }

    fn failed<T: std::fmt::Debug>(result: Result<T, EvaluationError>) -> (String, &'static str) {
        let error = result.unwrap_err();
        (error.to_string(), error.span.text(SOURCE).unwrap())
    }

    #[test]
    fn semantic_33_a_matrix_may_come_from_an_expression() {
        let strategy = job().strategy.unwrap();
        let plan = |matrix: &str| {
            let outputs: Object = [("matrix", matrix)].into_iter().collect();
            let plan: Object = [("outputs", Value::from(outputs))].into_iter().collect();
            let needs: Object = [("plan", Value::from(plan))].into_iter().collect();
            [("needs", Value::from(needs))].into_iter().collect::<Object>()
        };
        let legs = strategy.evaluate(&plan(r#"{"os": ["a", "b", "c"]}"#)).unwrap();
        let suffixes: Vec<_> = legs.legs.iter().map(|leg| &*leg.suffix).collect();
        assert_eq!((suffixes, legs.fail_fast, legs.max_parallel), (vec!["a", "b", "c"], true, 2));
        let empty = failed(strategy.evaluate(&plan(r#"{"os": []}"#)));
        let place = "${{ fromJSON(needs.plan.outputs.matrix) }}";
        assert_eq!(empty, ("the axis `os` has no values".to_owned(), place));
    }

    #[test]
    fn what_may_be_a_mapping_is_taken_apart() {
        let (workflow, job) = (workflow(), job());
        let group = workflow.concurrency.unwrap().evaluate(&Object::new()).unwrap();
        assert_eq!(
            (&*group.group, group.queue, group.cancel_in_progress),
            ("g", Queue::Max, false)
        );
        let JobBody::Steps(machine) = &job.body else { panic!("{:?}", job.body) };
        let runner = |on: &str| {
            let matrix: Object = [("on", on)].into_iter().collect();
            let scope: Object = [("matrix", Value::from(matrix))].into_iter().collect();
            machine.runs_on.evaluate(&scope).map(|runner| (runner.group, runner.labels))
        };
        assert_eq!(runner(r#""linux""#), Ok((None, vec!["linux".into()])));
        assert_eq!(runner(r#"["a", "b"]"#), Ok((None, vec!["a".into(), "b".into()])));
        let group = runner(r#"{"group": "big", "labels": "x"}"#);
        assert_eq!(group, Ok((Some("big".into()), vec!["x".into()])));
        assert_eq!(failed(runner("[]")).0, "`runs-on` names neither label nor group");
        let none = job.environment.unwrap().evaluate_name(&scope(r#"{"matrix": {"none": null}}"#));
        assert_eq!(none, Ok(None));
    }
}
