//! Evaluates as much of an expression as is known before anything ran.
//!
//! What depends on a job, a step or a secret is not known, and neither is what is made of it; but `false && x` is
//! false whatever `x` is.

use std::sync::Arc;

use plim_expression::{Expression, Function, Node, NodeKind, Scope, Segment, Template, Value};
use plim_workflow::{Condition, Entries, Key, Text, Token, TokenKind};

/// What is known, and how the rest is taken.
#[derive(Clone, Copy)]
pub(crate) struct Known<'a> {
    /// The contexts; one that it lacks is not known.
    pub(crate) scope: &'a dyn Scope,
    /// Inputs that have a value which is not known yet.
    pub(crate) open_inputs: &'a [Arc<str>],
    /// The variables of `env` whose value is known.
    pub(crate) variables: &'a [Arc<str>],
    /// Everything before is taken to succeed, so that what runs only after a failure does not run.
    pub(crate) all_goes_well: bool,
}

/// What `runner` holds before a job has a folder.
const OF_ANY_RUNNER: [&str; 4] = ["os", "arch", "name", "environment"];

/// What `github` gets for each job and step only.
const OF_A_STEP: [&str; 10] = [
    "action",
    "action_path",
    "action_ref",
    "action_repository",
    "action_status",
    "env",
    "event_path",
    "job",
    "path",
    "workspace",
];

impl Known<'_> {
    /// The value of an expression, if all it reads is known.
    pub(crate) fn value(&self, expression: &Expression) -> Option<Value> {
        self.is_known(expression.root()).then(|| expression.evaluate(self.scope).ok()).flatten()
    }

    /// Whether a condition holds, if that can be told.
    pub(crate) fn holds(&self, condition: &Condition) -> Option<bool> {
        let expression = condition.condition.expression();
        self.truth(expression.root(), expression.source())
    }

    fn truth(&self, node: &Node, source: &str) -> Option<bool> {
        match &node.kind {
            NodeKind::Not(operand) => self.truth(operand, source).map(|truth| !truth),
            NodeKind::And(operands) => self.chain(operands, source, false),
            NodeKind::Or(operands) => self.chain(operands, source, true),
            NodeKind::Call { function: Function::Extension(name), arguments, .. } => {
                self.status(name, arguments)
            }
            _ if self.is_known(node) => {
                // Parsed again because only whole expressions can be evaluated.
                let part = Expression::parse(source.get(node.span.clone())?).ok()?;
                part.evaluate(self.scope).ok().map(|value| value.is_truthy())
            }
            _ => None,
        }
    }

    /// `&&` is false once one operand is, `||` true; otherwise every operand must be known.
    fn chain(&self, operands: &[Node], source: &str, decisive: bool) -> Option<bool> {
        let mut all = Some(!decisive);
        for operand in operands {
            match self.truth(operand, source) {
                Some(truth) if truth == decisive => return Some(decisive),
                Some(_) => {}
                None => all = None,
            }
        }
        all
    }

    fn status(&self, function: &str, arguments: &[Node]) -> Option<bool> {
        match function.to_ascii_lowercase().as_str() {
            "always" => Some(true),
            "success" if self.all_goes_well && arguments.is_empty() => Some(true),
            "failure" | "cancelled" if self.all_goes_well => Some(false),
            _ => None,
        }
    }

    fn is_known(&self, node: &Node) -> bool {
        match &node.kind {
            NodeKind::NamedValue(context) => self.knows(context, None),
            NodeKind::Call { function: Function::Extension(_), .. } => false,
            NodeKind::Dereference { object, name, .. } => match &object.kind {
                NodeKind::NamedValue(context) => self.knows(context, Some(name)),
                _ => self.is_known(object),
            },
            NodeKind::Index { object, index } => match (&object.kind, &index.kind) {
                (NodeKind::NamedValue(context), NodeKind::Literal(Value::String(key))) => {
                    self.knows(context, Some(key))
                }
                _ => self.is_known(object) && self.is_known(index),
            },
            _ => node.children().all(|child| self.is_known(child)),
        }
    }

    /// Whether a key of a context, or all of it, is known.
    fn knows(&self, context: &str, key: Option<&str>) -> bool {
        let among = |keys: &[&str]| {
            key.is_some_and(|key| keys.iter().any(|known| known.eq_ignore_ascii_case(key)))
        };
        match context {
            "secrets" | "steps" | "job" | "jobs" => return false,
            "env" if !key.is_some_and(|key| self.variables.iter().any(|known| **known == *key)) => {
                return false;
            }
            "runner" if !among(&OF_ANY_RUNNER) => return false,
            "inputs" => {
                let open = |name: &Arc<str>| key.is_none_or(|key| name.eq_ignore_ascii_case(key));
                if self.open_inputs.iter().any(open) {
                    return false;
                }
            }
            "github" | "gitea" | "forgejo" | "forge" if key.is_none() || among(&OF_A_STEP) => {
                return false;
            }
            _ => {}
        }
        self.scope.context(context).is_some()
    }

    /// The value of a text, if it is known.
    pub(crate) fn text_value(&self, text: &Text) -> Option<Value> {
        self.template_known(&text.template).then(|| text.evaluate(self.scope).ok()).flatten()
    }

    /// The text, if it is known.
    pub(crate) fn text(&self, text: &Text) -> Option<Arc<str>> {
        self.text_value(text).filter(Value::is_primitive).map(|value| value.to_text())
    }

    fn template_known(&self, template: &Template) -> bool {
        template.expressions().all(|(expression, _)| self.is_known(expression.root()))
    }

    /// The text with what is known put in, and what is not as it is written.
    pub(crate) fn shown(&self, text: &Text) -> String {
        let mut shown = String::new();
        for segment in &text.template.segments {
            match segment {
                Segment::Literal(literal) => shown.push_str(literal),
                Segment::Expression { expression, .. } => match self.value(expression) {
                    Some(value) => shown.push_str(&value.to_text()),
                    None => shown.push_str(&placeholder(expression.source())),
                },
            }
        }
        shown
    }

    /// The value of a token, if all of it is known.
    pub(crate) fn token(&self, token: &Token) -> Option<Value> {
        self.token_known(token).then(|| token.evaluate(self.scope).ok()).flatten()
    }

    pub(crate) fn token_known(&self, token: &Token) -> bool {
        match &token.kind {
            TokenKind::Null | TokenKind::Boolean(_) | TokenKind::Number(_) => true,
            TokenKind::Text(text) => self.template_known(&text.template),
            TokenKind::Sequence(items) => items.iter().all(|item| self.token_known(item)),
            TokenKind::Mapping(entries) => entries.iter().all(|(key, value)| {
                let key = match key {
                    Key::Text(text) => self.template_known(&text.template),
                    Key::Insert(_) => true,
                };
                key && self.token_known(value)
            }),
        }
    }

    /// The entries whose keys are known, with the value of those that are.
    pub(crate) fn entries(&self, entries: &Entries<Text>) -> Vec<(Arc<str>, Option<Value>)> {
        match entries {
            Entries::Written(entries) => {
                let entry = |(name, text): &(plim_workflow::Name, Text)| {
                    (Arc::clone(&name.value), self.text_value(text))
                };
                entries.iter().map(entry).collect()
            }
            Entries::Expression(text) => fields(self.text_value(text)),
            Entries::Mixed(token) => fields(self.token(token)),
        }
    }
}

fn fields(value: Option<Value>) -> Vec<(Arc<str>, Option<Value>)> {
    let Some(Value::Object(object)) = value else { return Vec::new() };
    object.iter().map(|(key, value)| (Arc::clone(key), Some(value.clone()))).collect()
}

/// An unknown expression within a script, with nothing that would end a quote or a brace of the script.
fn placeholder(source: &str) -> String {
    let harmless = |c: char| c.is_alphanumeric() || " ._-&|=!()[]*,".contains(c);
    if source.chars().all(harmless) {
        format!("${{{{ {source} }}}}")
    } else {
        "${{ … }}".to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use plim_diag::Span;
    use plim_expression::Object;

    fn scope() -> Object {
        let json = r#"{"github": {"ref": "refs/heads/main", "event": {"a": 1}}, "inputs": {"a": true},
            "matrix": {"os": "linux"}, "runner": {"os": "Linux"}, "vars": {}, "env": {"X": "1"}}"#;
        let Value::Object(object) = Value::parse_json(json).unwrap() else { unreachable!() };
        Object::clone(&object)
    }

    fn holds(condition: &str, all_goes_well: bool) -> Option<bool> {
        let condition = plim_expression::Condition::parse(condition).unwrap();
        let condition = Condition { condition, span: Span::default(), expressions: Vec::new() };
        let open_inputs = ["later".into()];
        Known { scope: &scope(), open_inputs: &open_inputs, variables: &[], all_goes_well }
            .holds(&condition)
    }

    #[test]
    fn what_is_unknown_decides_only_where_it_matters() {
        for (condition, wanted) in [
            ("github.ref == 'refs/heads/main' && always()", Some(true)),
            ("github.ref == 'refs/heads/topic'", Some(false)),
            ("github.ref == 'refs/heads/main'", None),
            ("always() && needs.a.result == 'success'", None),
            ("needs.a.result == 'success' && matrix.os == 'windows'", Some(false)),
            ("always() && (steps.x.outcome == 'success' || runner.os == 'Linux')", Some(true)),
            ("always() && !(env.X == '1')", None),
            ("always() && runner.temp == ''", None),
            ("always() && inputs.a", Some(true)),
            ("always() && inputs.later", None),
            ("always() && inputs['LATER']", None),
            ("always() && toJSON(inputs) != ''", None),
            ("always() && hashFiles('x') != ''", None),
            ("always() && vars.MISSING", Some(false)),
            ("failure()", None),
        ] {
            assert_eq!(holds(condition, false), wanted, "{condition}");
        }
    }

    #[test]
    fn where_all_goes_well_nothing_runs_after_a_failure() {
        assert_eq!(holds("failure()", true), Some(false));
        assert_eq!(holds("cancelled() || failure()", true), Some(false));
        assert_eq!(holds("github.ref == 'refs/heads/main'", true), Some(true));
    }

    #[test]
    fn texts_keep_what_is_unknown_as_it_is_written() {
        let template = Template::parse(
            "a ${{ matrix.os }}${{ env.X }}${{ env.Y }} ${{ needs.x.y }} ${{ steps.x['y'] }}",
        )
        .unwrap();
        let text = Text { template, span: Span::default(), expressions: Vec::new() };
        let known = Known {
            scope: &scope(),
            open_inputs: &[],
            variables: &["X".into()],
            all_goes_well: false,
        };
        assert_eq!(known.shown(&text), "a linux1${{ env.Y }} ${{ needs.x.y }} ${{ … }}");
        assert_eq!(known.text(&text), None);
    }
}
