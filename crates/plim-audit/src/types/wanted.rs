//! What a key takes that is not a text: an expression that stands there alone keeps its type, and must have that one.

use plim_expression::Template;
use plim_expression::types::Type;
use plim_workflow::{Job, TokenKind};

use crate::ExpressionAt;

/// What the key of `expression` takes, if that is not what it is given.
///
/// As in the runner's `TemplateEvaluator.Validate`, which makes texts of other values but nothing of texts: that is
/// why GitHub's documentation puts `fromJSON` around the number of a `timeout-minutes`.
pub(super) fn mismatch(expression: &ExpressionAt<'_>, given: &Type) -> Option<&'static str> {
    let text = &expression.text;
    if text.condition.is_some() || !text.is_one_expression() {
        return None;
    }
    let wanted = match text.key {
        "continue-on-error" | "fail-fast" | "cancel-in-progress" | "deployment" => Wanted::Boolean,
        "timeout-minutes" | "cancel-timeout-minutes" | "max-parallel" => Wanted::Number,
        "strategy" => Wanted::Mapping,
        "env" if text.entry.is_none() => Wanted::Mapping,
        "matrix" => of_matrix(text.job?.job, text.template)?,
        _ => return None,
    };
    (!wanted.takes(given)).then(|| wanted.describe())
}

#[derive(Copy, Clone)]
enum Wanted {
    Boolean,
    Number,
    Mapping,
    Sequence,
}

impl Wanted {
    fn takes(self, given: &Type) -> bool {
        match given {
            Type::Any | Type::Null => true,
            Type::Boolean => matches!(self, Self::Boolean),
            Type::Number => matches!(self, Self::Number),
            Type::Text(_) => false,
            Type::Array(_) => matches!(self, Self::Sequence),
            Type::Object(_) => matches!(self, Self::Mapping),
        }
    }

    fn describe(self) -> &'static str {
        match self {
            Self::Boolean => "a boolean",
            Self::Number => "a number",
            Self::Mapping => "an object",
            Self::Sequence => "a list",
        }
    }
}

/// What the matrix takes where `template` stands: all of it is a mapping, an axis a sequence, an item whatever it is.
fn of_matrix(job: &Job, template: &Template) -> Option<Wanted> {
    let is_it = |kind: &TokenKind| matches!(kind, TokenKind::Text(text) if std::ptr::eq(&text.template, template));
    let matrix = job.strategy.as_ref()?.matrix.as_ref()?;
    match &matrix.kind {
        TokenKind::Mapping(axes) => {
            axes.iter().any(|(_, axis)| is_it(&axis.kind)).then_some(Wanted::Sequence)
        }
        kind => is_it(kind).then_some(Wanted::Mapping),
    }
}
