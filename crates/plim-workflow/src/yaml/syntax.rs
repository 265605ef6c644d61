//! A syntax error is told in the words of the person who made it: what is wrong, at the place where it can be mended.

use std::sync::Arc;

use granit_parser::ErrorKind;
use plim_diag::{Code, Diagnostic, Place, Span, excerpt};

use super::arena::offset;
use super::fold;
use super::spans::{self, is_break, line_around, until};

/// Where the parser stopped, and what it had seen.
#[derive(Debug)]
pub(super) struct Failure {
    pub(super) kind: ErrorKind,
    /// Where it stopped.
    pub(super) at: usize,
    /// The end of the last token before.
    pub(super) last_end: usize,
    pub(super) last_scalar: Option<Span>,
    /// The outermost bracket that is open.
    pub(super) open_bracket: Option<usize>,
}

/// What kind of mistake it is, and where it starts.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub(super) enum Mistake {
    /// A line with a name and no `:` after it.
    MissingColon(usize),
    /// A quote that runs on beyond its line.
    OpenQuote(usize),
    /// A bracket that runs on into lines that are not its own.
    OpenBracket(usize),
    /// Anything else, at the place where the parser stopped.
    Other(usize),
}

impl Failure {
    /// Finds the place of the mistake, which may be lines before the place where the parser stopped.
    pub(super) fn mistake(&self, source: &str) -> Mistake {
        match self.kind {
            ErrorKind::SimpleKeyExpected => return Mistake::MissingColon(self.at),
            ErrorKind::UnclosedQuotedScalar | ErrorKind::DocumentIndicatorInQuotedScalar => {
                return Mistake::OpenQuote(self.at);
            }
            ErrorKind::UnclosedFlowCollection { .. } => {
                return Mistake::OpenBracket(self.open_bracket.unwrap_or(self.at));
            }
            _ => {}
        }
        if let Some(bracket) = self.bracket_above(source) {
            return Mistake::OpenBracket(bracket);
        }
        match self.kind {
            ErrorKind::MappingValueNotAllowed | ErrorKind::ExpectedDocumentStart => {
                self.last_scalar.and_then(|scalar| self.name_above(source, scalar.start as usize))
            }
            ErrorKind::CommentInterceptedScalar => spans::next_value(source, self.last_end)
                .and_then(|start| self.name_above(source, start)),
            ErrorKind::InvalidQuotedScalarIndent
            | ErrorKind::InvalidTrailingSingleQuotedScalar
            | ErrorKind::InvalidTrailingDoubleQuotedScalar
            | ErrorKind::TabInIndentation => self.quote_above(source),
            _ => None,
        }
        .unwrap_or(Mistake::Other(self.at))
    }

    /// An open bracket, when the parser stopped at a line that is not indented more than that of the bracket.
    fn bracket_above(&self, source: &str) -> Option<usize> {
        let bracket = self.open_bracket?;
        let end = spans::block_end(source, bracket);
        (line_around(source, self.at).0 > end || self.at >= source.len()).then_some(bracket)
    }

    /// A line with nothing but a name, which swallowed the lines after it.
    fn name_above(&self, source: &str, start: usize) -> Option<Mistake> {
        let (line, _) = line_around(source, start);
        let first = source[line..start].bytes().all(|byte| matches!(byte, b' ' | b'\t' | b'-'));
        let runs_on = line < line_around(source, self.at).0;
        (first && runs_on).then_some(Mistake::MissingColon(start))
    }

    fn quote_above(&self, source: &str) -> Option<Mistake> {
        let quote = spans::opening_quote(source, self.last_end)?;
        (line_around(source, quote).0 < line_around(source, self.at).0)
            .then_some(Mistake::OpenQuote(quote))
    }

    /// The error, with advice.
    pub(super) fn diagnose(&self, path: &Arc<str>, source: &str) -> Diagnostic {
        match self.mistake(source) {
            Mistake::MissingColon(at) => missing_colon(path, source, at),
            Mistake::OpenQuote(at) => self.open_quote(path, source, at),
            Mistake::OpenBracket(at) => self.open_bracket(path, source, at),
            Mistake::Other(at) => self.other(path, source, at),
        }
    }

    fn open_quote(&self, path: &Arc<str>, source: &str, at: usize) -> Diagnostic {
        let quote = &source[at..(at + 1).min(source.len())];
        let error =
            error(path, character_at(source, at), format!("the quote `{quote}` is not closed"));
        let error = error.help("close it on its line, or indent the lines that belong to it");
        if self.at <= at {
            return error;
        }
        error.related(
            Place::new(Arc::clone(path), word_at(source, self.at)),
            "the text in quotes runs on to here",
        )
    }

    fn open_bracket(&self, path: &Arc<str>, source: &str, at: usize) -> Diagnostic {
        let bracket = &source[at..(at + 1).min(source.len())];
        let error = error(path, character_at(source, at), format!("`{bracket}` is not closed"));
        let error = error
            .help(format!("add the `{}` that closes it", if bracket == "{" { '}' } else { ']' }));
        if self.at <= at || self.at >= source.len() {
            return error;
        }
        error.related(
            Place::new(Arc::clone(path), word_at(source, self.at)),
            "this line does not belong to it",
        )
    }

    fn other(&self, path: &Arc<str>, source: &str, at: usize) -> Diagnostic {
        match self.kind {
            ErrorKind::UnexpectedCharacter { character } => unexpected(path, source, at, character),
            ErrorKind::UnknownQuotedScalarEscape | ErrorKind::InvalidQuotedScalarHexEscape => {
                escape(path, source, at)
            }
            ErrorKind::TabInBlockIndentation
            | ErrorKind::TabNotAllowed
            | ErrorKind::TabAtBlockScalarStart
            | ErrorKind::TabInPlainScalar
            | ErrorKind::TabInIndentation => tab(path, source, at),
            ErrorKind::MismatchedFlowCollectionEnd { open, close } => {
                error(path, character_at(source, at), format!("`{open}` is closed by `{close}`"))
                    .help("close the brackets in the order they were opened")
            }
            ErrorKind::MissingLowSurrogate
            | ErrorKind::UnpairedLowSurrogate
            | ErrorKind::InvalidLowSurrogate
            | ErrorKind::InvalidLowSurrogateHexEscape
            | ErrorKind::InvalidUnicodeEscape => {
                error(path, word_at(source, at), "these quotes escape what is no character").help(
                    "write `\\u` and the four digits of one character, or the character itself",
                )
            }
            ErrorKind::ExpectedBlockMappingKey if indented_by_tab(source, at) => {
                tab(path, source, at)
            }
            ErrorKind::ExpectedBlockMappingKey if !starts_line(source, at) => {
                error(path, word_at(source, at), "text follows the value")
                    .help("put all of the value in quotes")
            }
            ErrorKind::MappingValueNotAllowed if self.key_is_too_long() => {
                let key = self.last_scalar.unwrap_or_default();
                error(path, key, "a key cannot be longer than 1024 characters")
                    .help("write `? ` before it, or shorten it")
            }
            ErrorKind::MappingValueNotAllowed if self.value_runs_on(source) => {
                let start = line_around(source, at).0;
                let start = start
                    + until(&source.as_bytes()[start..], |byte| !matches!(byte, b' ' | b'\t'));
                let span = Span::new(offset(start), offset((at + 1).min(source.len())));
                let message = "this line goes on with the value above it, so it cannot be a key";
                error(path, span, message)
                    .help("indent it as far as the key above, or remove that key's value")
            }
            _ => self.plainly(path, source, at),
        }
    }

    fn key_is_too_long(&self) -> bool {
        self.last_scalar.is_some_and(|key| key.len() > 1024 && key.end as usize == self.at)
    }

    fn value_runs_on(&self, source: &str) -> bool {
        let line = line_around(source, self.at).0;
        self.last_scalar
            .is_some_and(|scalar| (scalar.start as usize) < line && scalar.end as usize > line)
    }

    fn plainly(&self, path: &Arc<str>, source: &str, at: usize) -> Diagnostic {
        let (message, help) = wording(&self.kind);
        let error = error(path, word_at(source, at), message).maybe_help(help);
        match self.open_bracket {
            Some(bracket) if bracket < at => error.related(
                Place::new(Arc::clone(path), character_at(source, bracket)),
                "the bracket opens here",
            ),
            _ => error,
        }
    }
}

/// Every error of syntax.
pub(super) const SYNTAX: Code = Code("yaml-syntax");

fn starts_line(source: &str, at: usize) -> bool {
    let line = line_around(source, at).0;
    source[line..at].bytes().all(|byte| matches!(byte, b' ' | b'\t'))
}

fn indented_by_tab(source: &str, at: usize) -> bool {
    starts_line(source, at) && source[line_around(source, at).0..at].contains('\t')
}

fn error(path: &Arc<str>, span: Span, message: impl Into<String>) -> Diagnostic {
    Diagnostic::error(SYNTAX, message).at(Arc::clone(path), span)
}

fn missing_colon(path: &Arc<str>, source: &str, at: usize) -> Diagnostic {
    let (_, end) = line_around(source, at);
    let line = &source[at..end];
    let name = line.split(" #").next().unwrap_or(line).trim_end();
    let span = Span::new(offset(at), offset(at + name.len()));
    error(path, span, format!("`{}` has no `:` after it", excerpt(name)))
        .help("write a `: ` after the key, or indent the line if it goes on with the value above")
}

fn unexpected(path: &Arc<str>, source: &str, at: usize, character: char) -> Diagnostic {
    let at = at + source[at..].find(character).unwrap_or(0);
    let span = character_at(source, at);
    if character.is_control() || matches!(character, '\u{FFFE}' | '\u{FFFF}') {
        let code = u32::from(character);
        return error(path, span, format!("the character U+{code:04X} cannot stand in YAML"))
            .help(format!("remove it, or write `\\u{code:04X}` in double quotes"));
    }
    error(path, span, format!("a value cannot start with `{character}`"))
        .help("put the value in quotes")
}

fn escape(path: &Arc<str>, source: &str, at: usize) -> Diagnostic {
    let span = fold::bad_escape(source, at).unwrap_or(character_at(source, at));
    let written = span.text(source).unwrap_or("\\").trim_end();
    error(path, span, format!("`{written}` is no escape that double quotes know"))
        .help("write `\\\\` for a backslash, or use single quotes")
}

/// The tab is before the place where the parser stopped, at it, or in the lines after it.
fn tab(path: &Arc<str>, source: &str, at: usize) -> Diagnostic {
    let (line, end) = line_around(source, at);
    let before = source[line..at].rfind('\t').map(|found| line + found);
    let on_line = source[at..end].find('\t').map(|found| at + found);
    let after = || source[at..].find('\t').map(|found| at + found);
    let at =
        on_line.filter(|&found| found == at).or(before).or(on_line).or_else(after).unwrap_or(at);
    error(path, character_at(source, at), "a tab cannot indent a line").help("indent with spaces")
}

fn wording(kind: &ErrorKind) -> (String, Option<&'static str>) {
    let (message, help) = match kind {
        ErrorKind::MappingValueNotAllowed => (
            "a value cannot hold `: ` without quotes",
            "put the value in quotes, or start a new line",
        ),
        ErrorKind::ExpectedBlockSequenceEntry => (
            "this line is not an item of the list above it",
            "start it with `- `, or change its indentation",
        ),
        ErrorKind::ExpectedBlockMappingKey => (
            "this line is not a key of the mapping above it",
            "make its indentation that of the other keys",
        ),
        ErrorKind::BlockSequenceEntryNotAllowed => {
            ("a list item cannot start here", "put the list on lines of its own, below its key")
        }
        ErrorKind::InvalidIndentation | ErrorKind::InvalidBlockScalarIndent => {
            ("the indentation of this line fits nothing above it", "indent it like its neighbours")
        }
        ErrorKind::MisplacedFlowCollectionEnd => {
            ("this bracket closes nothing", "remove it, or put the value in quotes")
        }
        ErrorKind::ExpectedFlowSequenceSeparator | ErrorKind::ExpectedFlowMappingSeparator => (
            "a `,` or the closing bracket is missing before this",
            "add it, or put the value in quotes",
        ),
        ErrorKind::InvalidColonPlacement | ErrorKind::InvalidMappingValueWhitespace => {
            ("a `:` cannot stand here", "put the value in quotes")
        }
        ErrorKind::InvalidTrailingSingleQuotedScalar
        | ErrorKind::InvalidTrailingDoubleQuotedScalar => {
            ("text follows the closing quote", "put all of the value in quotes")
        }
        ErrorKind::InvalidBlockScalarHeader => {
            ("text follows the `|` or `>`", "start the text on the next line, indented")
        }
        ErrorKind::ZeroBlockScalarIndent => {
            ("an indentation of 0 cannot be asked for", "write a digit from 1 to 9, or none")
        }
        ErrorKind::BlockEntryInFlowCollection => {
            ("`- ` cannot stand inside brackets", "separate the items with `,`")
        }
        ErrorKind::UndeclaredTagHandle => {
            ("this tag has a prefix that nothing declares", "remove the tag")
        }
        ErrorKind::MissingAnchorOrAliasName => {
            ("a name is missing here", "put the value in quotes, or name the anchor")
        }
        ErrorKind::BomInsideDocument => ("a byte order mark stands inside the file", "remove it"),
        ErrorKind::ExpectedDocumentStart => {
            ("this line belongs to nothing above it", "indent it like the lines it belongs to")
        }
        ErrorKind::CommentInterceptedScalar => (
            "a value cannot go on after a comment",
            "move the comment, or write the value after `|`",
        ),
        ErrorKind::UnexpectedEofFlowSequence
        | ErrorKind::UnexpectedEofFlowMapping
        | ErrorKind::UnexpectedEofImplicitFlowMapping
        | ErrorKind::ExpectedNodeContent => {
            ("a value is missing before this", "write the value, or remove what separates it")
        }
        ErrorKind::UnclosedVerbatimTag => {
            ("the tag `!<` is not closed", "close it with `>`, or put the value in quotes")
        }
        ErrorKind::UnsupportedYamlMajorVersion | ErrorKind::DuplicateVersionDirective => {
            ("this line asks for a version that is not read", "remove the line")
        }
        ErrorKind::MappingKeyNotAllowed => {
            ("`? ` cannot start a key here", "put the value in quotes")
        }
        ErrorKind::CommentNotSeparated => ("a blank is missing before this comment", "add it"),
        other => return (format!("this is not YAML: {other}"), None),
    };
    (message.into(), Some(help))
}

fn character_at(source: &str, at: usize) -> Span {
    let len = source.get(at..).and_then(|rest| rest.chars().next()).map_or(0, char::len_utf8);
    Span::new(offset(at), offset(at + len))
}

/// The characters up to the next blank.
fn word_at(source: &str, at: usize) -> Span {
    let rest = source.get(at..).unwrap_or("");
    let len = until(rest.as_bytes(), |byte| matches!(byte, b' ' | b'\t') || is_break(byte));
    if len == 0 { character_at(source, at) } else { Span::new(offset(at), offset(at + len)) }
}
