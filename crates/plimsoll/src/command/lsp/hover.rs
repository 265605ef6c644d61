//! What is shown for the place under the pointer: findings there, and what its word means.

use lsp_types::{Hover, HoverContents, MarkupContent, MarkupKind, Position};
use plim_audit::{Finding, Kind, Word, rule, word_at};
use plim_diag::Span;
use plim_expression::types::Type;

use super::{
    glossary,
    positions::Lined,
    spot::Spot,
    used::{self, Handed},
    workspace::Judged,
};

/// What is known of `position`; `None` where nothing is.
pub(super) fn hover(judged: &Judged, lined: &Lined<'_>, position: Position) -> Option<Hover> {
    let offset = lined.offset(position);
    let findings = judged.findings();
    let here = |span: Span| span.start <= offset && offset <= span.end;
    let here: Vec<&Finding> = findings.iter().filter(|one| here(one.span())).collect();
    let word = expression(judged, offset).or_else(|| word(judged, offset));
    let span = here.first().map(|one| one.span()).or(word.as_ref().map(|(span, _)| *span))?;
    let explained = here.iter().map(|finding| explained(finding));
    let parts: Vec<String> = explained.chain(word.map(|(_, text)| text)).collect();
    let value = parts.join("\n\n---\n\n");
    let contents = HoverContents::Markup(MarkupContent { kind: MarkupKind::Markdown, value });
    Some(Hover { contents, range: Some(lined.range(span)) })
}

/// A finding, and why its rule exists.
fn explained(finding: &Finding) -> String {
    let diagnostic = &finding.diagnostic;
    let code = diagnostic.code;
    let mut text = format!("**{code}** ({}): {}", diagnostic.severity, diagnostic.message);
    if let Some(help) = &diagnostic.help {
        text.push_str(&format!("\n\n*{help}*"));
    }
    if let Some(rule) = rule(code.0) {
        text.push_str(&format!("\n\n{}\n\n{}", rule.why, rule.remedy));
    }
    text
}

/// A word of an expression.
fn expression(judged: &Judged, offset: u32) -> Option<(Span, String)> {
    let at = word_at(&judged.subject, &judged.repository, offset)?;
    let text = match at.word {
        Word::Context(name, _) => format!("`{name}`: {}", glossary::context(&name)?),
        Word::Function(name) => glossary::function(&name)?.to_owned(),
        Word::Property { path, kind } => format!("`{}`: {}", path.join("."), described(&kind)?),
        Word::Other => return None,
    };
    Some((at.span, text))
}

/// A type in a few words; `None` where nothing is known.
pub(super) fn described(kind: &Type) -> Option<String> {
    match kind {
        Type::Any => None,
        Type::Text(words) if !words.known().is_empty() => {
            let words: Vec<String> = words.known().iter().map(|word| format!("`{word}`")).collect();
            Some(format!("one of {}", words.join(", ")))
        }
        Type::Object(shape) => {
            let names: Vec<&str> = shape.names().filter(|name| !name.starts_with("__")).collect();
            match names.is_empty() {
                true => Some(kind.describe().to_owned()),
                false => Some(format!("an object with `{}`", names.join("`, `"))),
            }
        }
        kind => Some(kind.describe().to_owned()),
    }
}

/// A key, an input, or an action.
fn word(judged: &Judged, offset: u32) -> Option<(Span, String)> {
    let spot = Spot::at(judged.subject.tree(), offset)?;
    let span = spot.node.written_span();
    let last = spot.path.last().map(String::as_str);
    if !spot.is_key() {
        let is_step = spot.path.iter().any(|key| key == "steps");
        let used = last == Some("uses") && is_step;
        return used.then(|| action(judged, offset))?.map(|text| (span, text));
    }
    let key = last?;
    let text = match handed(judged, &spot, offset) {
        Some(handed) if handed.line.is_empty() => format!("`{key}`: an input"),
        Some(handed) => format!("`{key}`: {}", handed.line),
        None => {
            let kind = Kind::of_document(&judged.subject.document);
            format!("`{key}`: {}", glossary::key(kind, &spot.path)?)
        }
    };
    Some((span, text))
}

/// The input or secret that a key below `with` or `secrets` gives.
fn handed(judged: &Judged, spot: &Spot<'_>, offset: u32) -> Option<Handed> {
    let key = spot.path.last()?;
    let all = used::handed(judged, spot.parent(), offset)?;
    all.into_iter().find(|one| one.name.eq_ignore_ascii_case(key))
}

/// What is known of an action.
fn action(judged: &Judged, offset: u32) -> Option<String> {
    let uses = used::uses(judged, offset)?;
    let described = used::local(judged, uses).and_then(|action| action.description.clone());
    let inputs = used::inputs(judged, uses);
    if inputs.is_empty() && described.is_none() {
        return None;
    }
    let mut text = described.as_deref().unwrap_or("An action.").trim().to_owned();
    if !inputs.is_empty() {
        text.push_str("\n\nInputs:\n");
    }
    for Handed { name, line } in inputs {
        let colon = if line.is_empty() { "" } else { ": " };
        text.push_str(&format!("\n- `{name}`{colon}{line}"));
    }
    Some(text)
}
