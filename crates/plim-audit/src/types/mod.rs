//! The types of contexts, and the mistakes in expressions that follow from them.

mod contexts;
mod event;
mod fixed;
mod inputs;
mod lookup;
mod matrix;
mod needs;
mod payloads;
mod steps;
mod wanted;

pub use lookup::{Word, WordAt, word_at};
use plim_diag::{Span, closest};
use plim_expression::types::{Mistake, Shape, Type, Wrong, infer, infer_condition};
use plim_expression::{Node, NodeKind, Value};
use plim_workflow::Site;

use crate::types::contexts::FileTypes;
use crate::{Audit, ExpressionAt, Finding};

/// A mistake and the expression it is in.
#[derive(Clone, Debug)]
pub struct MistakeAt<'a> {
    /// The expression.
    pub expression: ExpressionAt<'a>,
    /// What is wrong with which part of it.
    pub mistake: Mistake<'a>,
}

/// A property that is read though it is not there.
#[derive(Clone, Debug)]
pub struct Missing<'m> {
    /// The names that lead to the object, the context first and in lower case: `steps`, `build`, `outputs`.
    pub path: Vec<&'m str>,
    /// The property.
    pub name: &'m str,
    /// What the object has.
    pub shape: &'m Shape,
}

impl<'a> MistakeAt<'a> {
    /// Where it stands in the file.
    #[must_use]
    pub fn span(&self) -> Span {
        self.expression.place(&self.mistake.span)
    }

    /// The property that is not there, if that is what is wrong and every name on the way is written out.
    #[must_use]
    pub fn missing(&self) -> Option<Missing<'_>> {
        let Wrong::Property { object, name, shape } = &self.mistake.wrong else { return None };
        Some(Missing { path: path(object)?, name, shape })
    }
}

impl Missing<'_> {
    /// The property that was likely meant.
    #[must_use]
    pub fn closest(&self) -> Option<&str> {
        closest(self.name, self.shape.names())
    }

    /// Reports it: `message` says what is not there, `otherwise` what to do where no other name is near.
    pub(crate) fn report<'f>(
        &self,
        audit: &'f mut Audit<'_>,
        span: Span,
        message: String,
        otherwise: &str,
    ) -> &'f mut Finding {
        let help = match self.closest() {
            Some(near) => format!("write `{near}`"),
            None => otherwise.to_owned(),
        };
        audit.report(span, message).help(help)
    }
}

/// The names of `context.first.second`; `None` where one of them is computed.
fn path(node: &Node) -> Option<Vec<&str>> {
    let mut names = Vec::new();
    let mut at = node;
    loop {
        at = match &at.kind {
            NodeKind::NamedValue(context) => {
                names.push(&**context);
                names.reverse();
                return Some(names);
            }
            NodeKind::Dereference { object, name, .. } => {
                names.push(&**name);
                object
            }
            NodeKind::Index { object, index } => {
                names.push(written(index)?);
                object
            }
            _ => return None,
        };
    }
}

fn written(index: &Node) -> Option<&str> {
    match &index.kind {
        NodeKind::Literal(Value::String(name)) => Some(name),
        NodeKind::Wildcard => Some("*"),
        _ => None,
    }
}

/// All mistakes in the expressions of a file; none where part of it is unread, since they follow from what is absent.
pub(crate) fn mistakes<'a>(audit: &Audit<'a>) -> Vec<MistakeAt<'a>> {
    let mut found = Vec::new();
    if audit.subject().partly_read() {
        return found;
    }
    let types = FileTypes::new(audit);
    let mut mistakes = Vec::new();
    for &expression in audit.expressions().iter() {
        let root = expression.expression.root();
        let text = expression.text;
        let is_condition = text.condition.is_some() && text.is_one_expression();
        let infer = if is_condition { infer_condition } else { infer };
        let kind = infer(root, &types.at(text), &mut mistakes);
        if let Some(wrong) = misplaced(&expression, kind) {
            let span = 0..expression.expression.source().len();
            mistakes.push(Mistake { span, optional: false, wrong });
        }
        found.extend(mistakes.drain(..).map(|mistake| MistakeAt { expression, mistake }));
    }
    found
}

/// What is wrong with an expression of type `kind` where it stands.
fn misplaced<'a>(expression: &ExpressionAt<'a>, kind: Type) -> Option<Wrong<'a>> {
    if kind.is_compound() && is_made_text(expression) {
        return Some(Wrong::Compound { function: None, kind });
    }
    let wanted = wanted::mismatch(expression, &kind)?;
    Some(Wrong::Value { wanted, kind })
}

/// Whether a text is made of what the expression gives: beside other text, and at keys that hold nothing else.
fn is_made_text(expression: &ExpressionAt<'_>) -> bool {
    let text = &expression.text;
    if text.condition.is_some() {
        return false;
    }
    if !text.is_one_expression() {
        return true;
    }
    let in_step = matches!(text.site, Site::Step | Site::ActionStep);
    match text.key {
        "run" | "name" | "run-name" | "shell" | "working-directory" => true,
        "env" | "outputs" => text.entry.is_some(),
        "with" => in_step && text.entry.is_some(),
        _ => false,
    }
}
