//! Splits an expression into tokens, each of which may follow the one before it.
//!
//! Like the runner's `LexicalAnalyzer`, the lexer itself knows what may follow what, so that the
//! first token in the wrong place is the one an error points at.

use std::ops::Range;
use std::sync::Arc;

use crate::error::{ErrorKind, ExpressionError};
use crate::node::Comparison;
use crate::{Value, number};

#[derive(Clone, Debug)]
pub(crate) struct Token {
    pub(crate) kind: TokenKind,
    pub(crate) span: Range<usize>,
}

#[derive(Clone, Debug)]
pub(crate) enum TokenKind {
    /// `(` of a group.
    GroupStart,
    /// `)` of a group.
    GroupEnd,
    /// `(` after a function's name.
    ArgumentsStart,
    /// `)` of a call.
    ArgumentsEnd,
    /// `[`
    IndexStart,
    /// `]`
    IndexEnd,
    /// `,`
    Separator,
    /// `.`
    Dereference,
    /// `*`
    Wildcard,
    /// `!`
    Not,
    /// `&&`
    And,
    /// `||`
    Or,
    /// `==` and its kin.
    Compare(Comparison),
    Literal(Value),
    Property,
    Function,
    NamedValue,
}

impl TokenKind {
    /// Whether an operand is complete after this token.
    fn ends_operand(&self) -> bool {
        self.can_be_indexed() || matches!(self, TokenKind::Literal(_))
    }

    fn can_be_indexed(&self) -> bool {
        matches!(
            self,
            TokenKind::GroupEnd
                | TokenKind::ArgumentsEnd
                | TokenKind::IndexEnd
                | TokenKind::Wildcard
                | TokenKind::Property
                | TokenKind::NamedValue
        )
    }

    /// Whether an operand must begin after this token.
    fn needs_operand(&self) -> bool {
        matches!(
            self,
            TokenKind::Separator
                | TokenKind::GroupStart
                | TokenKind::ArgumentsStart
                | TokenKind::IndexStart
                | TokenKind::Not
                | TokenKind::And
                | TokenKind::Or
                | TokenKind::Compare(_)
        )
    }
}

pub(crate) struct Lexer<'s> {
    source: &'s str,
    position: usize,
    last: Option<TokenKind>,
    /// The brackets that are open, innermost last.
    open: Vec<TokenKind>,
}

impl<'s> Lexer<'s> {
    pub(crate) fn new(source: &'s str) -> Self {
        Lexer { source, position: 0, last: None, open: Vec::new() }
    }

    /// Whether a bracket is still open.
    pub(crate) fn is_open(&self) -> bool {
        !self.open.is_empty()
    }

    /// The next token, or `None` at the end.
    pub(crate) fn next(&mut self) -> Result<Option<Token>, ExpressionError> {
        let rest = self.source[self.position..].trim_start();
        let start = self.source.len() - rest.len();
        let Some(first) = rest.chars().next() else { return Ok(None) };
        let (kind, length) =
            self.read(first, rest).map_err(|error| error.at(self.source, start))?;
        self.position = start + length;
        let span = start..self.position;
        if !self.is_legal(&kind) {
            let message = format!("unexpected `{}`", abridged(&self.source[span]));
            return Err(ExpressionError::new(ErrorKind::Parsing, message).at(self.source, start));
        }
        self.track(&kind);
        self.last = Some(kind.clone());
        Ok(Some(Token { kind, span }))
    }

    fn read(&self, first: char, rest: &str) -> Result<(TokenKind, usize), ExpressionError> {
        let single = |kind| Ok((kind, 1));
        match first {
            '(' if matches!(self.last, Some(TokenKind::Function)) => {
                single(TokenKind::ArgumentsStart)
            }
            '(' => single(TokenKind::GroupStart),
            ')' if matches!(self.open.last(), Some(TokenKind::ArgumentsStart)) => {
                single(TokenKind::ArgumentsEnd)
            }
            ')' => single(TokenKind::GroupEnd),
            '[' => single(TokenKind::IndexStart),
            ']' => single(TokenKind::IndexEnd),
            ',' => single(TokenKind::Separator),
            '*' => single(TokenKind::Wildcard),
            '\'' => read_string(rest),
            '!' | '<' | '>' | '=' | '&' | '|' => read_operator(rest),
            '.' if !self.expects_operand() => single(TokenKind::Dereference),
            '.' | '+' | '-' | '0'..='9' => read_number(rest),
            _ => self.read_keyword(rest),
        }
    }

    fn read_keyword(&self, rest: &str) -> Result<(TokenKind, usize), ExpressionError> {
        let word = until_boundary(rest, 1, false);
        if !is_keyword(word) {
            return Err(unexpected_word(word));
        }
        let kind = match word {
            _ if matches!(self.last, Some(TokenKind::Dereference)) => TokenKind::Property,
            "null" => TokenKind::Literal(Value::Null),
            "true" => TokenKind::Literal(Value::Boolean(true)),
            "false" => TokenKind::Literal(Value::Boolean(false)),
            "NaN" => TokenKind::Literal(Value::Number(f64::NAN)),
            "Infinity" => TokenKind::Literal(Value::Number(f64::INFINITY)),
            _ if rest[word.len()..].trim_start().starts_with('(') => TokenKind::Function,
            _ => TokenKind::NamedValue,
        };
        Ok((kind, word.len()))
    }

    fn expects_operand(&self) -> bool {
        self.last.as_ref().is_none_or(TokenKind::needs_operand)
    }

    /// Whether `kind` may follow the last token and closes only what is open.
    fn is_legal(&self, kind: &TokenKind) -> bool {
        let after = |allowed: fn(&TokenKind) -> bool| self.last.as_ref().is_some_and(allowed);
        let inside = |open: fn(&TokenKind) -> bool| self.open.last().is_some_and(open);
        match kind {
            TokenKind::GroupStart
            | TokenKind::Not
            | TokenKind::Literal(_)
            | TokenKind::Function
            | TokenKind::NamedValue => self.expects_operand(),
            TokenKind::ArgumentsStart | TokenKind::Property => true,
            TokenKind::IndexStart | TokenKind::Dereference => after(TokenKind::can_be_indexed),
            TokenKind::Wildcard => {
                after(|last| matches!(last, TokenKind::IndexStart | TokenKind::Dereference))
            }
            TokenKind::And | TokenKind::Or | TokenKind::Compare(_) => {
                after(TokenKind::ends_operand)
            }
            TokenKind::GroupEnd => {
                after(TokenKind::ends_operand) && inside(|k| matches!(k, TokenKind::GroupStart))
            }
            TokenKind::IndexEnd => {
                after(TokenKind::ends_operand) && inside(|k| matches!(k, TokenKind::IndexStart))
            }
            TokenKind::Separator => {
                after(TokenKind::ends_operand) && inside(|k| matches!(k, TokenKind::ArgumentsStart))
            }
            TokenKind::ArgumentsEnd => {
                after(|last| last.ends_operand() || matches!(last, TokenKind::ArgumentsStart))
            }
        }
    }

    fn track(&mut self, kind: &TokenKind) {
        match kind {
            TokenKind::GroupStart | TokenKind::ArgumentsStart | TokenKind::IndexStart => {
                self.open.push(kind.clone());
            }
            TokenKind::GroupEnd | TokenKind::ArgumentsEnd | TokenKind::IndexEnd => {
                self.open.pop();
            }
            _ => {}
        }
    }
}

fn read_string(rest: &str) -> Result<(TokenKind, usize), ExpressionError> {
    let mut text = String::new();
    let mut characters = rest.char_indices().skip(1).peekable();
    while let Some((offset, c)) = characters.next() {
        if c == '\'' && characters.next_if(|(_, next)| *next == '\'').is_none() {
            let literal = Value::String(Arc::from(text));
            return Ok((TokenKind::Literal(literal), offset + 1));
        }
        text.push(c);
    }
    let message = format!("the text `{}` is not closed by `'`", abridged(rest));
    Err(ExpressionError::new(ErrorKind::Lexing, message))
}

fn read_operator(rest: &str) -> Result<(TokenKind, usize), ExpressionError> {
    const OPERATORS: [(&str, TokenKind); 9] = [
        ("!=", TokenKind::Compare(Comparison::NotEqual)),
        (">=", TokenKind::Compare(Comparison::GreaterOrEqual)),
        ("<=", TokenKind::Compare(Comparison::LessOrEqual)),
        ("==", TokenKind::Compare(Comparison::Equal)),
        ("&&", TokenKind::And),
        ("||", TokenKind::Or),
        ("!", TokenKind::Not),
        (">", TokenKind::Compare(Comparison::Greater)),
        ("<", TokenKind::Compare(Comparison::Less)),
    ];
    for (symbol, kind) in OPERATORS {
        if rest.starts_with(symbol) {
            return Ok((kind, symbol.len()));
        }
    }
    let word = until_boundary(rest, 1, false);
    let doubled = &rest[..1];
    let message =
        format!("unexpected `{}`; an operator is written `{doubled}{doubled}`", abridged(word));
    Err(ExpressionError::new(ErrorKind::Lexing, message))
}

fn read_number(rest: &str) -> Result<(TokenKind, usize), ExpressionError> {
    let word = until_boundary(rest, 1, true);
    let number = number::parse(word);
    if number.is_nan() {
        let message = format!("`{}` is not a number", abridged(word));
        return Err(ExpressionError::new(ErrorKind::Lexing, message));
    }
    Ok((TokenKind::Literal(Value::Number(number)), word.len()))
}

fn unexpected_word(word: &str) -> ExpressionError {
    let advice = if word.starts_with('"') { "; texts are written in single quotes" } else { "" };
    let message = format!("unexpected `{}`{advice}", abridged(word));
    ExpressionError::new(ErrorKind::Lexing, message)
}

/// The beginning of `rest` up to a character that ends a word; the first `at_least` characters count.
fn until_boundary(rest: &str, at_least: usize, through_dots: bool) -> &str {
    let boundary = |c: char| match c {
        '.' => !through_dots,
        '(' | '[' | ')' | ']' | ',' | '!' | '>' | '<' | '=' | '&' | '|' => true,
        _ => c.is_whitespace(),
    };
    let end = rest.char_indices().skip(at_least).find(|(_, c)| boundary(*c));
    &rest[..end.map_or(rest.len(), |(offset, _)| offset)]
}

/// Whether `word` can name a context, a function or a property.
pub(crate) fn is_keyword(word: &str) -> bool {
    word.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && word.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-')
}

/// At most 60 characters of `text`, for a message.
pub(crate) fn abridged(text: &str) -> String {
    match text.char_indices().nth(60) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}
