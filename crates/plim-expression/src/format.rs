//! Reads the text of `format()`: literals, `{0}`, and `{{` and `}}` for the braces themselves.

use crate::lexer::abridged;

/// A part of a format text.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Piece<'t> {
    Literal(&'t str),
    /// The number of the argument that stands here, from 0.
    Argument(usize),
}

/// Splits `text`, to which there are `count` arguments.
///
/// Errors: a single brace, a number of an argument that is not there, and specifiers (`{0:N}`), which
/// GitHub's runner has for no kind of value.
pub(crate) fn pieces(text: &str, count: usize) -> Result<Vec<Piece<'_>>, String> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some(brace) = rest.find(['{', '}']) {
        let (literal, from_brace) = rest.split_at(brace);
        push_literal(&mut pieces, literal);
        if from_brace.starts_with("{{") || from_brace.starts_with("}}") {
            push_literal(&mut pieces, &from_brace[..1]);
            rest = &from_brace[2..];
        } else {
            let (number, after) = placeholder(from_brace, text)?;
            if number >= count {
                return Err(format!(
                    "the format text `{}` mentions `{{{number}}}`, and the call has {count} values for it",
                    abridged(text)
                ));
            }
            pieces.push(Piece::Argument(number));
            rest = after;
        }
    }
    push_literal(&mut pieces, rest);
    Ok(pieces)
}

fn push_literal<'t>(pieces: &mut Vec<Piece<'t>>, literal: &'t str) {
    if !literal.is_empty() {
        pieces.push(Piece::Literal(literal));
    }
}

/// The number of the placeholder that `rest` begins with, and what follows it.
fn placeholder<'t>(rest: &'t str, text: &str) -> Result<(usize, &'t str), String> {
    let invalid = || {
        format!(
            "the format text `{}` is invalid: a brace is written `{{{{` or `}}}}`",
            abridged(text)
        )
    };
    let inner = rest.strip_prefix('{').ok_or_else(invalid)?;
    let end = inner.find(|c: char| !c.is_ascii_digit()).ok_or_else(invalid)?;
    let (digits, after) = inner.split_at(end);
    let number: u8 = digits.parse().map_err(|_| invalid())?;
    if after.starts_with(':') && after.contains('}') {
        return Err(format!(
            "the format text `{}` has specifiers, which no value takes",
            abridged(text)
        ));
    }
    Ok((number.into(), after.strip_prefix('}').ok_or_else(invalid)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn semantic_30_doubled_braces_are_braces() {
        assert_eq!(
            pieces("a{{{0}}}", 1).unwrap(),
            [Piece::Literal("a"), Piece::Literal("{"), Piece::Argument(0), Piece::Literal("}")]
        );
    }

    #[test]
    fn semantic_30_a_missing_argument_is_an_error() {
        assert!(pieces("{1}", 1).unwrap_err().contains("mentions `{1}`"));
        for text in ["{", "}", "{}", "{x}", "{256}", "{0", "{-1}", "{0:"] {
            assert!(pieces(text, 1).unwrap_err().contains("is invalid"), "{text}");
        }
        assert!(pieces("{0:N}", 1).unwrap_err().contains("specifiers"));
    }
}
