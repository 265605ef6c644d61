//! What stands at a byte of an expression, and what could stand there instead.

use std::ops::Range;
use std::sync::Arc;

use plim_diag::Span;
use plim_expression::types::{Shape, Type, infer};
use plim_expression::{Node, NodeKind, Value};
use plim_workflow::{Entries, Site, Text};

use super::contexts::FileTypes;
use super::path;
use crate::{Audit, ExpressionAt, Subject, Surroundings, TextAt};

/// A word of an expression.
#[derive(Clone, Debug)]
pub struct WordAt {
    /// What may be named in the expression.
    pub site: Site,
    /// The bytes of the word.
    pub span: Span,
    /// What it is.
    pub word: Word,
    /// The properties that could stand in place of a property, with their types.
    pub instead: Vec<(Arc<str>, Type)>,
}

/// What a word of an expression is.
#[derive(Clone, Debug)]
pub enum Word {
    /// A context, in lower case, with its type.
    Context(Arc<str>, Type),
    /// A property, with its type.
    Property {
        /// The names that lead to it, the context first, itself last; only itself where one of them is computed.
        path: Vec<String>,
        /// What it is.
        kind: Type,
    },
    /// A function, as it is usually spelled.
    Function(String),
    /// Anything else.
    Other,
}

/// The word of an expression of `subject` that the byte at `offset` is of or stands right behind.
///
/// `None` where no expression that can be parsed stands there.
#[must_use]
pub fn word_at(subject: &Subject, surroundings: &dyn Surroundings, offset: u32) -> Option<WordAt> {
    let audit = Audit::new(subject, surroundings);
    let expressions = audit.expressions();
    let here = expressions.iter().find(|one| touches(one.span, offset))?;
    let types = FileTypes::new(&audit);
    let found = here.expression.root().walk().find_map(|node| {
        let span = here.place(&name_span(node)?);
        touches(span, offset).then_some((node, span))
    });
    let site = here.text.site;
    let Some((node, span)) = found else {
        return Some(WordAt { site, span: here.span, word: Word::Other, instead: Vec::new() });
    };
    let kind = |node| infer(node, &types.at(here.text), &mut Vec::new());
    let instead = match object(node) {
        Some(object) => properties(&audit, here, object, &kind(object)),
        None => Vec::new(),
    };
    Some(WordAt { site, span, word: word(node, kind(node)), instead })
}

fn touches(span: Span, offset: u32) -> bool {
    span.start <= offset && offset <= span.end
}

/// The bytes of the name that `node` adds to what is below it.
fn name_span(node: &Node) -> Option<Range<usize>> {
    match &node.kind {
        NodeKind::NamedValue(_) => Some(node.span.clone()),
        NodeKind::Dereference { name_span, .. } | NodeKind::Call { name_span, .. } => {
            Some(name_span.clone())
        }
        NodeKind::Index { index, .. } => match &index.kind {
            NodeKind::Literal(Value::String(_)) => Some(index.span.clone()),
            _ => None,
        },
        _ => None,
    }
}

fn object(node: &Node) -> Option<&Node> {
    match &node.kind {
        NodeKind::Dereference { object, .. } | NodeKind::Index { object, .. } => Some(object),
        _ => None,
    }
}

fn word(node: &Node, kind: Type) -> Word {
    match &node.kind {
        NodeKind::NamedValue(name) => Word::Context(Arc::clone(name), kind),
        NodeKind::Call { function, .. } => Word::Function(function.name().to_owned()),
        NodeKind::Dereference { name, .. } => property(node, name, kind),
        NodeKind::Index { index, .. } => match &index.kind {
            NodeKind::Literal(Value::String(name)) => property(node, name, kind),
            _ => Word::Other,
        },
        _ => Word::Other,
    }
}

fn property(node: &Node, name: &str, kind: Type) -> Word {
    let names = path(node).unwrap_or_else(|| vec![name]);
    Word::Property { path: names.into_iter().map(str::to_owned).collect(), kind }
}

/// The properties of `object`, whose type is `kind`, that can be told.
fn properties(
    audit: &Audit<'_>,
    here: &ExpressionAt<'_>,
    object: &Node,
    kind: &Type,
) -> Vec<(Arc<str>, Type)> {
    let Type::Object(shape) = kind else { return Vec::new() };
    let mut found = listed(shape);
    if let NodeKind::NamedValue(context) = &object.kind {
        match &**context {
            "steps" => found.retain(|(name, _)| is_earlier(here.text, name)),
            "env" => found.extend(environment(audit, here.text)),
            "secrets" | "vars" if shape.is_open() => {
                found.extend(read_elsewhere(audit, here, context))
            }
            _ => {}
        }
        if &**context == "secrets" && shape.is_open() {
            found.push(("GITHUB_TOKEN".into(), Type::TEXT));
        }
    }
    found.sort_by(|(one, _), (other, _)| one.cmp(other));
    found.dedup_by(|(one, _), (other, _)| one == other);
    found
}

fn listed(shape: &Shape) -> Vec<(Arc<str>, Type)> {
    let named = |name: &str| (Arc::from(name), shape.get(name).cloned().unwrap_or_default());
    shape.names().map(named).collect()
}

/// Whether the step called `id` was written and is over where `text` stands.
fn is_earlier(text: TextAt<'_>, id: &str) -> bool {
    if id.starts_with("__") {
        return false;
    }
    text.step.is_none_or(|step| {
        step.siblings.iter().position(|other| *other.id == *id) < Some(step.index)
    })
}

/// The variables that are set for the step or job that `text` is of.
fn environment(audit: &Audit<'_>, text: TextAt<'_>) -> Vec<(Arc<str>, Type)> {
    let workflow = audit.subject().workflow().and_then(|workflow| workflow.env.as_ref());
    let job = text.job.and_then(|job| job.job.env.as_ref());
    let step = text.step.and_then(|step| step.step.env.as_ref());
    let all = [workflow, job, step].into_iter().flatten().flat_map(Entries::<Text>::written);
    all.map(|(name, _)| (Arc::clone(&name.value), Type::TEXT)).collect()
}

/// The properties of `context` that other expressions of the file read.
fn read_elsewhere(
    audit: &Audit<'_>,
    here: &ExpressionAt<'_>,
    context: &str,
) -> Vec<(Arc<str>, Type)> {
    let mut found = Vec::new();
    for other in audit.expressions().iter().filter(|other| other.span != here.span) {
        for node in other.expression.root().walk() {
            if let NodeKind::Dereference { object, name, .. } = &node.kind
                && matches!(&object.kind, NodeKind::NamedValue(of) if **of == *context)
            {
                found.push((Arc::clone(name), Type::TEXT));
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use plim_workflow::Forge;

    use super::*;
    use crate::{Kind, Nowhere};

    /// The word at the first `part` of the last step.
    fn at(step: &str, part: &str) -> Option<WordAt> {
        let text = format!(
            "on: push\nenv: {{ A: 1 }}\njobs:\n  build:\n    runs-on: ubuntu-latest\n    outputs: {{ x: '1' }}\n    \
             steps:\n      - id: one\n        run: make\n  test:\n    needs: build\n    runs-on: ubuntu-latest\n    \
             env: {{ B: 2 }}\n    steps:\n      - id: first\n        uses: actions/cache@v4\n      \
             - id: second\n        run: echo ${{{{ secrets.TOKEN }}}}\n      - run: {step}\n      - id: last\n        run: make\n"
        );
        let subject = Subject::read("ci.yml", text.as_bytes(), Kind::Workflow, Forge::GitHub);
        let offset = text.find(step).unwrap() + step.find(part).unwrap();
        word_at(&subject, &Nowhere::default(), u32::try_from(offset).unwrap())
    }

    fn instead(step: &str, part: &str) -> Vec<String> {
        let word = at(step, part).unwrap();
        word.instead.iter().map(|(name, _)| name.to_string()).collect()
    }

    #[test]
    fn a_property_knows_what_could_stand_in_its_place() {
        assert_eq!(instead("echo ${{ steps.x }}", "x }"), ["first", "second"]);
        assert_eq!(
            instead("echo ${{ steps.first.x }}", "x }"),
            ["conclusion", "outcome", "outputs"]
        );
        assert_eq!(instead("echo ${{ steps.first.outputs.x }}", "x }"), ["cache-hit"]);
        assert_eq!(instead("echo ${{ needs.build.outputs.y }}", "y }"), ["x"]);
        assert_eq!(instead("echo ${{ env.x }}", "x }"), ["A", "B"]);
        assert_eq!(instead("echo ${{ secrets.x }}", "x }"), ["GITHUB_TOKEN", "TOKEN"]);
    }

    #[test]
    fn contexts_functions_and_properties_are_told_apart() {
        let step = "echo ${{ contains(github.ref, 'a') }}";
        assert!(
            matches!(at(step, "ontains").unwrap().word, Word::Function(name) if name == "contains")
        );
        assert!(
            matches!(at(step, "ithub").unwrap().word, Word::Context(name, _) if &*name == "github")
        );
        assert!(
            matches!(at(step, "ref").unwrap().word, Word::Property { path, .. } if path == ["github", "ref"])
        );
        assert!(matches!(at(step, "'a'").unwrap().word, Word::Other));
        assert!(at("echo ${{ env.A }}", "cho").is_none());
    }
}
