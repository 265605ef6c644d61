//! Environment files: what a step writes to `GITHUB_ENV`, `GITHUB_OUTPUT`, `GITHUB_PATH` and `GITHUB_STATE`.
//!
//! Reading collects, as in the runner's `FileCommandManager`: pairs that stand before a bad line count,
//! the bad line fails the step, and nothing after it is read.

use std::{borrow::Cow, fmt};

/// The folder of these files below `runner.temp`.
pub const FOLDER: &str = "_runner_file_commands";

/// The largest file that is read, in bytes.
///
/// The runner stops where its memory does; ours stops before a file filled by mistake takes the machine along.
pub const MAXIMUM_BYTES: u64 = 256 * 1024 * 1024;

/// The name that no step may set for the next ones, because it runs code in every `node` process.
const BLOCKED: &str = "NODE_OPTIONS";

/// One of the files that every step gets anew.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum EnvironmentFile {
    /// `GITHUB_ENV`
    Env,
    /// `GITHUB_OUTPUT`
    Output,
    /// `GITHUB_PATH`
    Path,
    /// `GITHUB_STATE`
    State,
    /// `GITHUB_STEP_SUMMARY`
    StepSummary,
}

impl EnvironmentFile {
    /// All of them.
    pub const ALL: [Self; 5] =
        [Self::Env, Self::Output, Self::Path, Self::State, Self::StepSummary];

    /// The property of the `github` context that holds its path.
    pub fn context_key(self) -> &'static str {
        match self {
            Self::Env => "env",
            Self::Output => "output",
            Self::Path => "path",
            Self::State => "state",
            Self::StepSummary => "step_summary",
        }
    }

    /// The variable that holds its path.
    pub fn variable(self) -> &'static str {
        match self {
            Self::Env => "GITHUB_ENV",
            Self::Output => "GITHUB_OUTPUT",
            Self::Path => "GITHUB_PATH",
            Self::State => "GITHUB_STATE",
            Self::StepSummary => "GITHUB_STEP_SUMMARY",
        }
    }

    /// Its name within [`FOLDER`] for the step that `suffix` stands for.
    ///
    /// The suffix must be new for each step: a file that outlived its step would be read twice.
    pub fn file_name(self, suffix: &str) -> String {
        let prefix = match self {
            Self::Env => "set_env_",
            Self::Output => "set_output_",
            Self::Path => "add_path_",
            Self::State => "save_state_",
            Self::StepSummary => "step_summary_",
        };
        format!("{prefix}{suffix}")
    }
}

/// What a file of names and values says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pairs {
    /// In the order of the file; a later one of the same name wins.
    pub pairs: Vec<(String, String)>,
    /// Why reading stopped before the end of the file: the step fails.
    pub error: Option<EnvironmentFileError>,
}

/// What a `GITHUB_ENV` file changes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EnvironmentChanges {
    /// Variables for the following steps.
    pub set: Vec<(String, String)>,
    /// Names that may not be set: each is an error annotation, and the step does not fail for it.
    pub refused: Vec<String>,
    /// Why reading stopped before the end of the file: the step fails.
    pub error: Option<EnvironmentFileError>,
}

/// A line that is no pair.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EnvironmentFileError {
    /// Where the pair begins, from 1.
    pub line: usize,
    /// What is wrong there.
    pub kind: EnvironmentFileErrorKind,
}

/// What can be wrong in an environment file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EnvironmentFileErrorKind {
    /// Neither `=` nor `<<`.
    NotAPair {
        /// The line.
        text: String,
    },
    /// `<<EOF`, or `NAME<<`.
    IncompleteHeredoc {
        /// The line.
        text: String,
    },
    /// The file ends before the delimiter comes.
    NoDelimiter {
        /// What was looked for.
        delimiter: String,
    },
    /// The file ends within a line of the value.
    NoLineEnd {
        /// What was looked for.
        delimiter: String,
    },
    /// An output without a name.
    EmptyName,
}

impl EnvironmentFileError {
    /// What to do about it.
    pub fn help(&self) -> &'static str {
        match self.kind {
            EnvironmentFileErrorKind::NotAPair { .. } => {
                "write `NAME=VALUE`, or a value of several lines between `NAME<<EOF` and `EOF`"
            }
            EnvironmentFileErrorKind::IncompleteHeredoc { .. } => {
                "name the value before `<<` and its delimiter after it, as in `NAME<<EOF`"
            }
            EnvironmentFileErrorKind::NoDelimiter { .. } => {
                "end the value with a line that is the delimiter and nothing else, blanks included"
            }
            EnvironmentFileErrorKind::NoLineEnd { .. } => {
                "end the value with a line break before the delimiter, as `printf '%s\\n'` does"
            }
            EnvironmentFileErrorKind::EmptyName => "name the output before `=`",
        }
    }
}

impl fmt::Display for EnvironmentFileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let line = self.line;
        match &self.kind {
            EnvironmentFileErrorKind::NotAPair { text } => {
                write!(f, "line {line} is neither `NAME=VALUE` nor `NAME<<DELIMITER`: `{text}`")
            }
            EnvironmentFileErrorKind::IncompleteHeredoc { text } => {
                write!(f, "line {line} lacks a name or a delimiter beside `<<`: `{text}`")
            }
            EnvironmentFileErrorKind::NoDelimiter { delimiter } => {
                write!(
                    f,
                    "the value that begins in line {line} never ends: no line is `{delimiter}`"
                )
            }
            EnvironmentFileErrorKind::NoLineEnd { delimiter } => {
                write!(
                    f,
                    "the file ends within the value that begins in line {line}: `{delimiter}` was expected on a line of its own"
                )
            }
            EnvironmentFileErrorKind::EmptyName => write!(f, "line {line} has no name before `=`"),
        }
    }
}

impl std::error::Error for EnvironmentFileError {}

/// Reads a `GITHUB_STATE` file, or any other of this grammar.
///
/// Whichever of `=` and `<<` comes first decides the form of a pair. Lines end at `\n` alone, so a value keeps
/// its `\r`. The text is UTF-8 unless a byte order mark says otherwise; bytes that are not text become U+FFFD.
pub fn parse_pairs(bytes: &[u8]) -> Pairs {
    parse(bytes, Names::Any)
}

/// Reads a `GITHUB_OUTPUT` file: as [`parse_pairs`], but a name must not be empty.
pub fn parse_outputs(bytes: &[u8]) -> Pairs {
    parse(bytes, Names::NotEmpty)
}

/// Reads a `GITHUB_ENV` file: as [`parse_pairs`], but `NODE_OPTIONS` is refused in any case of letters.
///
/// A variable without a name is left out: no process could see it. Names that begin with `GITHUB_` or `RUNNER_`
/// are taken; the variables that each step gets from those contexts then win over them.
pub fn parse_environment(bytes: &[u8]) -> EnvironmentChanges {
    let Pairs { pairs, error } = parse(bytes, Names::Any);
    let (refused, set): (Vec<_>, Vec<_>) =
        pairs.into_iter().filter(|(name, _)| !name.is_empty()).partition(|(name, _)| blocked(name));
    let refused = refused.into_iter().map(|(name, _)| name).collect();
    EnvironmentChanges { set, refused, error }
}

/// Reads a `GITHUB_PATH` file: one folder a line, empty lines left out, lines ending as on any system.
pub fn parse_paths(bytes: &[u8]) -> Vec<String> {
    let text = decode(bytes);
    text.split(['\r', '\n']).filter(|line| !line.is_empty()).map(str::to_owned).collect()
}

/// True for a variable that a step may not set for the following ones.
pub fn blocked(name: &str) -> bool {
    name.eq_ignore_ascii_case(BLOCKED)
}

/// The folders that steps have put before `PATH`, each once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PrependedPaths {
    /// The one added last is last.
    folders: Vec<String>,
}

impl PrependedPaths {
    /// Puts `folder` before all others.
    pub fn add(&mut self, folder: String) {
        self.folders.retain(|known| *known != folder);
        self.folders.push(folder);
    }

    /// True when nothing was added.
    pub fn is_empty(&self) -> bool {
        self.folders.is_empty()
    }

    /// The folders in the order in which they are searched.
    pub fn in_order(&self) -> impl Iterator<Item = &str> {
        self.folders.iter().rev().map(String::as_str)
    }

    /// `path` with the folders before it; as it is when it begins with them already.
    pub fn before(&self, path: &str) -> String {
        let prefix = self.in_order().collect::<Vec<_>>().join(":");
        if prefix.is_empty() || path.starts_with(&format!("{prefix}:")) {
            return path.to_owned();
        }
        // A colon at the end of `PATH` would put the current folder into it.
        if path.is_empty() { prefix } else { format!("{prefix}:{path}") }
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Names {
    Any,
    NotEmpty,
}

fn parse(bytes: &[u8], names: Names) -> Pairs {
    let text = decode(bytes);
    let mut lines = Lines { text: &text, at: 0, number: 0 };
    let mut read = Pairs::default();
    while let Some(line) = lines.next() {
        if line.text.is_empty() {
            continue;
        }
        let number = lines.number;
        match pair(line.text, &mut lines, names) {
            Ok(pair) => read.pairs.push(pair),
            Err(kind) => {
                read.error = Some(EnvironmentFileError { line: number, kind });
                break;
            }
        }
    }
    read
}

fn pair(
    line: &str,
    rest: &mut Lines<'_>,
    names: Names,
) -> Result<(String, String), EnvironmentFileErrorKind> {
    let equals = line.find('=');
    let heredoc = line.find("<<");
    let (name, value) = match (equals, heredoc) {
        (Some(equals), heredoc) if heredoc.is_none_or(|heredoc| equals < heredoc) => {
            (&line[..equals], &line[equals + 1..])
        }
        (_, Some(heredoc)) => {
            let (name, delimiter) = (&line[..heredoc], &line[heredoc + 2..]);
            if name.is_empty() || delimiter.is_empty() {
                return Err(EnvironmentFileErrorKind::IncompleteHeredoc { text: line.to_owned() });
            }
            (name, rest.until(delimiter)?)
        }
        _ => return Err(EnvironmentFileErrorKind::NotAPair { text: line.to_owned() }),
    };
    if name.is_empty() && names == Names::NotEmpty {
        return Err(EnvironmentFileErrorKind::EmptyName);
    }
    Ok((name.to_owned(), value.to_owned()))
}

struct Lines<'a> {
    text: &'a str,
    at: usize,
    /// Of the line that was read last, from 1.
    number: usize,
}

struct Line<'a> {
    text: &'a str,
    ended: bool,
}

impl<'a> Lines<'a> {
    fn next(&mut self) -> Option<Line<'a>> {
        let rest = &self.text[self.at..];
        if rest.is_empty() {
            return None;
        }
        self.number += 1;
        let end = rest.find('\n');
        self.at += end.map_or(rest.len(), |end| end + 1);
        Some(Line { text: &rest[..end.unwrap_or(rest.len())], ended: end.is_some() })
    }

    /// The text up to the line that is `delimiter`, without the line break before it.
    fn until(&mut self, delimiter: &str) -> Result<&'a str, EnvironmentFileErrorKind> {
        let start = self.at;
        let mut end = start;
        while let Some(line) = self.next() {
            if line.text == delimiter {
                return Ok(&self.text[start..end]);
            }
            if !line.ended {
                return Err(EnvironmentFileErrorKind::NoLineEnd {
                    delimiter: delimiter.to_owned(),
                });
            }
            end = self.at - 1;
        }
        Err(EnvironmentFileErrorKind::NoDelimiter { delimiter: delimiter.to_owned() })
    }
}

/// Reads text as .NET's `File.ReadAllText` does: the byte order mark names the encoding, else it is UTF-8.
pub(crate) fn decode(bytes: &[u8]) -> Cow<'_, str> {
    match bytes {
        [0xEF, 0xBB, 0xBF, rest @ ..] => String::from_utf8_lossy(rest),
        [0xFF, 0xFE, 0, 0, rest @ ..] => utf_32(rest, u32::from_le_bytes),
        [0, 0, 0xFE, 0xFF, rest @ ..] => utf_32(rest, u32::from_be_bytes),
        [0xFF, 0xFE, rest @ ..] => utf_16(rest, u16::from_le_bytes),
        [0xFE, 0xFF, rest @ ..] => utf_16(rest, u16::from_be_bytes),
        _ => String::from_utf8_lossy(bytes),
    }
}

fn utf_16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Cow<'static, str> {
    let (units, rest) = bytes.as_chunks();
    let mut text =
        String::from_utf16_lossy(&units.iter().map(|pair| unit(*pair)).collect::<Vec<_>>());
    if !rest.is_empty() {
        text.push(char::REPLACEMENT_CHARACTER);
    }
    Cow::Owned(text)
}

fn utf_32(bytes: &[u8], unit: fn([u8; 4]) -> u32) -> Cow<'static, str> {
    let (units, rest) = bytes.as_chunks();
    let character =
        |four: &[u8; 4]| char::from_u32(unit(*four)).unwrap_or(char::REPLACEMENT_CHARACTER);
    let mut text: String = units.iter().map(character).collect();
    if !rest.is_empty() {
        text.push(char::REPLACEMENT_CHARACTER);
    }
    Cow::Owned(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn pairs(text: &str) -> Vec<(String, String)> {
        let read = parse_pairs(text.as_bytes());
        assert_eq!(read.error, None, "{text:?}");
        read.pairs
    }

    fn one(name: &str, value: &str) -> Vec<(String, String)> {
        vec![(name.to_owned(), value.to_owned())]
    }

    fn error(text: &str) -> (usize, EnvironmentFileErrorKind) {
        let error = parse_pairs(text.as_bytes()).error.unwrap();
        (error.line, error.kind)
    }

    #[test]
    fn an_empty_file_says_nothing() {
        assert_eq!(pairs(""), []);
        assert_eq!(pairs("\n\n"), []);
    }

    #[test]
    fn semantic_10_the_first_of_equals_sign_and_heredoc_decides() {
        assert_eq!(pairs("A=b"), one("A", "b"));
        assert_eq!(pairs("B=c<<d"), one("B", "c<<d"));
        assert_eq!(pairs("C<<=EOF\nhello\none\n=EOF"), one("C", "hello\none"));
        assert_eq!(pairs("D<<<EOF\ntwo\n<EOF\n"), one("D", "two"));
    }

    #[test]
    fn a_value_may_be_empty_and_may_hold_equals_signs() {
        assert_eq!(pairs("A="), one("A", ""));
        assert_eq!(pairs("A==abc"), one("A", "=abc"));
        assert_eq!(pairs("A=def=ghi"), one("A", "def=ghi"));
        assert_eq!(pairs("A=jkl="), one("A", "jkl="));
        assert_eq!(pairs("A=  spaced "), one("A", "  spaced "));
        assert_eq!(pairs("\nA=1\n\nB=2\n"), [one("A", "1"), one("B", "2")].concat());
    }

    #[test]
    fn semantic_12_heredocs_end_at_the_exact_delimiter() {
        assert_eq!(pairs("A<<EOF\nline one\nline two\nEOF"), one("A", "line one\nline two"));
        assert_eq!(pairs("A<<EOF\nEOF\n"), one("A", ""));
        assert_eq!(pairs("A<<EOF\n\nEOF\n"), one("A", ""));
        assert_eq!(pairs("A<<EOF\nhello\n\nthree\n\nEOF"), one("A", "hello\n\nthree\n"));
        assert_eq!(pairs("A<<EOF\n EOF\nEOF"), one("A", " EOF"));
        assert_eq!(pairs("A<<EOF\nEOF \nEOF"), one("A", "EOF "));
        assert_eq!(pairs("A<<EOF\nhello=four\nEOF"), one("A", "hello=four"));
        let (line, kind) = error("X=1\nA<<EOF\nvalue\nEOF ");
        assert_eq!(
            (line, kind),
            (2, EnvironmentFileErrorKind::NoLineEnd { delimiter: "EOF".into() })
        );
        let (line, kind) = error("A<<EOF\nvalue\n");
        assert_eq!(
            (line, kind),
            (1, EnvironmentFileErrorKind::NoDelimiter { delimiter: "EOF".into() })
        );
        // All on one line: the delimiter is the rest of the line, and nothing follows it.
        let (_, kind) = error("MY_ENV<<EOF line one EOF");
        assert_eq!(
            kind,
            EnvironmentFileErrorKind::NoDelimiter { delimiter: "EOF line one EOF".into() }
        );
    }

    #[test]
    fn a_carriage_return_belongs_to_the_value_and_to_the_delimiter() {
        assert_eq!(pairs("A=1\r\nB=2\r\n"), [one("A", "1\r"), one("B", "2\r")].concat());
        assert_eq!(pairs("A<<EOF\r\none\r\ntwo\r\nEOF\r\n"), one("A", "one\r\ntwo\r"));
        assert!(parse_pairs(b"A<<EOF\r\none\nEOF\n").error.is_some());
    }

    #[test]
    fn semantic_11_a_line_that_is_no_pair_is_an_error_and_what_precedes_it_counts() {
        let read = parse_pairs(b"A=1\n\nnot a pair\nB=2\n");
        assert_eq!(read.pairs, one("A", "1"));
        let error = read.error.unwrap();
        assert_eq!(error.line, 3);
        assert_eq!(
            error.to_string(),
            "line 3 is neither `NAME=VALUE` nor `NAME<<DELIMITER`: `not a pair`"
        );
        assert!(error.help().contains("NAME<<EOF"));
        for text in ["<<EOF\nx\nEOF\n", "A<<\nx\n\n", "\r\n"] {
            assert!(parse_pairs(text.as_bytes()).error.is_some(), "{text:?}");
        }
    }

    #[test]
    fn an_output_needs_a_name_and_a_state_does_not() {
        assert_eq!(pairs("=x"), one("", "x"));
        let read = parse_outputs(b"a=1\n=x\nb=2\n");
        assert_eq!(read.pairs, one("a", "1"));
        assert_eq!(read.error.unwrap().to_string(), "line 2 has no name before `=`");
    }

    #[test]
    fn semantic_13_node_options_cannot_be_set_for_later_steps() {
        for text in ["NODE_OPTIONS=-r ./evil", "node_options=x", "NODE_OPTIONS<<EOF\nx\nEOF"] {
            let changes = parse_environment(format!("A=1\n{text}\nB=2\n").as_bytes());
            assert_eq!(changes.set, [one("A", "1"), one("B", "2")].concat(), "{text}");
            assert_eq!(changes.refused.len(), 1, "{text}");
            assert_eq!(changes.error, None, "{text}");
        }
        assert_eq!(parse_outputs(b"NODE_OPTIONS=x").pairs, one("NODE_OPTIONS", "x"));
    }

    #[test]
    fn a_variable_without_a_name_is_left_out() {
        assert_eq!(parse_environment(b"=x\nA=1\n").set, one("A", "1"));
    }

    #[test]
    fn semantic_14_every_step_has_files_of_its_own() {
        let names = |suffix: &str| EnvironmentFile::ALL.map(|file| file.file_name(suffix));
        let (first, second) = (names("5b1d"), names("77aa"));
        let mut all: Vec<_> = first.iter().chain(&second).collect();
        all.sort();
        all.dedup();
        assert_eq!(all.len(), 10, "two steps, or two files, share a name");
        for file in EnvironmentFile::ALL {
            assert_eq!(
                file.variable(),
                format!("GITHUB_{}", file.context_key().to_uppercase()),
                "{file:?}"
            );
        }
    }

    #[test]
    fn semantic_15_the_path_added_last_comes_first_and_once() {
        let mut paths = PrependedPaths::default();
        for line in parse_paths(b"/a\r\n\r\n/b with blank\n/a\r/c\n") {
            paths.add(line);
        }
        paths.add("/b with blank".into());
        assert_eq!(paths.in_order().collect::<Vec<_>>(), ["/b with blank", "/c", "/a"]);
        assert_eq!(paths.before("/usr/bin"), "/b with blank:/c:/a:/usr/bin");
        assert_eq!(paths.before(""), "/b with blank:/c:/a");
        assert_eq!(paths.before("/b with blank:/c:/a:/usr/bin"), "/b with blank:/c:/a:/usr/bin");
        assert_eq!(PrependedPaths::default().before("/usr/bin"), "/usr/bin");
    }

    #[test]
    fn byte_order_marks_name_the_encoding() {
        assert_eq!(parse_pairs(b"\xEF\xBB\xBFA=1").pairs, one("A", "1"));
        assert_eq!(parse_pairs(b"\xFF\xFEA\0=\x001\0\n\0").pairs, one("A", "1"));
        assert_eq!(parse_pairs(b"\xFE\xFF\0A\0=\x001").pairs, one("A", "1"));
        assert_eq!(parse_pairs(b"\xFF\xFE\0\0A\0\0\0=\0\0\0").pairs, one("A", ""));
        assert_eq!(parse_pairs(b"A=\xFFz").pairs, one("A", "\u{FFFD}z"));
        assert_eq!(parse_paths(b"\xEF\xBB\xBF/x\n"), ["/x"]);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(200))]

        #[test]
        fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            parse_pairs(&bytes);
            parse_environment(&bytes);
            parse_outputs(&bytes);
            parse_paths(&bytes);
        }

        #[test]
        fn what_is_written_as_a_heredoc_is_read_back(
            values in prop::collection::vec(("[A-Za-z_][A-Za-z0-9_]{0,8}", "[a-z=<\r\n \u{e9}]{0,40}"), 0..5)
        ) {
            let text: String = values.iter().map(|(name, value)| format!("{name}<<-END-\n{value}\n-END-\n")).collect();
            prop_assert_eq!(pairs(&text), values);
        }

        #[test]
        fn plain_pairs_are_read_back(values in prop::collection::vec(("[A-Z_]{1,8}", "[a-z=< \t]{0,20}"), 0..5)) {
            let text: String = values.iter().map(|(name, value)| format!("{name}={value}\n")).collect();
            prop_assert_eq!(pairs(&text), values);
        }
    }
}
