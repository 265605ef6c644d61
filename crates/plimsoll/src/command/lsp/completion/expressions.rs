//! Contexts, their properties, and functions, inside of `${{ }}` and in an `if`.

use std::ops::Range;

use lsp_types::CompletionItemKind;
use plim_audit::{WordAt, word_at};
use plim_expression::BuiltIn;

use super::super::{glossary, hover::described, spot::Spot, workspace::Judged};
use super::{Offer, Offers, STAND_IN, Typed, of_name, offset, span};

/// What can stand in the expression at the cursor; `None` where there is no expression.
pub(super) fn offers(typed: &Typed<'_>) -> Option<Offers> {
    let word = typed.word(of_name);
    let chain = chain(&typed.text()[..word.start]);
    let (judged, at) = wrapped(typed, &word, chain).or_else(|| bare(typed, &word, chain))?;
    let found = word_at(&judged.subject, &judged.repository, offset(at));
    let offers = match found {
        Some(found) if chain.is_empty() => names(&found, &judged),
        Some(found) => properties(&found),
        // An expression that may not stand here, or names a context that may not be read here.
        None => Vec::new(),
    };
    Some(Offers { span: span(word.start..typed.offset), offers })
}

/// What leads to a property: `steps.build.`, or nothing.
fn chain(before: &str) -> &str {
    if !before.ends_with('.') {
        return "";
    }
    let mut start = before.len();
    for (at, c) in before.char_indices().rev() {
        if !of_name(c) && !matches!(c, '.' | '*' | '[' | ']' | '\'') {
            break;
        }
        start = at;
    }
    &before[start..]
}

/// What is written in place of the expression, and how far behind its beginning the word ends.
fn stand_in(chain: &str) -> (String, usize) {
    match chain {
        // Any literal will do; `true` reads in every quotation.
        "" => ("${{ true }}".to_owned(), "${{ tr".len()),
        chain => {
            let text = format!("${{{{ {chain}{STAND_IN} }}}}");
            (text, "${{ ".len() + chain.len() + STAND_IN.len())
        }
    }
}

/// The file in which a stand-in takes the place of the `${{ }}` around the cursor.
fn wrapped(typed: &Typed<'_>, word: &Range<usize>, chain: &str) -> Option<(Judged, usize)> {
    let text = typed.text();
    let open = text[..typed.offset].rfind("${{")?;
    if text[open..typed.offset].contains("}}") {
        return None;
    }
    let rest = &text[word.end..];
    let close = rest.find("}}").filter(|close| !rest[..*close].contains("${{"));
    // An expression may have several lines, but where it is not closed yet it ends with its line.
    let one_line = !text[open..typed.offset].contains('\n');
    let close = close.filter(|close| !one_line || !rest[..*close].contains('\n'));
    let end = match close {
        Some(close) => word.end + close + "}}".len(),
        None if one_line => word.end,
        None => return None,
    };
    let (stand_in, at) = stand_in(chain);
    Some((typed.with(open..end, &stand_in)?, open + at))
}

/// The file in which a stand-in takes the place of the condition around the cursor.
fn bare(typed: &Typed<'_>, word: &Range<usize>, chain: &str) -> Option<(Judged, usize)> {
    let with_word = typed.with(word.clone(), STAND_IN)?;
    let spot = Spot::at(with_word.subject.tree(), offset(word.start + 1))?;
    let is_condition = |key: &String| matches!(key.as_str(), "if" | "pre-if" | "post-if");
    if spot.is_key() || !spot.path.last().is_some_and(is_condition) {
        return None;
    }
    let value = spot.node.span().range();
    let written = with_word.subject.text().get(value.clone())?;
    let (stand_in, at) = stand_in(chain);
    // The same value in the document, where the word stands instead of the stand-in.
    let end = (value.end + (word.end - word.start)).checked_sub(STAND_IN.len())?;
    let line_end = if written.ends_with('\n') { "\n" } else { "" };
    let text = format!("{stand_in}{line_end}");
    Some((typed.with(value.start..end, &text)?, value.start + at))
}

fn properties(found: &WordAt) -> Vec<Offer> {
    let property = |(name, kind): &(std::sync::Arc<str>, _)| {
        Offer::new(&**name, CompletionItemKind::PROPERTY, described(kind).unwrap_or_default())
    };
    found.instead.iter().map(property).collect()
}

/// The contexts and functions that may be named.
fn names(found: &WordAt, judged: &Judged) -> Vec<Offer> {
    let Some(names) = found.site.names(judged.subject.forge) else { return Vec::new() };
    let contexts = names.allowed_contexts().into_iter().flatten().map(|name| {
        let line = glossary::context(name).unwrap_or_default();
        Offer::new(name, CompletionItemKind::VARIABLE, line)
    });
    let own = BuiltIn::ALL.into_iter().map(BuiltIn::name);
    let functions = own.chain(names.allowed_functions()).map(|name| {
        let line = glossary::function(name).unwrap_or_default();
        let takes_nothing = line.contains("()`");
        let insert = format!("{name}{}", if takes_nothing { "()" } else { "(" });
        Offer::new(name, CompletionItemKind::FUNCTION, line).written(insert)
    });
    contexts.chain(functions).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chain_leads_to_a_property() {
        for (before, wanted) in [
            ("echo ${{ steps.build.", "steps.build."),
            ("${{ contains(github.event.", "github.event."),
            ("${{ steps['a'].", "steps['a']."),
            ("${{ ", ""),
            ("", ""),
        ] {
            assert_eq!(chain(before), wanted, "{before}");
        }
    }
}
