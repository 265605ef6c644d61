//! Reads what groups commands: branches, loops, cases, groups and functions, by the reserved words that make them.

use super::reader::{Element, MOST_BLOCKS, Reader};
use super::words::is_end;

/// What is open around a command.
pub(super) struct Block {
    pub(super) kind: Kind,
    /// Where its first sign stands.
    pub(super) start: usize,
    pub(super) sign: &'static str,
    /// What holds again behind it.
    number: usize,
    condition: bool,
    piped: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// `( … )`.
    Subshell,
    /// `case … esac`.
    Case,
    /// `if … then`, and `elif … then`.
    If,
    /// `then … fi`.
    Then,
    /// `else … fi`.
    Else,
    /// `while … do`, `until … do`.
    While,
    /// `do … done`.
    Do,
    /// `{ … }`.
    Braces,
}

impl Kind {
    /// The words that go on with it or end it.
    fn closers(self) -> &'static [&'static str] {
        match self {
            Self::Subshell => &[],
            Self::Case => &["esac"],
            Self::If => &["then"],
            Self::Then => &["elif", "else", "fi"],
            Self::Else => &["fi"],
            Self::While => &["do"],
            Self::Do => &["done"],
            Self::Braces => &["}"],
        }
    }
}

impl Reader<'_> {
    /// Opens a block whose first sign, `sign`, stands at `start`.
    pub(super) fn open(&mut self, kind: Kind, start: usize, sign: &'static str) {
        if self.blocks.len() >= MOST_BLOCKS {
            self.give_up();
        }
        let (number, condition, piped) = (self.number, self.condition, self.piped);
        self.blocks.push(Block { kind, start, sign, number, condition, piped });
        self.condition |= self.negated || matches!(kind, Kind::If | Kind::While);
        (self.negated, self.piped) = (false, false);
        self.begin_list();
    }

    /// Closes the innermost block.
    pub(super) fn close(&mut self) {
        if let Some(block) = self.blocks.pop() {
            (self.number, self.condition, self.piped) =
                (block.number, block.condition, block.piped);
            self.compound();
        }
    }

    /// Something other than a simple command has been read.
    pub(super) fn compound(&mut self) {
        (self.element, self.dangling, self.negated) = (Element::Compound, None, false);
    }

    fn begin_list(&mut self) {
        self.numbers += 1;
        self.number = self.numbers;
        (self.element, self.dangling) = (Element::Nothing, None);
    }

    /// Takes a reserved word where a command may begin; false where none stands here.
    pub(super) fn read_reserved(&mut self) -> bool {
        let (start, word) = (self.at, self.bare_word());
        match word {
            "if" => self.open_word(Kind::If, "if"),
            "while" => self.open_word(Kind::While, "while"),
            "until" => self.open_word(Kind::While, "until"),
            "{" => self.open_word(Kind::Braces, "{"),
            "for" => self.read_for(start, "for"),
            "select" => self.read_for(start, "select"),
            "case" => self.read_case(start),
            "[[" => self.read_test(),
            "function" => {
                self.at += word.len();
                let name = self.defined().text;
                self.script.functions.push(name);
                self.blanks();
                if self.starts_with("()") {
                    self.at += 2;
                }
                self.open_function();
            }
            "!" => {
                self.at += 1;
                self.negated = true;
            }
            "time" | "coproc" => {
                self.at += word.len();
                self.blanks();
                if self.starts_with("-p ") {
                    self.at += 3;
                }
            }
            "then" | "else" | "elif" | "fi" | "do" | "done" | "esac" | "}" => self.go_on(word),
            "in" if !self.follows => self.at += word.len(),
            _ => return false,
        }
        true
    }

    fn open_word(&mut self, kind: Kind, sign: &'static str) {
        let start = self.at;
        self.at += sign.len();
        self.open(kind, start, sign);
    }

    /// Takes a word that goes on with a block or ends one.
    fn go_on(&mut self, word: &str) {
        let open = self.blocks.last().map(|block| block.kind);
        let wanted = open.map_or(&[][..], Kind::closers);
        if self.dangling.is_some() {
            self.give_up();
        }
        if !wanted.contains(&word) {
            let message = match open {
                Some(Kind::Subshell | Kind::Case) | None => format!("`{word}` closes nothing"),
                Some(_) => format!("`{word}` stands where `{}` is missing", wanted.join("` or `")),
            };
            self.refuse(self.here(word.len()), message);
        }
        self.at += word.len();
        match word {
            "fi" | "done" | "esac" | "}" => {
                // A stray one closes nothing that it cannot close.
                if open.is_some_and(|kind| kind != Kind::Subshell) {
                    self.close();
                }
            }
            "then" => self.turn(Kind::If, Kind::Then),
            "elif" => self.turn(Kind::Then, Kind::If),
            "else" => self.turn(Kind::Then, Kind::Else),
            _ => self.turn(Kind::While, Kind::Do),
        }
    }

    /// Goes on with the next part of the innermost block, if it is `from`.
    fn turn(&mut self, from: Kind, to: Kind) {
        let Some(block) = self.blocks.last_mut().filter(|block| block.kind == from) else { return };
        block.kind = to;
        self.condition = block.condition || to == Kind::If;
        self.begin_list();
    }

    /// A function's body runs when it is called, and nobody knows whether it is.
    pub(super) fn open_function(&mut self) {
        let body = self.rest().trim_start();
        if body.starts_with('{') {
            self.at = self.text.len() - body.len();
            self.open_word(Kind::Braces, "{");
        }
    }

    /// `for NAME in …` up to its `do`.
    fn read_for(&mut self, start: usize, sign: &'static str) {
        self.at += sign.len();
        self.blanks();
        if self.starts_with("((") {
            if !self.arithmetic(1) {
                self.give_up();
                self.skip_balanced(b'(', b')');
            }
        } else {
            self.skip_name();
            let behind = self.at;
            self.lines();
            match self.bare_word() {
                "in" => self.at += 2,
                _ => self.at = behind,
            }
            self.skip_header();
        }
        self.lines();
        if self.peek() == Some(b';') {
            self.at += 1;
        }
        self.lines();
        match self.bare_word() {
            "do" => self.at += 2,
            "{" => return self.open_word(Kind::Braces, "{"),
            _ if self.peek().is_none() => self.never_closed(start, sign),
            _ => self.refuse(self.here(1), "`do` is missing before this"),
        }
        self.open(Kind::Do, start, sign);
    }

    /// The words up to the end of a line or `;`.
    fn skip_header(&mut self) {
        loop {
            self.blanks();
            match self.peek() {
                None | Some(b'\n' | b';') => return,
                Some(next) if is_end(next) && !self.is_process() => {
                    self.give_up();
                    self.at += 1;
                }
                Some(_) => _ = self.word(is_end),
            }
        }
    }

    /// `case WORD in` and its first pattern.
    fn read_case(&mut self, start: usize) {
        self.at += 4;
        if self.follows {
            _ = self.defined();
            self.lines();
            if self.bare_word() == "in" {
                self.at += 2;
                self.open(Kind::Case, start, "case");
                return self.read_pattern();
            }
            self.give_up();
        }
        self.open(Kind::Case, start, "case");
        self.skip_header_of_case();
    }

    /// What stands behind `case`, where the grammar does not tell its end.
    fn skip_header_of_case(&mut self) {
        loop {
            match self.peek() {
                None | Some(b'\n' | b';') => return,
                Some(next) if is_end(next) => self.at += 1,
                Some(_) => {
                    let word = self.word(is_end);
                    if word.text == "in" && self.rest().trim_start().starts_with('\n') {
                        return;
                    }
                }
            }
        }
    }

    /// `;;`, `;&` or `;;&`.
    pub(super) fn end_case_item(&mut self) {
        let is_case = self.blocks.last().is_some_and(|block| block.kind == Kind::Case);
        if !is_case {
            self.refuse(self.here(2), "`;;` stands outside of a `case`");
        }
        self.at += if self.starts_with(";;&") { 3 } else { 2 };
        if is_case && self.follows {
            self.begin_list();
            self.read_pattern();
        }
    }

    /// `a|b)`, or the `esac` in its place.
    fn read_pattern(&mut self) {
        self.lines();
        if self.bare_word() == "esac" {
            self.at += 4;
            return self.close();
        }
        if self.peek() == Some(b'(') {
            self.at += 1;
        }
        while self.peek().is_some() {
            self.blanks();
            let start = self.at;
            if !self.peek().is_none_or(is_end) {
                _ = self.word(is_end);
            }
            self.blanks();
            match self.peek() {
                Some(b')') => {
                    self.at += 1;
                    return;
                }
                Some(b'|') if self.at > start => self.at += 1,
                _ => return self.give_up(),
            }
        }
    }

    /// `[[ … ]]`, in which words are neither split nor redirected and no operator joins commands.
    fn read_test(&mut self) {
        let start = self.at;
        let known = self.script.commands.len();
        self.at += 2;
        loop {
            let end_of_line = self.follows || self.peek() != Some(b'\n');
            match self.peek() {
                Some(next) if next.is_ascii_whitespace() && end_of_line => self.at += 1,
                Some(b']') if self.starts_with("]]") => {
                    self.at += 2;
                    return self.compound();
                }
                Some(next) if !next.is_ascii_whitespace() => _ = self.word(is_blank),
                _ if self.follows => {
                    // Once more, to the end of the line.
                    self.give_up();
                    self.script.commands.truncate(known);
                    self.at = start + 2;
                }
                _ => return,
            }
        }
    }
}

fn is_blank(byte: u8) -> bool {
    byte.is_ascii_whitespace()
}
