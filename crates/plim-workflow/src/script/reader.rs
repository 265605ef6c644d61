//! Reads lists of commands, command by command, and remembers what is open around each.

use plim_diag::Span;

use super::blocks::{Block, Kind};
use super::redirections::Heredoc;
use super::words::is_end;
use super::{Command, Joint, Origin, Refusal, Script, Word};

/// Scripts within scripts are read this deep.
pub(super) const DEEPEST: usize = 24;

/// Beyond so many blocks, the grammar is no longer followed.
pub(super) const MOST_BLOCKS: usize = 80;

/// Reads a script from its beginning to its end.
pub(super) fn read(text: &str) -> Script {
    let mut reader = Reader::new(text);
    reader.read_all(None);
    for (at, command) in reader.script.commands.iter_mut().enumerate() {
        command.certain |= reader.last.contains(&at);
    }
    let commands = reader.script.commands.len();
    let followed = if reader.follows { commands } else { reader.script.followed };
    reader.script.followed = followed.min(commands);
    reader.script
}

pub(super) struct Reader<'t> {
    pub(super) text: &'t str,
    pub(super) at: usize,
    pub(super) script: Script,
    /// Whether everything so far is as the grammar of bash wants it.
    pub(super) follows: bool,
    pub(super) blocks: Vec<Block>,
    /// How deep in `${ }` a word is.
    pub(super) braces: usize,
    /// Which list of commands is being read, and how many have begun.
    pub(super) number: usize,
    pub(super) numbers: usize,
    /// Whether the commands that are read are a condition.
    pub(super) condition: bool,
    /// Whether a `!` stands before what is read.
    pub(super) negated: bool,
    /// Whether what is read gets the output of what stands before it.
    pub(super) piped: bool,
    /// What was read since the last separator or operator.
    pub(super) element: Element,
    /// An operator behind which nothing stands so far.
    pub(super) dangling: Option<Span>,
    pub(super) command: Command,
    /// The first command of the list that `&&` and `||` join.
    list: usize,
    chained: bool,
    /// The commands of the last list, when the script fails unless all of them run and succeed.
    last: Vec<usize>,
    pub(super) heredocs: Vec<Heredoc>,
    nesting: usize,
    origin: Origin,
    /// Up to where lines were counted, and the line there.
    counted: (usize, u32),
}

/// What stands between separators.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Element {
    Nothing,
    /// The simple command at this index.
    Simple(usize),
    /// A group, a branch, a loop or redirections alone.
    Compound,
}

impl<'t> Reader<'t> {
    fn new(text: &'t str) -> Self {
        Self {
            text,
            at: 0,
            script: Script::default(),
            follows: true,
            blocks: Vec::new(),
            braces: 0,
            number: 1,
            numbers: 1,
            condition: false,
            negated: false,
            piped: false,
            element: Element::Nothing,
            dangling: None,
            command: Command::default(),
            list: 0,
            chained: false,
            last: Vec::new(),
            heredocs: Vec::new(),
            nesting: 0,
            origin: Origin::Plain,
            counted: (0, 1),
        }
    }

    pub(super) fn rest(&self) -> &'t str {
        self.text.get(self.at..).unwrap_or("")
    }

    pub(super) fn starts_with(&self, text: &str) -> bool {
        self.text.as_bytes().get(self.at..).is_some_and(|rest| rest.starts_with(text.as_bytes()))
    }

    pub(super) fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    pub(super) fn peek_at(&self, ahead: usize) -> Option<u8> {
        self.text.as_bytes().get(self.at + ahead).copied()
    }

    /// Goes on by so many bytes, or to the end of the character or text in which that ends.
    pub(super) fn skip(&mut self, bytes: usize) {
        self.at = (self.at + bytes).min(self.text.len());
        while !self.text.is_char_boundary(self.at) {
            self.at += 1;
        }
    }

    /// So many bytes from here.
    pub(super) fn here(&self, length: usize) -> Span {
        let offset = |at: usize| u32::try_from(at.min(self.text.len())).unwrap_or(u32::MAX);
        Span::new(offset(self.at), offset(self.at + length))
    }

    pub(super) fn span_from(&self, start: usize) -> Span {
        let offset = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        Span::new(offset(start), offset(self.at.max(start)))
    }

    /// Bash refuses the script for the bytes `span`.
    pub(super) fn refuse(&mut self, span: Span, message: impl Into<String>) {
        if self.follows {
            self.script.refusal = Some(Refusal { span, message: message.into() });
            self.give_up();
        }
    }

    /// What stands here is not understood, so that nothing is said about what follows.
    pub(super) fn give_up(&mut self) {
        if self.follows {
            self.follows = false;
            self.script.followed = self.script.commands.len();
        }
    }

    /// Reads commands up to `end`, which is taken, or to the end of the text; whether `end` was there.
    fn read_all(&mut self, end: Option<u8>) -> bool {
        let mut is_closed = false;
        while let Some(next) = self.peek() {
            if Some(next) == end && !self.closes_subshell() {
                if self.dangling.is_some() {
                    self.give_up();
                } else if !self.blocks.is_empty() {
                    self.refuse(self.here(1), "this `)` closes nothing");
                }
                self.at += 1;
                is_closed = true;
                break;
            }
            self.read_piece(next);
        }
        self.end_list();
        self.take_heredocs();
        if !is_closed {
            self.end_of_text();
        }
        is_closed
    }

    /// Says what is missing where the text ends.
    fn end_of_text(&mut self) {
        if let Some(operator) = self.dangling {
            self.refuse(operator, "nothing follows here");
        } else if let Some(block) = self.blocks.last() {
            let (start, sign) = (block.start, block.sign);
            self.never_closed(start, sign);
        }
    }

    pub(super) fn never_closed(&mut self, start: usize, sign: &str) {
        let offset = |at: usize| u32::try_from(at).unwrap_or(0);
        let span = Span::new(offset(start), offset(start + sign.len()));
        self.refuse(span, format!("what `{sign}` opens here is never closed"));
    }

    fn read_piece(&mut self, next: u8) {
        match next {
            b' ' | b'\t' | b'\r' => self.at += 1,
            b'\\' if self.starts_with("\\\n") => self.at += 2,
            b'\\' if self.starts_with("\\\r\n") => self.at += 3,
            b'#' => self.skip_comment(),
            b'\n' => {
                // What `&&` or `||` joins may stand on the next line.
                if !self.goes_on() {
                    self.end_list();
                }
                self.end_line();
            }
            b';' => self.read_semicolon(),
            b'&' => self.read_ampersand(),
            b'|' => self.read_pipe(),
            b'(' => self.read_parenthesis(),
            b')' => self.close_parenthesis(),
            b'<' | b'>' => {
                if !self.read_redirection() {
                    self.read_word();
                }
            }
            _ => self.read_word(),
        }
    }

    fn skip_comment(&mut self) {
        let rest = self.rest();
        self.at += rest.find('\n').unwrap_or(rest.len());
    }

    /// Takes the end of a line and the heredocs behind it.
    fn end_line(&mut self) {
        self.at += 1;
        self.take_heredocs();
    }

    /// Skips blanks, continued lines and comments.
    pub(super) fn blanks(&mut self) {
        loop {
            match self.peek() {
                Some(b' ' | b'\t' | b'\r') => self.at += 1,
                Some(b'\\') if self.starts_with("\\\n") => self.at += 2,
                Some(b'\\') if self.starts_with("\\\r\n") => self.at += 3,
                Some(b'#') => return self.skip_comment(),
                _ => return,
            }
        }
    }

    /// Skips blanks and ends of lines.
    pub(super) fn lines(&mut self) {
        loop {
            self.blanks();
            if self.peek() != Some(b'\n') {
                return;
            }
            self.end_line();
        }
    }

    fn read_semicolon(&mut self) {
        let ends_item = matches!(self.peek_at(1), Some(b';' | b'&'));
        if self.dangling.is_some() {
            self.give_up();
        }
        self.end_list();
        if ends_item {
            self.end_case_item();
        } else {
            self.at += 1;
        }
    }

    fn read_ampersand(&mut self) {
        if self.starts_with("&>") {
            self.read_redirection();
        } else if self.starts_with("&&") {
            self.join(Joint::And, 2);
        } else {
            if self.dangling.is_some() {
                self.give_up();
            }
            self.end_list();
            // Nobody asks how what runs in the background ended.
            self.last.clear();
            self.at += 1;
        }
    }

    fn read_pipe(&mut self) {
        if self.starts_with("||") {
            self.join(Joint::Or, 2);
        } else {
            self.join(Joint::Pipe, if self.starts_with("|&") { 2 } else { 1 });
        }
    }

    fn join(&mut self, joint: Joint, length: usize) {
        self.end_command();
        match self.element {
            Element::Nothing => self.give_up(),
            Element::Compound => {}
            Element::Simple(at) => {
                if let Some(command) = self.script.commands.get_mut(at) {
                    command.in_pipe |= joint == Joint::Pipe;
                    command.is_checked |= joint != Joint::Pipe;
                }
            }
        }
        if let Some(command) = self.script.commands.last_mut() {
            command.joint = joint;
        }
        self.chained |= joint != Joint::Pipe;
        (self.piped, self.element) = (joint == Joint::Pipe, Element::Nothing);
        self.dangling = Some(self.here(length));
        self.at += length;
    }

    /// `name()` defines a function, `((…))` is arithmetic, and any other parenthesis opens a subshell.
    fn read_parenthesis(&mut self) {
        let after = self.rest()[1..].trim_start_matches([' ', '\t']);
        match self.command.words.as_slice() {
            [name] if after.starts_with(')') => {
                self.script.functions.push(name.text.clone());
                self.command = Command::default();
                self.at = self.text.len() - after.len() + 1;
                self.open_function();
                return;
            }
            [] if self.starts_with("((") => {
                if self.blocks.len() < MOST_BLOCKS && self.arithmetic(1) {
                    return self.compound();
                }
                if !self.follows {
                    return self.skip_balanced(b'(', b')');
                }
            }
            [word] if !word.assigns => self.give_up(),
            _ => {}
        }
        self.end_command();
        self.open(Kind::Subshell, self.at, "(");
        self.at += 1;
    }

    fn close_parenthesis(&mut self) {
        if self.dangling.is_some() {
            self.give_up();
        }
        match self.blocks.last().map(|block| block.kind) {
            Some(Kind::Subshell) => {
                self.at += 1;
                self.end_command();
                self.close();
            }
            // The end of a pattern such as `a|b)`, which is no list of commands.
            Some(Kind::Case) if !self.follows => {
                self.at += 1;
                self.command = Command::default();
                self.script.commands.truncate(self.list);
            }
            _ => {
                self.refuse(self.here(1), "this `)` closes nothing");
                self.at += 1;
                self.end_command();
            }
        }
    }

    fn read_word(&mut self) {
        if self.command.words.is_empty() && self.read_reserved() {
            return;
        }
        if self.peek().is_some_and(|next| next.is_ascii_digit()) && self.read_redirection() {
            return;
        }
        let start = self.at;
        let word = self.word(is_end);
        if self.command.words.is_empty() {
            self.command.line = self.line_at(start);
            self.command.span.start = start;
        }
        self.command.span.end = self.at;
        if word.assigns && self.command.assigned == self.command.words.len() {
            self.command.assigned += 1;
        }
        let opens_array = word.assigns && word.text.ends_with('=') && self.peek() == Some(b'(');
        self.command.words.push(word);
        self.dangling = None;
        if opens_array {
            self.read_array();
        }
    }

    /// `name=( … )`: the items may be run as a command later.
    fn read_array(&mut self) {
        let start = self.at;
        let mut items = Command { line: self.line_at(start), ..Command::default() };
        self.at += 1;
        loop {
            self.lines();
            match self.peek() {
                None => {
                    self.give_up();
                    break;
                }
                Some(b')') => {
                    self.at += 1;
                    break;
                }
                Some(next) if is_end(next) && !self.is_process() => self.at += 1,
                Some(_) => items.words.push(self.word(is_end)),
            }
        }
        self.command.span.end = self.at;
        if let (Some(first), Some(last)) = (items.words.first(), items.words.last()) {
            items.span = first.span.start as usize..last.span.end as usize;
            items.depth = self.depth();
            (items.list, items.origin) = (self.number, Origin::Items);
            self.script.commands.push(items);
        }
    }

    /// The line of the byte at `at`, which is seldom before the last one that was asked for.
    fn line_at(&mut self, at: usize) -> u32 {
        if at < self.counted.0 {
            self.counted = (0, 1);
        }
        let between = self.text.as_bytes().get(self.counted.0..at).unwrap_or_default();
        let lines = between.iter().filter(|byte| **byte == b'\n').count();
        self.counted = (at, self.counted.1 + u32::try_from(lines).unwrap_or(0));
        self.counted.1
    }

    fn depth(&self) -> usize {
        self.blocks.len() + self.nesting
    }

    /// Reads the commands of the text from here to `limit`, or to the `end` before it; whether that was there.
    pub(super) fn nested(&mut self, limit: usize, end: Option<u8>, origin: Origin) -> bool {
        if self.nesting >= DEEPEST {
            self.give_up();
            self.at = limit;
            return false;
        }
        let mut inner = Reader::new(&self.text[..limit]);
        (inner.at, inner.counted) = (self.at, self.counted);
        inner.script = std::mem::take(&mut self.script);
        (inner.list, inner.nesting) = (inner.script.commands.len(), self.nesting + 1);
        inner.follows = self.follows && origin == Origin::Plain;
        inner.origin = if origin == Origin::Plain { self.origin } else { origin };
        (inner.braces, inner.numbers) = (self.braces, self.numbers + 1);
        inner.number = inner.numbers;
        let is_closed = inner.read_all(end);
        if origin == Origin::Plain {
            self.follows = inner.follows;
        }
        (self.at, self.counted, self.numbers) = (inner.at, inner.counted, inner.numbers);
        self.script = inner.script;
        is_closed
    }

    pub(super) fn end_command(&mut self) {
        if self.command.words.is_empty() {
            if !self.command.redirections.is_empty() || self.heredocs.iter().any(Heredoc::is_open) {
                self.command = Command::default();
                self.compound();
            }
            return;
        }
        let mut command = std::mem::take(&mut self.command);
        let surely = self.blocks.iter().all(|block| block.kind == Kind::Subshell);
        command.certain = surely && self.nesting == 0;
        (command.depth, command.list) = (self.depth(), self.number);
        command.is_checked = self.condition || self.negated;
        (command.in_pipe, command.origin) = (self.piped, self.origin);
        self.negated = false;
        let place = self.script.commands.len();
        for heredoc in self.heredocs.iter_mut().filter(|heredoc| heredoc.is_open()) {
            heredoc.command = Some(place);
        }
        self.element = Element::Simple(place);
        self.script.commands.push(command);
    }

    /// Ends a list: what `&&` and `||` join need not run, or need not succeed.
    pub(super) fn end_list(&mut self) {
        self.end_command();
        let from = self.list.min(self.script.commands.len());
        if from < self.script.commands.len() {
            self.last.clear();
            if self.are_all_needed(from) {
                self.last.extend(from..self.script.commands.len());
            }
        }
        if self.chained {
            for command in &mut self.script.commands[from..] {
                command.certain = false;
            }
        }
        (self.list, self.chained) = (self.script.commands.len(), false);
        // Behind `|` the list goes on in the next line.
        if self.dangling.is_none() {
            (self.piped, self.negated, self.element) = (false, false, Element::Nothing);
        }
    }

    /// Whether the list stands right behind `&&` or `||`.
    fn goes_on(&self) -> bool {
        let before = self.script.commands.get(self.list..).and_then(<[Command]>::last);
        self.command.words.is_empty()
            && before.is_some_and(|command| matches!(command.joint, Joint::And | Joint::Or))
    }

    /// Whether the list from the command `from` on is one of `&&` alone, which fails when any of it does.
    fn are_all_needed(&self, from: usize) -> bool {
        let is_negated = |command: &Command| {
            self.text.get(..command.span.start).is_some_and(|text| text.trim_end().ends_with('!'))
        };
        let list = &self.script.commands[from..];
        let is_needed =
            |command: &Command| command.certain && command.depth == 0 && !is_negated(command);
        let Some((last, joined)) = list.split_last() else { return false };
        self.chained
            && last.joint == Joint::End
            && joined.iter().all(|command| command.joint == Joint::And)
            && list.iter().all(is_needed)
    }

    /// What opens a word here, so that a reserved one is told from the quoted one.
    pub(super) fn bare_word(&self) -> &'t str {
        let rest = self.rest();
        let length = rest.bytes().take_while(|byte| !is_end(*byte)).count();
        rest.get(..length).unwrap_or("")
    }

    /// The name that a definition gives.
    pub(super) fn defined(&mut self) -> Word {
        self.blanks();
        self.word(is_end)
    }
}
