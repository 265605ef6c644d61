//! Reads files of `NAME=value` lines, as dotenv writes them.
//!
//! ```text
//! # a comment
//! export NAME=plain text        # a comment needs a blank before it
//! SINGLE='as it stands, $even and \n'
//! DOUBLE="with \n, \t, \", \\ and
//! several lines"
//! EMPTY=
//! ```
//!
//! Nothing is substituted: a `$` is a `$`, because what fills a secret must not depend on another value.

use std::iter::Peekable;
use std::str::CharIndices;

use plim_diag::{Code, Diagnostic, Span, Spanned};

/// One `NAME=value`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) name: Spanned<String>,
    pub(crate) value: String,
}

/// Reads all entries of `text`, which stands in the file `path`, and what is wrong with the others. Values
/// are never part of a diagnostic, because they may be secrets.
pub(crate) fn parse(path: &str, text: &str) -> (Vec<Entry>, Vec<Diagnostic>) {
    let text = text.strip_prefix('\u{feff}').map_or((text, 0), |rest| (rest, 3));
    let mut reader =
        Reader { text: text.0, offset: text.1, rest: text.0.char_indices().peekable() };
    let (mut entries, mut diagnostics) = (vec![], vec![]);
    while reader.skip_to_entry() {
        match reader.entry() {
            Ok(entry) => entries.push(entry),
            Err((message, span, help)) => {
                reader.skip_line();
                let diagnostic = Diagnostic::error(Code("dotenv"), message).at(path, span);
                diagnostics.push(diagnostic.help(help));
            }
        }
    }
    (entries, diagnostics)
}

/// Whether `name` can name a variable, a secret or a value of `vars`.
pub(crate) fn is_name(name: &str) -> bool {
    let mut characters = name.chars();
    characters.next().is_some_and(|c| c.is_ascii_alphabetic() || c == '_')
        && characters.all(|c| c.is_ascii_alphanumeric() || c == '_')
}

type Fault = (String, Span, &'static str);

struct Reader<'a> {
    text: &'a str,
    /// Bytes of the file before `text`.
    offset: usize,
    rest: Peekable<CharIndices<'a>>,
}

impl Reader<'_> {
    /// Moves to the next line that is neither empty nor a comment; false at the end.
    fn skip_to_entry(&mut self) -> bool {
        while let Some(&(_, c)) = self.rest.peek() {
            match c {
                '#' => self.skip_line(),
                c if c.is_whitespace() => _ = self.rest.next(),
                _ => return true,
            }
        }
        false
    }

    fn skip_line(&mut self) {
        while self.rest.next_if(|(_, c)| *c != '\n').is_some() {}
    }

    fn skip_blanks(&mut self) {
        while self.rest.next_if(|(_, c)| matches!(c, ' ' | '\t')).is_some() {}
    }

    fn at(&mut self) -> usize {
        self.rest.peek().map_or(self.text.len(), |(at, _)| *at)
    }

    fn span(&self, start: usize, end: usize) -> Span {
        let place = |at: usize| u32::try_from(at + self.offset).unwrap_or(u32::MAX);
        Span::new(place(start), place(end))
    }

    fn entry(&mut self) -> Result<Entry, Fault> {
        let name = self.name()?;
        self.skip_blanks();
        if self.rest.next_if(|(_, c)| *c == '=').is_none() {
            let message = format!("no `=` follows `{}`", name.value);
            return Err((message, name.span, "write `NAME=value`"));
        }
        self.skip_blanks();
        let value = match self.rest.peek() {
            Some((_, '\'')) => self.quoted('\'')?,
            Some((_, '"')) => self.quoted('"')?,
            _ => self.plain(),
        };
        Ok(Entry { name, value })
    }

    fn name(&mut self) -> Result<Spanned<String>, Fault> {
        let mut name = self.word();
        if name.value == "export" && self.rest.peek().is_some_and(|(_, c)| matches!(c, ' ' | '\t'))
        {
            self.skip_blanks();
            name = self.word();
        }
        if is_name(&name.value) {
            return Ok(name);
        }
        let help = "names hold letters, digits and `_`, and begin with a letter or `_`";
        Err(("this is not the name of a variable".to_owned(), name.span, help))
    }

    fn word(&mut self) -> Spanned<String> {
        let start = self.at();
        while self.rest.next_if(|(_, c)| !c.is_whitespace() && *c != '=').is_some() {}
        let end = self.at();
        Spanned::new(self.text[start..end].to_owned(), self.span(start, end))
    }

    /// Up to the end of the line, or to a `#` after a blank.
    fn plain(&mut self) -> String {
        let start = self.at();
        let mut before = ' ';
        while let Some((_, c)) =
            self.rest.next_if(|(_, c)| *c != '\n' && !(*c == '#' && before.is_whitespace()))
        {
            before = c;
        }
        let end = self.at();
        self.skip_line();
        self.text[start..end].trim_end().to_owned()
    }

    /// Between quotes; in double ones a backslash gives the next character a meaning.
    fn quoted(&mut self, quote: char) -> Result<String, Fault> {
        let start = self.at();
        self.rest.next();
        let mut value = String::new();
        loop {
            match self.rest.next() {
                Some((_, c)) if c == quote => break,
                Some((_, '\\')) if quote == '"' => value.extend(self.escaped()),
                Some((_, c)) => value.push(c),
                None => return Err(self.unclosed(start, quote)),
            }
        }
        self.after_quotes()?;
        Ok(value)
    }

    fn escaped(&mut self) -> Vec<char> {
        match self.rest.next().map(|(_, c)| c) {
            Some('n') => vec!['\n'],
            Some('r') => vec!['\r'],
            Some('t') => vec!['\t'],
            Some(c @ ('"' | '\\' | '$' | '`' | '\'')) => vec![c],
            Some(c) => vec!['\\', c],
            None => vec!['\\'],
        }
    }

    fn after_quotes(&mut self) -> Result<(), Fault> {
        self.skip_blanks();
        let at = self.at();
        match self.rest.peek() {
            None | Some((_, '\n' | '\r' | '#')) => {
                self.skip_line();
                Ok(())
            }
            Some(_) => {
                let message = "something follows the closing quote".to_owned();
                Err((message, self.span(at, at + 1), "put all of the value between the quotes"))
            }
        }
    }

    /// The lines after the opening quote are read again, so that one fault hides no more than its line.
    fn unclosed(&mut self, start: usize, quote: char) -> Fault {
        self.rest = self.text.char_indices().peekable();
        while self.rest.next_if(|(at, _)| *at < start).is_some() {}
        let message = format!("nothing closes this `{quote}`");
        (message, self.span(start, start + 1), "close the quotes, or put the value between others")
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn pairs(text: &str) -> Vec<(String, String)> {
        let (entries, diagnostics) = parse(".env", text);
        assert_eq!(diagnostics, []);
        entries.into_iter().map(|entry| (entry.name.value, entry.value)).collect()
    }

    fn one(text: &str) -> String {
        pairs(text).pop().unwrap().1
    }

    #[test]
    fn every_form_is_read() {
        let text = "# comment\n\nexport A=plain text  # comment\nB='$x \\n # #'\r\nC=\"a\\n\\\"b\\\" \\\\ \\d\nsecond\" # c\nD=\n E = e \nF=a#b=c";
        let expected = [
            ("A", "plain text"),
            ("B", "$x \\n # #"),
            ("C", "a\n\"b\" \\ \\d\nsecond"),
            ("D", ""),
            ("E", "e"),
            ("F", "a#b=c"),
        ];
        assert_eq!(pairs(text), expected.map(|(name, value)| (name.to_owned(), value.to_owned())));
    }

    #[test]
    fn a_byte_order_mark_and_windows_line_ends_do_not_count() {
        assert_eq!(pairs("\u{feff}A=b\r\n"), [("A".to_owned(), "b".to_owned())]);
        assert_eq!(one("export=x"), "x");
    }

    #[test]
    fn faults_have_their_place_and_hide_nothing_else() {
        let text = "1A=x\nB\nC='c' d\nE=\"open\nF=f\n";
        let (entries, diagnostics) = parse(".env", text);
        let names: Vec<_> = entries.iter().map(|entry| entry.name.value.as_str()).collect();
        assert_eq!(names, ["F"]);
        let found: Vec<_> =
            diagnostics.iter().map(|d| (d.span().unwrap().start, d.message.as_str())).collect();
        let expected = [
            (0, "this is not the name of a variable"),
            (5, "no `=` follows `B`"),
            (13, "something follows the closing quote"),
            (17, "nothing closes this `\"`"),
        ];
        assert_eq!(found, expected);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(200))]
        #[test]
        fn any_text_is_read_without_a_fault_and_places_are_inside(text in "([A-C=\"'# \n\r\\\\é]|export |\u{feff}){0,40}") {
            let (entries, diagnostics) = parse("f", &text);
            for entry in entries {
                prop_assert_eq!(entry.name.span.text(&text), Some(entry.name.value.as_str()));
            }
            prop_assert!(diagnostics.iter().all(|d| d.span().unwrap().start as usize <= text.len()));
        }

        #[test]
        fn a_quoted_value_comes_back(value in "[^\0]{0,30}") {
            let quoted: String = value.chars().flat_map(|c| match c {
                '"' | '\\' => vec!['\\', c],
                c => vec![c],
            }).collect();
            prop_assert_eq!(one(&format!("A=\"{quoted}\"")), value);
        }
    }
}
