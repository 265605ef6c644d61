//! Reads lists of commands, and what groups them.

use plim_diag::Span;

use super::words::is_end;
use super::{Assignment, ShellCommand, ShellError, ShellRedirection, ShellScript, ShellWord};

/// Scripts nest no deeper than this; what does is given up on.
const DEEPEST: usize = 80;

pub(super) struct Reader<'t> {
    pub(super) text: &'t str,
    pub(super) at: usize,
    script: ShellScript,
    /// Ends of heredocs that begin on the next line, and whether tabs before them are dropped.
    heredocs: Vec<(String, bool)>,
    pub(super) depth: usize,
    lists: usize,
    /// Whether the commands that are read are a condition.
    condition: bool,
}

/// Why reading ends before the text does.
#[derive(Debug)]
pub(super) enum Stop {
    /// Bash refuses it.
    Refused(ShellError),
    /// The text ends where something is open.
    End,
    /// It is not understood.
    GivenUp,
}

impl Stop {
    pub(super) fn error(span: Span, message: String) -> Self {
        Self::Refused(ShellError { span, message })
    }
}

/// What may end a list.
#[derive(Clone, Copy, PartialEq)]
enum Until {
    End,
    Parenthesis,
    /// One of these words where a command begins.
    Words(&'static [&'static str]),
    /// `;;` and its kin, or `esac`.
    CaseItem,
}

pub(super) fn read(text: &str) -> ShellScript {
    let mut reader = Reader {
        text,
        at: 0,
        script: ShellScript::default(),
        heredocs: Vec::new(),
        depth: 0,
        lists: 0,
        condition: false,
    };
    match reader.list(Until::End) {
        Ok(_) | Err(Stop::GivenUp) => {}
        Err(Stop::Refused(error)) => reader.script.error = Some(error),
        Err(Stop::End) => {}
    }
    reader.script
}

/// The words that go on or end what another has begun.
const CLOSERS: [&str; 8] = ["then", "else", "elif", "fi", "do", "done", "esac", "}"];

impl<'t> Reader<'t> {
    pub(super) fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    pub(super) fn peek_at(&self, ahead: usize) -> Option<u8> {
        self.text.as_bytes().get(self.at + ahead).copied()
    }

    pub(super) fn skip(&mut self, bytes: usize) {
        self.at += bytes;
        // An escape before a character of several bytes.
        while self.at < self.text.len() && !self.text.is_char_boundary(self.at) {
            self.at += 1;
        }
    }

    fn rest(&self) -> &'t str {
        self.text.get(self.at..).unwrap_or("")
    }

    pub(super) fn nested_list(&mut self) -> Result<(), Stop> {
        let condition = std::mem::replace(&mut self.condition, false);
        let read = self.list(Until::Parenthesis);
        self.condition = condition;
        read.map(|_| ())
    }

    /// Reads commands up to what ends the list, which is taken; gives the word that did.
    fn list(&mut self, until: Until) -> Result<&'static str, Stop> {
        self.deeper()?;
        self.lists += 1;
        let list = self.lists;
        let read = self.commands(until, list);
        self.depth -= 1;
        read
    }

    /// One level deeper, unless that is too deep; whoever comes back takes it off.
    pub(super) fn deeper(&mut self) -> Result<(), Stop> {
        self.depth += 1;
        if self.depth > DEEPEST { Err(Stop::GivenUp) } else { Ok(()) }
    }

    fn commands(&mut self, until: Until, list: usize) -> Result<&'static str, Stop> {
        let mut follows = false;
        loop {
            self.blanks();
            let Some(byte) = self.peek() else {
                return if until == Until::End { Ok("") } else { Err(Stop::End) };
            };
            match byte {
                b'\n' => self.line_end(),
                b';' if self.rest().starts_with(";;") || self.rest().starts_with(";&") => {
                    if until != Until::CaseItem {
                        let span = self.here(2);
                        return Err(Stop::error(
                            span,
                            "`;;` stands outside of a `case`".to_owned(),
                        ));
                    }
                    self.skip(if self.rest().starts_with(";;&") { 3 } else { 2 });
                    return Ok(";;");
                }
                b';' | b'&' => {
                    self.skip(1);
                    follows = false;
                }
                b')' if until == Until::Parenthesis => {
                    self.skip(1);
                    return Ok(")");
                }
                b')' => {
                    let span = self.here(1);
                    return Err(Stop::error(span, "this `)` closes nothing".to_owned()));
                }
                _ => {
                    if let Some(word) = self.closer(until)? {
                        return Ok(word);
                    }
                    follows = self.chain(list, follows)?;
                }
            }
        }
    }

    /// The word that ends the list, if it stands here.
    fn closer(&mut self, until: Until) -> Result<Option<&'static str>, Stop> {
        let word = self.bare_word();
        let Some(closer) = CLOSERS.into_iter().find(|closer| *closer == word) else {
            return Ok(None);
        };
        let wanted = match until {
            Until::Words(words) => words.contains(&closer),
            Until::CaseItem => closer == "esac",
            Until::End | Until::Parenthesis => false,
        };
        if wanted {
            self.skip(closer.len());
            return Ok(Some(closer));
        }
        let message = match until {
            Until::Words(words) => {
                format!("`{closer}` stands where `{}` is missing", words.join("` or `"))
            }
            _ => format!("`{closer}` closes nothing"),
        };
        Err(Stop::error(self.here(closer.len()), message))
    }

    /// Commands joined by `|`, `&&` and `||`; whether the last of them is simple.
    fn chain(&mut self, list: usize, mut follows: bool) -> Result<bool, Stop> {
        let mut piped = false;
        let first = self.script.commands.len();
        loop {
            let before = self.script.commands.len();
            let simple = self.command(list, follows && self.script.commands.len() == first)?;
            self.blanks();
            let rest = self.rest();
            let joined = if rest.starts_with("&&") || rest.starts_with("||") { 2 } else { 0 };
            let pipe = if joined == 0 && rest.starts_with("|&") {
                2
            } else {
                usize::from(joined == 0 && rest.starts_with('|'))
            };
            for command in &mut self.script.commands[before..] {
                command.is_checked |= joined > 0 && command.list == list;
                command.in_pipe |= (pipe > 0 || piped) && command.list == list;
            }
            if joined + pipe == 0 {
                return Ok(simple && !piped);
            }
            piped = pipe > 0;
            follows = false;
            let operator = self.here(joined + pipe);
            self.skip(joined + pipe);
            loop {
                self.blanks();
                if self.peek() != Some(b'\n') {
                    break;
                }
                self.line_end();
            }
            if self.peek().is_none() {
                return Err(Stop::error(operator, "nothing follows here".to_owned()));
            }
        }
    }

    /// One command; whether it is a simple one.
    fn command(&mut self, list: usize, follows: bool) -> Result<bool, Stop> {
        self.deeper()?;
        let read = self.one_command(list, follows);
        self.depth -= 1;
        read
    }

    fn one_command(&mut self, list: usize, follows: bool) -> Result<bool, Stop> {
        loop {
            let word = self.bare_word();
            match word {
                "!" => {
                    self.skip(1);
                    self.blanks();
                    let condition = std::mem::replace(&mut self.condition, true);
                    let read = self.command(list, false);
                    self.condition = condition;
                    read?;
                    return Ok(false);
                }
                "time" | "coproc" => {
                    self.skip(word.len());
                    self.blanks();
                    if self.rest().starts_with("-p ") {
                        self.skip(3);
                        self.blanks();
                    }
                }
                _ => break,
            }
        }
        let start = self.at;
        let word = self.bare_word();
        let is_compound = match word {
            "if" => self.branches(start)?,
            "while" | "until" => self.whiles(start, word.len())?,
            "for" | "select" => self.for_loop(start, word.len())?,
            "case" => self.case(start)?,
            "{" => {
                self.skip(1);
                self.closed(start, "{", Until::Words(&["}"]))?
            }
            "[[" => self.test()?,
            "function" => {
                self.skip(word.len());
                self.blanks();
                self.word()?;
                self.function_body()?
            }
            _ if self.rest().starts_with("((") && self.arithmetic(1) => true,
            _ if self.peek() == Some(b'(') => {
                self.skip(1);
                self.closed(start, "(", Until::Parenthesis)?
            }
            _ => false,
        };
        if is_compound {
            let mut command = ShellCommand::default();
            self.redirections(&mut command)?;
            return Ok(false);
        }
        self.simple(list, follows)
    }

    /// A list that must end before the text does.
    fn closed(&mut self, start: usize, sign: &str, until: Until) -> Result<bool, Stop> {
        self.list(until).map_err(|stop| open(stop, start, sign))?;
        Ok(true)
    }

    fn branches(&mut self, start: usize) -> Result<bool, Stop> {
        self.skip(2);
        loop {
            self.tested("then").map_err(|stop| open(stop, start, "if"))?;
            let until = Until::Words(&["elif", "else", "fi"]);
            match self.list(until).map_err(|stop| open(stop, start, "if"))? {
                "elif" => {}
                "else" => return self.closed(start, "if", Until::Words(&["fi"])),
                _ => return Ok(true),
            }
        }
    }

    /// The commands of a condition, up to `then` or `do`.
    fn tested(&mut self, word: &'static str) -> Result<(), Stop> {
        let condition = std::mem::replace(&mut self.condition, true);
        let until = if word == "then" { Until::Words(&["then"]) } else { Until::Words(&["do"]) };
        let read = self.list(until);
        self.condition = condition;
        read.map(|_| ())
    }

    fn whiles(&mut self, start: usize, length: usize) -> Result<bool, Stop> {
        self.skip(length);
        self.tested("do").map_err(|stop| open(stop, start, "while"))?;
        self.closed(start, "while", Until::Words(&["done"]))
    }

    fn for_loop(&mut self, start: usize, length: usize) -> Result<bool, Stop> {
        self.skip(length);
        self.blanks();
        if self.rest().starts_with("((") {
            if !self.arithmetic(1) {
                return Err(Stop::GivenUp);
            }
        } else {
            self.name();
            self.lines();
            if self.bare_word() == "in" {
                self.skip(2);
                self.blanks();
                while self.peek().is_some_and(|byte| !is_end(byte)) {
                    self.word()?;
                    self.blanks();
                }
            }
        }
        self.lines();
        if self.peek() == Some(b';') {
            self.skip(1);
        }
        self.lines();
        match self.bare_word() {
            "do" => {
                self.skip(2);
                self.closed(start, "for", Until::Words(&["done"]))
            }
            "{" => {
                self.skip(1);
                self.closed(start, "{", Until::Words(&["}"]))
            }
            _ if self.peek().is_none() => Err(open(Stop::End, start, "for")),
            _ => Err(Stop::error(self.here(1), "`do` is missing before this".to_owned())),
        }
    }

    fn case(&mut self, start: usize) -> Result<bool, Stop> {
        self.skip(4);
        self.blanks();
        self.word()?;
        self.lines();
        if self.bare_word() != "in" {
            return Err(Stop::GivenUp);
        }
        self.skip(2);
        loop {
            self.lines();
            if self.bare_word() == "esac" {
                self.skip(4);
                return Ok(true);
            }
            if self.peek().is_none() {
                return Err(open(Stop::End, start, "case"));
            }
            if self.peek() == Some(b'(') {
                self.skip(1);
            }
            self.patterns()?;
            match self.list(Until::CaseItem).map_err(|stop| open(stop, start, "case"))? {
                "esac" => return Ok(true),
                _ => continue,
            }
        }
    }

    /// `a|b)`.
    fn patterns(&mut self) -> Result<(), Stop> {
        loop {
            self.blanks();
            let start = self.at;
            self.word()?;
            self.blanks();
            match self.peek() {
                Some(b'|') => self.skip(1),
                Some(b')') => {
                    self.skip(1);
                    return Ok(());
                }
                _ if self.at == start => return Err(Stop::GivenUp),
                _ => return Err(Stop::GivenUp),
            }
        }
    }

    /// `[[ … ]]`, in which words are neither split nor redirected.
    fn test(&mut self) -> Result<bool, Stop> {
        self.skip(2);
        loop {
            while self.peek().is_some_and(|byte| byte.is_ascii_whitespace()) {
                self.skip(1);
            }
            if self.rest().starts_with("]]") {
                self.skip(2);
                return Ok(true);
            }
            let before = self.at;
            self.word_until(|byte| byte.is_ascii_whitespace())?;
            if self.at == before {
                return Err(Stop::GivenUp);
            }
        }
    }

    fn function_body(&mut self) -> Result<bool, Stop> {
        self.blanks();
        if self.rest().starts_with("()") {
            self.skip(2);
        }
        self.lines();
        let list = self.lists;
        self.command(list, false)?;
        Ok(true)
    }

    /// A simple command, or the definition of a function.
    fn simple(&mut self, list: usize, follows: bool) -> Result<bool, Stop> {
        let start = self.at;
        let mut command =
            ShellCommand { list, follows, is_checked: self.condition, ..ShellCommand::default() };
        loop {
            self.blanks();
            if self.redirection(&mut command)? {
                continue;
            }
            let Some(byte) = self.peek() else { break };
            if byte == b'(' && command.words.len() == 1 && command.assignments.is_empty() {
                if !self.rest()[1..].trim_start().starts_with(')') {
                    return Err(Stop::GivenUp);
                }
                self.at = self.text.len() - self.rest()[1..].trim_start().len() + 1;
                self.function_body()?;
                return Ok(false);
            }
            if is_end(byte) && !(matches!(byte, b'<' | b'>') && self.peek_at(1) == Some(b'(')) {
                break;
            }
            if self.assignment(&mut command)? {
                continue;
            }
            let word = self.word()?;
            if word.span.is_empty() {
                break;
            }
            command.words.push(word);
        }
        if self.at == start {
            return Err(Stop::GivenUp);
        }
        self.script.commands.push(command);
        Ok(true)
    }

    /// `NAME=value`, `NAME+=value`, `NAME[0]=value`, `NAME=(…)`, also behind `export` and its kin.
    fn assignment(&mut self, command: &mut ShellCommand) -> Result<bool, Stop> {
        let rest = self.rest();
        let length = rest.bytes().take_while(|b| b.is_ascii_alphanumeric() || *b == b'_').count();
        if length == 0 || rest.as_bytes()[0].is_ascii_digit() {
            return Ok(false);
        }
        let mut sign = length;
        if rest[sign..].starts_with('[') {
            match rest[sign..].find(']') {
                Some(close) => sign += close + 1,
                None => return Ok(false),
            }
        }
        if rest[sign..].starts_with('+') {
            sign += 1;
        }
        if !rest[sign..].starts_with('=') {
            return Ok(false);
        }
        let first = command.words.first().and_then(|word| word.literal(self.text));
        let declares = first.is_some_and(|name| {
            ["export", "local", "declare", "readonly", "typeset"].contains(&name)
        });
        if !command.words.is_empty() && !declares {
            return Ok(false);
        }
        let start = self.at;
        let name_span = {
            self.at += length;
            self.span_from(start)
        };
        self.at = start + sign + 1;
        let mut value = ShellWord::default();
        if self.peek() == Some(b'(') {
            self.balanced()?;
        } else {
            value = self.word()?;
        }
        let assignment =
            Assignment { name: rest[..length].to_owned(), span: name_span, parts: value.parts };
        if declares {
            let word = ShellWord {
                span: self.span_from(start),
                parts: assignment.parts,
                is_assignment: true,
            };
            command.words.push(word);
        } else {
            command.assignments.push(assignment);
        }
        Ok(true)
    }

    fn redirections(&mut self, command: &mut ShellCommand) -> Result<(), Stop> {
        loop {
            self.blanks();
            if !self.redirection(command)? {
                return Ok(());
            }
        }
    }

    fn redirection(&mut self, command: &mut ShellCommand) -> Result<bool, Stop> {
        let rest = self.rest();
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let behind = &rest[digits..];
        if behind.starts_with("<(") || behind.starts_with(">(") {
            return Ok(false);
        }
        let operators = ["<<<", "<<-", "<<", "&>>", "&>", ">>", ">&", "<&", ">|", "<>", ">", "<"];
        let Some(operator) = operators.into_iter().find(|sign| behind.starts_with(sign)) else {
            return Ok(false);
        };
        if digits > 0 && operator.starts_with('&') {
            return Ok(false);
        }
        self.skip(digits + operator.len());
        self.blanks();
        let target = self.word()?;
        if target.span.is_empty() {
            let span = self.here(1);
            return match self.peek() {
                None | Some(b'\n' | b';' | b')') => {
                    Err(Stop::error(span, format!("no file follows `{operator}`")))
                }
                _ => Err(Stop::GivenUp),
            };
        }
        if operator == "<<" || operator == "<<-" {
            let end = target.span.text(self.text).unwrap_or("").replace(['\'', '"', '\\'], "");
            self.heredocs.push((end, operator == "<<-"));
        } else {
            command.redirections.push(ShellRedirection { operator, target });
        }
        Ok(true)
    }

    /// Skips blanks, line continuations and comments.
    fn blanks(&mut self) {
        loop {
            let rest = self.rest();
            let bytes =
                rest.bytes().take_while(|byte| matches!(byte, b' ' | b'\t' | b'\r')).count();
            self.at += bytes;
            let rest = self.rest();
            if rest.starts_with("\\\n") {
                self.at += 2;
            } else if rest.starts_with("\\\r\n") {
                self.at += 3;
            } else if rest.starts_with('#') {
                self.at += rest.find('\n').unwrap_or(rest.len());
                return;
            } else {
                return;
            }
        }
    }

    /// Skips blanks and ends of lines.
    fn lines(&mut self) {
        loop {
            self.blanks();
            if self.peek() != Some(b'\n') {
                return;
            }
            self.line_end();
        }
    }

    /// Takes the end of a line and the heredocs behind it.
    fn line_end(&mut self) {
        self.at += 1;
        for (end, dedent) in std::mem::take(&mut self.heredocs) {
            loop {
                let rest = self.rest();
                if rest.is_empty() {
                    break;
                }
                let line = rest.split('\n').next().unwrap_or("");
                self.at = (self.at + line.len() + 1).min(self.text.len());
                let line = line.trim_end_matches('\r');
                let line = if dedent { line.trim_start_matches('\t') } else { line };
                if line == end {
                    break;
                }
            }
        }
    }

    /// The word that stands here, if nothing in it is quoted or expanded.
    fn bare_word(&self) -> &'t str {
        let rest = self.rest();
        let length = rest.bytes().take_while(|byte| !is_end(*byte)).count();
        rest.get(..length).unwrap_or("")
    }

    fn here(&self, length: usize) -> Span {
        let offset = |at: usize| u32::try_from(at.min(self.text.len())).unwrap_or(u32::MAX);
        Span::new(offset(self.at), offset(self.at + length))
    }
}

/// What was open where the text ended.
fn open(stop: Stop, start: usize, sign: &str) -> Stop {
    match stop {
        Stop::End => {
            let offset = |at: usize| u32::try_from(at).unwrap_or(0);
            let span = Span::new(offset(start), offset(start + sign.len()));
            Stop::error(span, format!("what `{sign}` opens here is never closed"))
        }
        other => other,
    }
}
