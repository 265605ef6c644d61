//! After a syntax error reading goes on: what GitHub tolerates is mended, what is broken is skipped with its block.
//!
//! The parser cannot resume, so the file is read again with some bytes changed. Every byte keeps its place, and so
//! every span fits the file as it is.

use std::borrow::Cow;
use std::sync::Arc;

use granit_parser::ErrorKind;
use plim_diag::{Code, Diagnostic, Span};

use super::arena::offset;
use super::build::{Input, Pass, build};
use super::limits::Limits;
use super::spans::{self, is_break, line_around};
use super::syntax::{Failure, Mistake};

/// What was understood of a file.
#[derive(Default)]
pub(super) struct Reading {
    pub(super) pass: Pass,
    /// Bytes that were left out.
    pub(super) skipped: Vec<Span>,
}

pub(super) fn read(path: &Arc<str>, source: &str, limits: &Limits) -> Reading {
    let mut attempt = Attempt::new(source);
    let mut error: Option<Diagnostic> = None;
    let mut best: Option<Reading> = None;
    loop {
        let mut pass = build(&attempt.input(path, limits));
        let failure = pass.failure.take();
        if failure.as_ref().is_some_and(|failure| attempt.tolerate(failure)) {
            continue;
        }
        if let Some(failure) = &failure {
            error.get_or_insert_with(|| failure.diagnose(path, source));
        }
        let whole = failure.is_none() && pass.arena.root.is_some();
        let now = Reading { pass, skipped: attempt.skipped.clone() };
        best = Some(if whole { now } else { fuller(best, now) });
        if !failure.is_some_and(|failure| attempt.skip(&failure)) {
            break;
        }
    }
    finish(path, source, best.unwrap_or_default(), error, attempt.bare_comments)
}

/// The reading with more nodes; of equals the later, which saw more of the file.
fn fuller(before: Option<Reading>, now: Reading) -> Reading {
    let nodes = |reading: &Reading| reading.pass.arena.nodes.len();
    before.filter(|before| nodes(before) > nodes(&now)).unwrap_or(now)
}

fn finish(
    path: &Arc<str>,
    source: &str,
    mut reading: Reading,
    error: Option<Diagnostic>,
    bare: Vec<Span>,
) -> Reading {
    let pass = &mut reading.pass;
    pass.partly_read |= error.is_some();
    let empty = pass.arena.root.is_none() && !pass.partly_read;
    let empty = empty.then(|| {
        Diagnostic::error(EMPTY, "the file holds no YAML").at(Arc::clone(path), Span::default())
    });
    if let Some(broken) = error.as_ref().and_then(Diagnostic::span) {
        // What stands behind it may not mean what it seems to: the next reading will tell.
        pass.diagnostics.retain(|other| other.span().is_some_and(|span| span.start < broken.start));
    }
    pass.diagnostics.extend(error.or(empty));
    pass.diagnostics.extend(odd_line_end(path, source));
    pass.diagnostics.sort_by_key(|diagnostic| diagnostic.span().map(|span| span.start));
    tidy_comments(&mut pass.arena.comments, &reading.skipped, bare);
    reading
}

/// Takes out the comments that stand for what was skipped, and puts in those that the parser could not see.
fn tidy_comments(comments: &mut Vec<Span>, skipped: &[Span], bare: Vec<Span>) {
    if !skipped.is_empty() {
        comments.retain(|&comment| !skipped.iter().any(|span| span.encloses(comment)));
    }
    for comment in bare {
        let before = comments.partition_point(|other| other.start < comment.start);
        let overlaps = |other: &Span| other.encloses(comment);
        let seen = comments[before.saturating_sub(1)..].iter().take(2).any(overlaps);
        if !seen && !skipped.iter().any(overlaps) {
            comments.insert(before, comment);
        }
    }
}

/// GitHub's parser follows YAML 1.1 (`CharacterAnalyzer.IsBreak` in YamlDotNet): what stands behind such a character is a
/// new line there, and part of the value or the comment here and in most editors.
fn odd_line_end(path: &Arc<str>, source: &str) -> Option<Diagnostic> {
    if source.is_ascii() {
        return None;
    }
    let (at, found) =
        source.char_indices().find(|(_, c)| matches!(c, '\u{85}' | '\u{2028}' | '\u{2029}'))?;
    let span = Span::new(offset(at), offset(at + found.len_utf8()));
    let message =
        format!("the invisible character U+{:04X} ends the line for GitHub", u32::from(found));
    Some(Diagnostic::warning(ODD_LINE_END, message).at(Arc::clone(path), span).help("remove it"))
}

const ODD_LINE_END: Code = Code("yaml-odd-line-end");
const EMPTY: Code = Code("yaml-empty");

/// Each attempt reads the whole file, so hostile files must not get many.
const MOST_TOLERATED: usize = 24;
const MOST_SKIPPED: usize = 8;

/// What is left of a block that is left out.
const MARK: &str = "#";

struct Attempt<'s> {
    source: &'s str,
    parsed: Cow<'s, str>,
    tolerated: usize,
    refolded: Vec<u32>,
    moved_comments: Vec<u32>,
    /// Comments that are nothing but a `#`.
    bare_comments: Vec<Span>,
    skipped: Vec<Span>,
}

impl<'s> Attempt<'s> {
    fn new(source: &'s str) -> Self {
        let parsed = Cow::Borrowed(source);
        let (refolded, moved_comments, bare_comments, skipped) = (vec![], vec![], vec![], vec![]);
        Self { source, parsed, tolerated: 0, refolded, moved_comments, bare_comments, skipped }
    }

    fn input<'a>(&'a self, path: &'a Arc<str>, limits: &'a Limits) -> Input<'a> {
        let (refolded, moved_comments) = (&self.refolded, &self.moved_comments);
        Input { path, source: self.source, parsed: &self.parsed, refolded, moved_comments, limits }
    }

    /// Mends what GitHub accepts and the parser does not; whether there was something to mend.
    fn tolerate(&mut self, failure: &Failure) -> bool {
        if self.tolerated == MOST_TOLERATED {
            return false;
        }
        let mended = match failure.kind {
            ErrorKind::CommentNotSeparated => self.move_comment(failure.at),
            ErrorKind::InvalidQuotedScalarIndent => self.unfold_quoted(failure),
            _ => None,
        };
        self.tolerated += 1;
        mended.is_some()
    }

    /// `[one]#two` is a list and a comment to GitHub; the parser wants a blank between them.
    fn move_comment(&mut self, at: usize) -> Option<()> {
        let after = self.parsed.get(at..)?.strip_prefix('#')?.chars().next();
        let room = after.filter(|&next| !matches!(next, '\n' | '\r')).map_or(0, char::len_utf8);
        let moved = if room == 0 { String::new() } else { format!("#{}", " ".repeat(room - 1)) };
        self.replace(at, at + 1 + room, &format!(" {moved}"));
        let at = offset(at);
        if room == 0 {
            self.bare_comments.push(Span::new(at, at + 1));
        } else if let Err(place) = self.moved_comments.binary_search(&at) {
            self.moved_comments.insert(place, at);
        }
        Some(())
    }

    /// Lines of a quoted scalar need no indentation to GitHub: give the parser one long line instead.
    fn unfold_quoted(&mut self, failure: &Failure) -> Option<()> {
        let open = spans::opening_quote(&self.parsed, failure.last_end)
            .filter(|&open| open < failure.at)?;
        let close = spans::closing_quote(&self.parsed, open).filter(|&close| close > failure.at)?;
        let (_, line_end) = line_around(&self.parsed, close);
        let rest = self.parsed[close + 1..line_end].trim_start();
        let text = &self.parsed[open..close];
        let marker = text
            .split(['\n', '\r'])
            .skip(1)
            .any(|line| line.starts_with("---") || line.starts_with("..."));
        if marker || !(rest.is_empty() || rest.starts_with('#')) {
            return None;
        }
        let line = text.replace(['\n', '\r'], " ");
        self.replace(open, close, &line);
        self.refolded.push(offset(open));
        Some(())
    }

    /// Leaves out the block of the mistake; whether there is something left to leave out.
    ///
    /// A comment takes its place: blanks alone could become part of a block scalar above.
    fn skip(&mut self, failure: &Failure) -> bool {
        let damage = if self.skipped.len() < MOST_SKIPPED { self.damage(failure) } else { None };
        let Some(damage) = damage else { return false };
        let text = &self.parsed[damage.range()];
        let blank = |byte: u8| if is_break(byte) { char::from(byte) } else { ' ' };
        let mut blanks: String = text.bytes().map(blank).collect();
        let first = text.len() - text.trim_ascii_start().len();
        blanks.replace_range(first..=first, MARK);
        self.replace(damage.start as usize, damage.end as usize, &blanks);
        self.skipped.push(damage);
        true
    }

    /// The lines of the mistake, or of what stands above it when they have been left out already.
    fn damage(&self, failure: &Failure) -> Option<Span> {
        let text: &str = &self.parsed;
        let (Mistake::MissingColon(at)
        | Mistake::OpenQuote(at)
        | Mistake::OpenBracket(at)
        | Mistake::Other(at)) = failure.mistake(text);
        let header = spans::header(text, failure.last_end).filter(|&header| header < at);
        let (mut start, mut end) = line_around(text, failure.open_bracket.or(header).unwrap_or(at));
        while matches!(text[start..end].trim(), "" | MARK) {
            (start, end) = line_around(text, start.checked_sub(1)?);
        }
        Some(Span::new(offset(start), offset(spans::block_end(text, start))))
    }

    fn replace(&mut self, start: usize, end: usize, with: &str) {
        self.parsed.to_mut().replace_range(start..end, with);
    }
}
