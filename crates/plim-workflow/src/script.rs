//! Reads the commands that a shell script would run, whatever else is in it.
//!
//! Written here rather than taken from `brush-parser`, the shell parser that was looked at first: that one refuses a
//! script with a construct it does not know (16 of 916 scripts in the workflows of public repositories) and brings 76
//! crates. A script that is refused would be one in which nothing is found, and what is looked for here are commands
//! that publish. This reader refuses nothing: of what it does not understand it makes words.

mod invoked;
mod quoted;
mod recipe;

use std::ops::Range;

pub use invoked::Invoked;
pub use quoted::quoted_commands;
pub use recipe::{deno_task, just_recipe, make_recipe, npm_script};

/// What a script says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Script {
    /// Its commands in the order they are written, those inside `$( )`, functions and branches included.
    pub commands: Vec<Command>,
    /// The functions that it defines.
    pub functions: Vec<String>,
}

/// One simple command.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Command {
    /// Its words without quotes; assignments before the name included.
    pub words: Vec<Word>,
    /// What it reads from `<<`.
    pub input: Option<String>,
    /// Whether it runs, and must succeed, whenever the script runs to its end.
    pub certain: bool,
    /// The line that it begins on, from 1.
    pub line: u32,
    /// Which bytes of the script it is, from its first word to its last.
    pub span: Range<usize>,
    /// What joins it to the command behind it.
    pub joint: Joint,
    /// How many branches, loops, groups, functions and substitutions it stands in.
    pub depth: usize,
    /// Where its output goes, and what it reads from files.
    pub redirections: Vec<Redirection>,
}

/// What stands between a command and the next one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Joint {
    /// The end of a line, `;` or `&`.
    #[default]
    End,
    /// `&&`.
    And,
    /// `||`.
    Or,
    /// `|`.
    Pipe,
}

/// `2>file` and its like.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Redirection {
    /// The number before it, if one is written.
    pub descriptor: Option<u32>,
    /// `>`, `>>`, `&>`, `>&`, `<`.
    pub operator: String,
    /// The file, or the number of a descriptor.
    pub target: Word,
}

/// One word of a command.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Word {
    /// The text without quotes; variables and substitutions stay as they are written.
    pub text: String,
    /// Whether the text is what the command gets: nothing in it is expanded.
    pub literal: bool,
}

impl Script {
    /// Reads `text`, which may be a script of any shell, or no script at all.
    pub fn read(text: &str) -> Self {
        let mut reader = Reader::new(text, 0);
        reader.read_all(None);
        for (at, command) in reader.script.commands.iter_mut().enumerate() {
            command.certain |= reader.last.contains(&at);
        }
        reader.script
    }
}

impl Word {
    /// A word that nothing in it changes.
    pub fn plain(text: impl Into<String>) -> Self {
        Self { text: text.into(), literal: true }
    }

    /// The name of the one variable that the word is: `TAG` for `$TAG` and `${TAG}`.
    pub fn variable(&self) -> Option<&str> {
        if self.literal {
            return None;
        }
        let name = self.text.strip_prefix('$')?;
        let name = name.strip_prefix('{').and_then(|name| name.strip_suffix('}')).unwrap_or(name);
        let legal = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
        (!name.is_empty() && name.bytes().all(legal)).then_some(name)
    }

    /// Whether it is `NAME=value`.
    pub fn is_assignment(&self) -> bool {
        let Some((name, _)) = self.text.split_once('=') else { return false };
        let name = name.strip_suffix('+').unwrap_or(name);
        let first = name.bytes().next();
        first.is_some_and(|byte| byte.is_ascii_alphabetic() || byte == b'_')
            && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
    }
}

impl Command {
    /// The words from the command's name on: without assignments before it.
    pub fn call(&self) -> &[Word] {
        let first = self.words.iter().position(|word| !word.is_assignment());
        &self.words[first.unwrap_or(self.words.len())..]
    }
}

/// Scripts within scripts are read this deep.
const DEEPEST: usize = 24;

/// Words after which another command begins.
const BEFORE_A_COMMAND: [&str; 10] =
    ["then", "else", "elif", "do", "!", "time", "coproc", "if", "while", "until"];

struct Reader<'t> {
    text: &'t str,
    at: usize,
    line: u32,
    nesting: usize,
    script: Script,
    command: Command,
    /// What is open around the command.
    blocks: Vec<Block>,
    /// The items of an array were read as words of the command.
    has_array: bool,
    /// The first command of the list that `&&` and `||` join.
    list: usize,
    chained: bool,
    /// The commands of the last list, when the script fails unless all of them run and succeed.
    last: Vec<usize>,
    heredocs: Vec<Heredoc>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Block {
    /// `( … )`.
    Subshell,
    /// `name=( … )`.
    Array,
    /// `case … esac`.
    Case,
    /// A branch, a loop, a group or a function.
    Other,
}

struct Heredoc {
    end: String,
    dedent: bool,
    /// Which command reads it; `None` while that command is still being read.
    command: Option<usize>,
}

impl<'t> Reader<'t> {
    fn new(text: &'t str, nesting: usize) -> Self {
        Self {
            text,
            at: 0,
            line: 1,
            nesting,
            script: Script::default(),
            command: Command::default(),
            blocks: Vec::new(),
            has_array: false,
            list: 0,
            chained: false,
            last: Vec::new(),
            heredocs: Vec::new(),
        }
    }

    fn rest(&self) -> &'t str {
        &self.text[self.at..]
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn take(&mut self) -> Option<char> {
        let next = self.peek()?;
        self.at += next.len_utf8();
        self.line += u32::from(next == '\n');
        Some(next)
    }

    fn skip(&mut self, bytes: usize) {
        self.at += bytes;
    }

    /// Reads commands up to `end`, which is taken, or to the end of the text.
    fn read_all(&mut self, end: Option<char>) {
        while let Some(next) = self.peek() {
            if Some(next) == end {
                self.take();
                break;
            }
            self.read_piece(next);
        }
        self.end_list();
        self.take_heredocs();
    }

    fn read_piece(&mut self, next: char) {
        match next {
            ' ' | '\t' | '\r' => self.skip(1),
            '\\' if self.rest().starts_with("\\\n") => {
                self.skip(2);
                self.line += 1;
            }
            '\\' if self.rest().starts_with("\\\r\n") => {
                self.skip(3);
                self.line += 1;
            }
            '#' => self.skip(self.rest().find('\n').unwrap_or(self.rest().len())),
            '\n' => {
                // What `&&` or `||` joins may stand on the next line.
                if !self.goes_on() {
                    self.end_list();
                }
                self.take();
                self.take_heredocs();
            }
            ';' => {
                self.end_list();
                self.skip(1);
            }
            '&' => self.read_ampersand(),
            '|' => self.read_pipe(),
            '(' => self.read_parenthesis(),
            ')' => self.close_parenthesis(),
            '<' | '>' => self.read_redirection(),
            _ => self.read_word(),
        }
    }

    fn read_ampersand(&mut self) {
        if self.rest().starts_with("&>") {
            self.skip(1);
            self.read_redirection();
        } else if self.rest().starts_with("&&") {
            self.end_command();
            self.join(Joint::And);
            self.chained = true;
            self.skip(2);
        } else {
            self.end_list();
            // Nobody asks how what runs in the background ended.
            self.last.clear();
            self.skip(1);
        }
    }

    fn read_pipe(&mut self) {
        self.end_command();
        if self.rest().starts_with("||") {
            self.join(Joint::Or);
            self.chained = true;
            self.skip(2);
        } else {
            self.join(Joint::Pipe);
            self.skip(if self.rest().starts_with("|&") { 2 } else { 1 });
        }
    }

    fn join(&mut self, joint: Joint) {
        if let Some(command) = self.script.commands.last_mut() {
            command.joint = joint;
        }
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
            }
            [] if self.rest().starts_with("((") => {
                self.skip_balanced('(', ')');
            }
            [word, ..] if word.is_assignment() && word.text.ends_with('=') => {
                // `list=(a b c)`: its items are words of the assignment.
                self.blocks.push(Block::Array);
                self.skip(1);
            }
            _ => {
                self.end_command();
                self.blocks.push(Block::Subshell);
                self.skip(1);
            }
        }
    }

    fn close_parenthesis(&mut self) {
        self.skip(1);
        match self.blocks.last() {
            Some(Block::Array) => self.has_array = true,
            Some(Block::Subshell) => self.end_command(),
            // The end of a pattern such as `a|b)`, which is no list of commands.
            Some(Block::Case) => {
                self.command = Command::default();
                self.script.commands.truncate(self.list);
                return;
            }
            Some(Block::Other) | None => return self.end_command(),
        }
        self.blocks.pop();
    }

    /// A function's body runs when it is called, and nobody knows whether it is.
    fn open_function(&mut self) {
        let body = self.rest().trim_start();
        if body.starts_with('{') {
            self.advance_to(self.text.len() - body.len() + 1);
            self.blocks.push(Block::Other);
        }
    }

    fn advance_to(&mut self, at: usize) {
        let lines = self.text[self.at..at].bytes().filter(|byte| *byte == b'\n').count();
        self.line += u32::try_from(lines).unwrap_or(0);
        self.at = at;
    }

    fn read_redirection(&mut self) {
        let rest = self.rest();
        if rest.starts_with("<(") || rest.starts_with(">(") {
            self.read_word();
            return;
        }
        let descriptor = self.drop_descriptor();
        if rest.starts_with("<<<") {
            self.skip(3);
            self.skip_blanks();
            let text = self.word();
            self.command.input = Some(text.text);
            return;
        }
        if rest.starts_with("<<") {
            self.skip(2);
            self.read_heredoc_start();
            return;
        }
        let length = rest.find(|c| !matches!(c, '<' | '>' | '&' | '|')).unwrap_or(rest.len());
        // Of `&>` the first character is behind the reader.
        let both = if self.text[..self.at].ends_with('&') { "&" } else { "" };
        let operator = format!("{both}{}", &rest[..length]);
        self.skip(length);
        self.skip_blanks();
        if self.peek().is_some_and(|next| !is_end_of_word(next)) {
            let target = self.word();
            self.command.redirections.push(Redirection { descriptor, operator, target });
        }
    }

    /// `2>file`: the number before `>` is no word of the command.
    fn drop_descriptor(&mut self) -> Option<u32> {
        let touching = self.text[..self.at].ends_with(|c: char| c.is_ascii_digit());
        let last = self.command.words.last().filter(|word| touching && word.literal)?;
        let number = last.text.parse().ok().filter(|_| self.command.words.len() > 1)?;
        self.command.words.pop();
        let before = self.text[..self.at].trim_end_matches(|c: char| c.is_ascii_digit());
        self.command.span.end = before.trim_end().len();
        Some(number)
    }

    fn read_heredoc_start(&mut self) {
        let dedent = self.rest().starts_with('-');
        self.skip(usize::from(dedent));
        self.skip_blanks();
        let end = self.word().text;
        if !end.is_empty() {
            self.heredocs.push(Heredoc { end, dedent, command: None });
        }
    }

    fn skip_blanks(&mut self) {
        let rest = self.rest();
        self.skip(rest.len() - rest.trim_start_matches([' ', '\t']).len());
    }

    /// The texts that `<<` announced on the line before.
    fn take_heredocs(&mut self) {
        for heredoc in std::mem::take(&mut self.heredocs) {
            let body = self.take_heredoc(&heredoc);
            if let Some(command) = heredoc.command.and_then(|at| self.script.commands.get_mut(at)) {
                command.input = Some(body);
            }
        }
    }

    fn take_heredoc(&mut self, heredoc: &Heredoc) -> String {
        let mut body = String::new();
        while !self.rest().is_empty() {
            let rest = self.rest();
            let line = &rest[..rest.find('\n').map_or(rest.len(), |end| end + 1)];
            self.advance_to(self.at + line.len());
            let content = line.trim_end_matches(['\n', '\r']);
            let content = if heredoc.dedent { content.trim_start_matches('\t') } else { content };
            if content == heredoc.end {
                break;
            }
            body.push_str(content);
            body.push('\n');
        }
        body
    }

    fn read_word(&mut self) {
        let (line, start) = (self.line, self.at);
        let quoted = self.peek().is_some_and(|next| matches!(next, '\'' | '"' | '\\'));
        let word = self.word();
        if !quoted && self.command.words.iter().all(Word::is_assignment) && self.keyword(&word.text)
        {
            return;
        }
        if self.command.words.is_empty() {
            self.command.line = line;
            self.command.span.start = start;
        }
        self.command.span.end = self.at;
        self.command.words.push(word);
    }

    /// Takes a reserved word where a command may begin.
    fn keyword(&mut self, word: &str) -> bool {
        match word {
            "if" | "while" | "until" | "{" => self.blocks.push(Block::Other),
            "fi" | "done" | "esac" | "}" => self.close_block(),
            "for" | "select" => self.open_header(Block::Other),
            "case" => self.open_header(Block::Case),
            "function" => {
                self.skip_blanks();
                let name = self.word().text;
                self.script.functions.push(name);
                self.skip_blanks();
                if self.rest().starts_with("()") {
                    self.skip(2);
                }
                self.open_function();
            }
            "[[" => self.skip_test(),
            "in" => {}
            _ => return BEFORE_A_COMMAND.contains(&word),
        }
        true
    }

    /// A stray `fi` closes nothing that it cannot close.
    fn close_block(&mut self) {
        if matches!(self.blocks.last(), Some(Block::Case | Block::Other)) {
            self.blocks.pop();
        }
    }

    fn open_header(&mut self, block: Block) {
        self.blocks.push(block);
        self.skip_header();
    }

    /// `for NAME in …` up to its end, `case WORD in`: words, and no command.
    fn skip_header(&mut self) {
        while let Some(next) = self.peek() {
            match next {
                '\n' | ';' => return,
                ' ' | '\t' => self.skip(1),
                '\\' if self.rest().starts_with("\\\n") => {
                    self.skip(2);
                    self.line += 1;
                }
                '(' if self.rest().starts_with("((") => self.skip_balanced('(', ')'),
                next if is_end_of_word(next) => self.skip(1),
                _ => {
                    let word = self.word();
                    if word.text == "in" && self.rest().trim_start().starts_with('\n') {
                        return;
                    }
                }
            }
        }
    }

    /// `[[ … ]]`: an operator in it joins no commands.
    fn skip_test(&mut self) {
        while let Some(next) = self.peek() {
            match next {
                '\n' => return,
                next if next.is_whitespace() || is_end_of_word(next) => {
                    self.take();
                }
                _ => {
                    if self.word().text == "]]" {
                        return;
                    }
                }
            }
        }
    }

    fn skip_balanced(&mut self, open: char, close: char) {
        let mut depth = 0_usize;
        while let Some(next) = self.take() {
            if next == open {
                depth += 1;
            } else if next == close {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return;
                }
            }
        }
    }

    /// One word from here; always takes at least one character when there is one.
    fn word(&mut self) -> Word {
        let start = self.at;
        let mut word = Word { text: String::new(), literal: true };
        while let Some(next) = self.peek() {
            match next {
                '\'' => self.single_quoted(&mut word.text),
                '"' => self.double_quoted(&mut word),
                '\\' => self.escaped(&mut word.text),
                '$' | '`' => self.expansion(&mut word),
                '<' | '>' if self.at == start && self.rest()[1..].starts_with('(') => {
                    self.skip(1);
                    self.substitution(&mut word);
                }
                next if is_end_of_word(next) => break,
                _ => {
                    if matches!(next, '*' | '?' | '~') {
                        word.literal = false;
                    }
                    word.text.push(next);
                    self.take();
                }
            }
        }
        if self.at == start {
            word.text.extend(self.take());
        }
        word
    }

    fn single_quoted(&mut self, text: &mut String) {
        self.skip(1);
        while let Some(next) = self.take() {
            if next == '\'' {
                return;
            }
            text.push(next);
        }
    }

    fn double_quoted(&mut self, word: &mut Word) {
        self.skip(1);
        while let Some(next) = self.peek() {
            match next {
                '"' => {
                    self.skip(1);
                    return;
                }
                '\\' => {
                    self.skip(1);
                    match self.take() {
                        Some('\n') | None => {}
                        Some(special @ ('"' | '\\' | '$' | '`')) => word.text.push(special),
                        Some(other) => word.text.extend(['\\', other]),
                    }
                }
                '$' | '`' => self.expansion(word),
                _ => word.text.extend(self.take()),
            }
        }
    }

    fn escaped(&mut self, text: &mut String) {
        self.skip(1);
        match self.take() {
            Some('\n') | None => {}
            Some('\r') if self.peek() == Some('\n') => {
                self.take();
            }
            Some(other) => text.push(other),
        }
    }

    /// `$NAME`, `${…}`, `$(…)`, `$((…))`, `$'…'` and backticks.
    fn expansion(&mut self, word: &mut Word) {
        let (start, rest) = (self.at, self.rest());
        if rest.starts_with("$'") {
            self.skip(1);
            self.single_quoted(&mut word.text);
            return;
        }
        word.literal = false;
        if rest.starts_with("$((") {
            self.skip(1);
            self.skip_balanced('(', ')');
        } else if rest.starts_with("$(") {
            self.skip(1);
            self.substitution(word);
            return;
        } else if rest.starts_with("${") {
            self.skip(1);
            self.skip_balanced('{', '}');
        } else if rest.starts_with('`') {
            self.backticks();
        } else {
            self.skip(1);
            let name = self.rest();
            let legal = |c: char| c.is_ascii_alphanumeric() || c == '_';
            let length = name.find(|c| !legal(c)).unwrap_or(name.len());
            self.skip(length);
            if length == 0 && self.peek().is_some_and(|c| matches!(c, '@' | '*' | '#' | '?' | '$'))
            {
                self.take();
            }
        }
        word.text.push_str(&self.text[start..self.at]);
    }

    /// `( … )` after `$`, `<` or `>`: its commands run too.
    fn substitution(&mut self, word: &mut Word) {
        word.literal = false;
        let start = self.at;
        self.skip(1);
        let inner = self.nested(self.at..self.text.len(), Some(')'));
        self.advance_to(inner);
        word.text.push('$');
        word.text.push_str(&self.text[start..self.at]);
    }

    fn backticks(&mut self) {
        self.skip(1);
        let rest = self.rest();
        let end = self.at + rest.find('`').unwrap_or(rest.len());
        self.nested(self.at..end, None);
        self.advance_to((end + 1).min(self.text.len()));
    }

    /// Reads the commands of a part of the text; returns where reading ended.
    fn nested(&mut self, part: Range<usize>, end: Option<char>) -> usize {
        if self.nesting >= DEEPEST {
            return part.end;
        }
        let mut reader = Reader::new(&self.text[..part.end], self.nesting + 1);
        (reader.at, reader.line) = (part.start, self.line);
        reader.read_all(end);
        self.script.commands.append(&mut reader.script.commands);
        self.script.functions.append(&mut reader.script.functions);
        reader.at
    }

    fn end_command(&mut self) {
        let mut command = std::mem::take(&mut self.command);
        if command.words.is_empty() {
            return;
        }
        let surely = self.blocks.iter().all(|block| *block == Block::Subshell);
        command.certain = surely && self.nesting == 0 && !std::mem::take(&mut self.has_array);
        command.depth = self.blocks.len() + self.nesting;
        let place = self.script.commands.len();
        for heredoc in self.heredocs.iter_mut().filter(|heredoc| heredoc.command.is_none()) {
            heredoc.command = Some(place);
        }
        self.script.commands.push(command);
    }

    /// Ends a list: what `&&` and `||` join need not run, or need not succeed.
    fn end_list(&mut self) {
        self.end_command();
        let from = self.list.min(self.script.commands.len());
        if from < self.script.commands.len() {
            let all =
                if self.are_all_needed(from) { from..self.script.commands.len() } else { 0..0 };
            self.last = all.collect();
        }
        if self.chained {
            for command in &mut self.script.commands[from..] {
                command.certain = false;
            }
        }
        (self.list, self.chained) = (self.script.commands.len(), false);
    }
}

impl Reader<'_> {
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
}

fn is_end_of_word(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\r' | '\n' | ';' | '&' | '|' | '(' | ')' | '<' | '>')
}

#[cfg(test)]
mod tests;
