//! Says what is wrong with an expression, and exactly where.

use std::ops::Range;

use plim_diag::{Diagnostic, Span, closest};
use plim_expression::{
    BuiltIn, Expression, Names, NodeKind, STATUS_FUNCTIONS, Template, TemplateError,
};

use super::mapping::quoted;
use super::scalar::part;
use super::{Reader, codes};
use crate::Site;
use crate::site::CONTEXTS;
use crate::yaml::NodeRef;

impl Reader {
    /// The text of `node` did not read with `error`; `any` is it with every name allowed, if it reads so.
    pub(super) fn expression_error(
        &mut self,
        node: NodeRef<'_>,
        source: &str,
        error: &TemplateError,
        any: Option<&Template>,
        site: Site,
    ) {
        let before = self.diagnostics.len();
        if let (Some(template), Some(names)) = (any, site.names(self.forge)) {
            for (expression, range) in template.expressions() {
                self.refused_names(node, expression, range.start, names);
            }
        }
        // Where every name is allowed here after all, something else is wrong.
        if self.diagnostics.len() == before {
            let end = word_end(source, error.offset);
            let diagnostic = Diagnostic::error(codes::EXPRESSION_SYNTAX, &error.error.message);
            let help = near_function(source, error.offset..end, site.names(self.forge));
            let help = help.or_else(|| syntax_help(source, error.offset).map(str::to_owned));
            self.report(diagnostic.maybe_help(help), part(node, error.offset, end));
        }
    }

    /// Reports each context and function of an expression that begins at `start` of the text.
    fn refused_names(
        &mut self,
        node: NodeRef<'_>,
        expression: &Expression,
        start: usize,
        names: &Names,
    ) {
        for found in expression.root().walk() {
            match &found.kind {
                NodeKind::NamedValue(name) if !names.allows_context(name) => {
                    let end = found.span.start + name.len();
                    let span = part(node, start + found.span.start, start + end);
                    self.refused_context(name, span, names);
                }
                NodeKind::Call { function, name_span, .. }
                    if !names.allows_function(function.name()) =>
                {
                    let span = part(node, start + name_span.start, start + name_span.end);
                    self.refused_function(function.name(), span);
                }
                _ => {}
            }
        }
    }

    fn refused_context(&mut self, name: &str, span: Span, names: &Names) {
        if name == "insert" {
            let message = "`insert` can only be a key of its own";
            let help = "write `${{ insert }}:` with a mapping as its value";
            self.error(span, codes::EXPRESSION_SYNTAX, message, help);
            return;
        }
        let allowed: Vec<&str> = names.allowed_contexts().into_iter().flatten().collect();
        if CONTEXTS.contains(&name) {
            let message = format!("the context `{name}` cannot be read here");
            let help = format!("read one of {}", quoted(&allowed));
            self.error(span, codes::CONTEXT_NOT_ALLOWED, message, help);
            return;
        }
        let help = match closest(name, allowed.iter().copied()) {
            Some(near) => format!("write `{near}`"),
            None => format!("read one of {}, or put text in single quotes", quoted(&allowed)),
        };
        let message = format!("there is no context `{name}`");
        self.error(span, codes::UNKNOWN_CONTEXT, message, help);
    }

    fn refused_function(&mut self, name: &str, span: Span) {
        let message = format!("the function `{name}` cannot be called here");
        let status = STATUS_FUNCTIONS.iter().any(|known| known.eq_ignore_ascii_case(name));
        let help = if status { "call it in an `if`" } else { "call it in a step" };
        self.error(span, codes::FUNCTION_NOT_ALLOWED, message, help);
    }
}

/// The function that was likely meant by the word at `word`, if that is called and there is no such function.
fn near_function(source: &str, word: Range<usize>, names: Option<&Names>) -> Option<String> {
    let called = source.get(word.end..)?.trim_start().starts_with('(');
    let written = source.get(word).filter(|name| called && BuiltIn::named(name).is_none())?;
    let here = names.into_iter().flat_map(Names::allowed_functions);
    let near = closest(written, BuiltIn::ALL.map(BuiltIn::name).into_iter().chain(here))?;
    (!near.eq_ignore_ascii_case(written)).then(|| format!("write `{near}`"))
}

fn syntax_help(source: &str, offset: usize) -> Option<&'static str> {
    match source.get(offset..)?.chars().next()? {
        '"' => Some("put text in single quotes"),
        '$' => Some("close the expression with `}}`"),
        _ => None,
    }
}

/// The end of the word or sign that begins at `start` of `source`.
fn word_end(source: &str, start: usize) -> usize {
    let rest = source.get(start..).unwrap_or("");
    let mut characters = rest.char_indices();
    let Some((_, first)) = characters.next() else { return start };
    let in_word = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '$' | '{');
    if !in_word(first) {
        return start + first.len_utf8();
    }
    let end = characters.find(|(_, c)| !in_word(*c)).map_or(rest.len(), |(at, _)| at);
    start + end
}
