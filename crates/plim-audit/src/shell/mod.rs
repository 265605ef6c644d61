//! Shell scripts of the Bourne family as rules see them: commands, words, what is quoted in them, and where each stands.
//!
//! `plim_workflow::script` reads what a script runs, whatever it is written in, and drops quotes; here quotes are what
//! matters, and a script that bash would refuse is said to be wrong. What the reader does not understand it gives up on
//! without a word.

mod reader;
mod words;

use plim_diag::Span;

/// A script as it was read.
#[derive(Clone, Debug, Default)]
pub struct ShellScript {
    /// Its simple commands in the order they end, those inside of substitutions before the command around them.
    pub commands: Vec<ShellCommand>,
    /// Why bash refuses it.
    pub error: Option<ShellError>,
}

/// What bash refuses, at bytes of the script.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ShellError {
    /// Where.
    pub span: Span,
    /// What.
    pub message: String,
}

/// One simple command: words, assignments before them, redirections among them.
#[derive(Clone, Debug, Default)]
pub struct ShellCommand {
    /// Assignments before the name, or all of it.
    pub assignments: Vec<Assignment>,
    /// The name and the arguments.
    pub words: Vec<ShellWord>,
    /// Where input comes from and output goes.
    pub redirections: Vec<ShellRedirection>,
    /// Which list of commands it is in; lists are numbered as they begin.
    pub list: usize,
    /// Whether a failure is looked at: in a condition, before `&&` or `||`, behind `!`.
    pub is_checked: bool,
    /// Whether its output goes into a pipe, or its input comes from one.
    pub in_pipe: bool,
    /// Whether nothing but blanks and line ends stands between it and the simple command before it in its list.
    pub follows: bool,
}

/// `NAME=value`.
#[derive(Clone, Debug)]
pub struct Assignment {
    /// The name.
    pub name: String,
    /// Where the name stands.
    pub span: Span,
    /// What it contains that is expanded.
    pub parts: Vec<Part>,
}

/// A redirection.
#[derive(Clone, Debug)]
pub struct ShellRedirection {
    /// `>`, `>>`, `<` and so on.
    pub operator: &'static str,
    /// The file.
    pub target: ShellWord,
}

/// A word with what is expanded in it.
#[derive(Clone, Debug, Default)]
pub struct ShellWord {
    /// Where it stands.
    pub span: Span,
    /// What is expanded or quoted in it.
    pub parts: Vec<Part>,
    /// Whether it is an assignment in front of which a command such as `export` stands, whose value is not split.
    pub is_assignment: bool,
}

/// A part of a word.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Part {
    /// Where it stands, with its sign and braces or quotes.
    pub span: Span,
    /// What it is.
    pub kind: PartKind,
    /// Whether it stands in double quotes.
    pub is_quoted: bool,
}

/// What a part of a word is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum PartKind {
    /// `$NAME` or `${NAME…}`, with the name and what stands behind it in braces.
    Variable(String, String),
    /// `$(…)`.
    Substitution,
    /// `` `…` ``.
    Backticks,
    /// `$((…))`.
    Arithmetic,
    /// `'…'`.
    SingleQuoted,
}

impl ShellScript {
    /// Reads `text`.
    #[must_use]
    pub fn read(text: &str) -> Self {
        reader::read(text)
    }
}

impl ShellCommand {
    /// The name, if nothing in it is expanded.
    #[must_use]
    pub fn name<'t>(&self, text: &'t str) -> Option<&'t str> {
        self.words.first().and_then(|word| word.literal(text))
    }

    /// The arguments.
    #[must_use]
    pub fn arguments(&self) -> &[ShellWord] {
        self.words.get(1..).unwrap_or_default()
    }
}

impl ShellWord {
    /// Its text as it is written, if nothing in it is expanded or in single quotes.
    #[must_use]
    pub fn literal<'t>(&self, text: &'t str) -> Option<&'t str> {
        if self.parts.is_empty() { self.span.text(text) } else { None }
    }

    /// The one part that it is made of, quotes around it left out.
    #[must_use]
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
}

#[cfg(test)]
mod tests;
