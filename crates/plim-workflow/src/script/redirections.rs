//! Reads redirections, and the texts that `<<` announces.

use super::Redirection;
use super::reader::Reader;
use super::words::is_end;

/// A text that `<<` announced and a later line begins.
pub(super) struct Heredoc {
    end: String,
    dedent: bool,
    /// Which command reads it; `None` while that command is still being read.
    pub(super) command: Option<usize>,
}

/// The operators of redirections, longer ones before those that they begin with.
const OPERATORS: [&str; 12] =
    ["<<<", "<<-", "<<", "&>>", "&>", ">>", ">&", "<&", ">|", "<>", ">", "<"];

impl Reader<'_> {
    /// `2>file` and its like; false where none stands here.
    pub(super) fn read_redirection(&mut self) -> bool {
        let rest = self.rest();
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let behind = &rest[digits..];
        if behind.starts_with("<(") || behind.starts_with(">(") {
            return false;
        }
        let operator = OPERATORS.into_iter().find(|operator| behind.starts_with(operator));
        let Some(operator) = operator.filter(|it| digits == 0 || !it.starts_with('&')) else {
            return false;
        };
        let descriptor = rest[..digits].parse().ok();
        self.at += digits + operator.len();
        self.dangling = None;
        while matches!(self.peek(), Some(b' ' | b'\t')) {
            self.at += 1;
        }
        if self.peek().is_none_or(|next| is_end(next) && !self.is_process()) {
            self.no_target(operator);
            return true;
        }
        let target = self.word(is_end);
        match operator {
            "<<" | "<<-" => self.heredocs.push(Heredoc {
                end: target.text,
                dedent: operator == "<<-",
                command: None,
            }),
            _ => {
                if operator == "<<<" {
                    self.command.input = Some(target.text.clone());
                }
                self.command.redirections.push(Redirection { descriptor, operator, target });
            }
        }
        true
    }

    fn no_target(&mut self, operator: &str) {
        self.blanks();
        match self.peek() {
            None | Some(b'\n' | b';' | b')') => {
                self.refuse(self.here(1), format!("no file follows `{operator}`"));
            }
            _ => self.give_up(),
        }
    }

    /// Whether `<(` or `>(` stands here.
    pub(super) fn is_process(&self) -> bool {
        matches!(self.peek(), Some(b'<' | b'>')) && self.peek_at(1) == Some(b'(')
    }

    /// The texts that `<<` announced on the line before.
    pub(super) fn take_heredocs(&mut self) {
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
            self.at += line.len();
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
}

impl Heredoc {
    pub(super) fn is_open(&self) -> bool {
        self.command.is_none()
    }
}
