//! Reads the commands of a shell script, whatever else is in it, and says whether bash would take it.
//!
//! One reader serves all who look into scripts: what they do, what they need, and how they are written. It refuses
//! nothing: of what it does not understand it makes words, so that a command that publishes is found in a script of any
//! shell. Beside that it follows the grammar of bash for as long as it holds; [`Script::refusal`] says where bash would
//! stop, and [`Script::understood`] gives the commands before that.
//!
//! Written here rather than taken from `brush-parser`, the shell parser that was looked at first: that one refuses a
//! script with a construct it does not know (16 of 916 scripts in the workflows of public repositories) and brings 76
//! crates.

mod blocks;
mod invoked;
mod quoted;
mod reader;
mod recipe;
mod redirections;
mod words;

use std::ops::Range;

use plim_diag::Span;

pub use invoked::Invoked;
pub use quoted::quoted_commands;
pub use recipe::{deno_task, just_recipe, make_recipe, npm_script};

/// What a script says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Script {
    /// Its commands in the order they end, those inside `$( )`, functions and branches included: what stands inside a
    /// command comes before it.
    pub commands: Vec<Command>,
    /// The functions that it defines.
    pub functions: Vec<String>,
    /// Why bash refuses it; meaningless where another shell runs it.
    pub refusal: Option<Refusal>,
    /// How many of the commands were read before the grammar was lost.
    followed: usize,
}

/// What bash refuses, at bytes of the script.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// Where.
    pub span: Span,
    /// What.
    pub message: String,
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
    /// Which list of commands it is in; lists are numbered as they begin.
    pub list: usize,
    /// Whether a failure is looked at: in a condition, before `&&` or `||`, behind `!`.
    pub is_checked: bool,
    /// Whether its output goes into a pipe, or its input comes from one.
    pub in_pipe: bool,
    /// How many of the words are assignments before the name.
    assigned: usize,
    origin: Origin,
}

/// Where a command was found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Origin {
    /// Written as a command.
    #[default]
    Plain,
    /// The items of an array, which may be run as a command later.
    Items,
    /// Between backticks, where quotes mean something else.
    Backticks,
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
    /// `>`, `>>`, `&>`, `>&`, `<`, `<<<`.
    pub operator: &'static str,
    /// The file, the number of a descriptor, or what is read.
    pub target: Word,
}

/// One word of a command.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Word {
    /// The text without quotes; variables and substitutions stay as they are written.
    pub text: String,
    /// Whether the text is what the command gets: nothing in it is expanded.
    pub literal: bool,
    /// Which bytes of the script it is, quotes included.
    pub span: Span,
    /// What is expanded or quoted in it.
    pub parts: Vec<Part>,
    /// Whether it begins with `NAME=`, `NAME+=` or `NAME[…]=` as it is written.
    assigns: bool,
}

/// A part of a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part {
    /// Where it stands, with its sign and braces or quotes.
    pub span: Span,
    /// What it is.
    pub kind: PartKind,
    /// Whether it stands in double quotes.
    pub is_quoted: bool,
}

/// What a part of a word is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PartKind {
    /// `$NAME` or `${NAME…}`.
    Variable {
        /// Where the name stands.
        name: Span,
        /// Where the sign before the name or what follows it in braces stands, such as `#` and `:-default`.
        operator: Span,
    },
    /// `$(…)`.
    Substitution,
    /// `` `…` ``.
    Backticks,
    /// `$((…))`.
    Arithmetic,
    /// `'…'`.
    SingleQuoted,
}

impl Script {
    /// Reads `text`, which may be a script of any shell, or no script at all.
    pub fn read(text: &str) -> Self {
        reader::read(text)
    }

    /// The commands as bash would run them, as far as they were understood: without what stands in backticks.
    pub fn understood(&self) -> impl DoubleEndedIterator<Item = &Command> + Clone {
        let followed = self.commands.get(..self.followed).unwrap_or(&self.commands);
        followed.iter().filter(|command| command.origin == Origin::Plain)
    }
}

impl Word {
    /// A word that nothing in it changes.
    pub fn plain(text: impl Into<String>) -> Self {
        Self { text: text.into(), literal: true, ..Self::default() }
    }

    /// A word of which something is expanded, so that nobody can know what the command gets.
    pub fn expanded(text: impl Into<String>) -> Self {
        Self { text: text.into(), ..Self::default() }
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

    /// The word as it stands in `script`, if nothing in it is expanded or in single quotes.
    pub fn as_written<'t>(&self, script: &'t str) -> Option<&'t str> {
        if self.parts.is_empty() { self.span.text(script) } else { None }
    }

    /// The one part that it is made of, quotes around it left out.
    pub fn only_part(&self) -> Option<&Part> {
        match self.parts.as_slice() {
            [part] => {
                let around = self.span.len() - part.span.len();
                let quotes = if part.is_quoted { 2 } else { 0 };
                (around == quotes).then_some(part)
            }
            _ => None,
        }
    }

    /// Where the name stands of `NAME=value`.
    pub fn assigned_name(&self, script: &str) -> Span {
        let written = self.span.text(script).unwrap_or("");
        let legal = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_';
        let length = written.bytes().take_while(legal).count();
        Span::new(self.span.start, self.span.start + u32::try_from(length).unwrap_or(0))
    }
}

impl Command {
    /// The words from the command's name on: without assignments before it.
    pub fn call(&self) -> &[Word] {
        self.words.get(self.assigned..).unwrap_or_default()
    }

    /// The assignments before the name, or all of it.
    pub fn assignments(&self) -> &[Word] {
        self.words.get(..self.assigned).unwrap_or_default()
    }

    /// The name, if nothing in it is expanded.
    pub fn name<'t>(&self, script: &'t str) -> Option<&'t str> {
        self.call().first()?.as_written(script)
    }

    /// The words behind the name.
    pub fn arguments(&self) -> &[Word] {
        self.call().get(1..).unwrap_or_default()
    }

    /// The words that are not split: `NAME=value` behind `export` and its kin.
    pub fn declared(&self) -> impl Iterator<Item = &Word> {
        self.call().iter().filter(|word| word.assigns && self.declares())
    }

    /// The words that are split where they are expanded without quotes, with the files of redirections.
    pub fn split(&self) -> impl Iterator<Item = &Word> {
        let declares = self.declares();
        let words = self.call().iter().filter(move |word| !(word.assigns && declares));
        words.chain(self.redirections.iter().map(|redirection| &redirection.target))
    }

    fn declares(&self) -> bool {
        const DECLARING: [&str; 5] = ["export", "local", "declare", "readonly", "typeset"];
        self.call().first().is_some_and(|word| {
            word.parts.is_empty() && word.literal && DECLARING.contains(&word.text.as_str())
        })
    }
}

#[cfg(test)]
mod tests;
