//! The log of a job as plain text that can be read by people and taken apart again.
//!
//! Every line of a step's log is kept after two characters that say what kind of line it is, so no
//! text that a step writes can pass for a heading:
//!
//! ```text
//! ▸ 1 Run cargo test
//! $ cargo test
//!   running 3 tests
//! x process exited with code 101
//! ◂ 1 failure, exit code 101, 4.213s
//! ```

use std::{
    fs::File,
    io::{self, BufRead, BufReader},
    path::Path,
};

use crate::event::{Conclusion, LineKind, StepNumber};

const BEGIN: &str = "▸ ";
const END: &str = "◂ ";

/// What one kept line says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LogEntry {
    /// The lines that follow are those of this step.
    Step {
        /// Which.
        step: StepNumber,
        /// Its name; empty where a step goes on after lines of another.
        name: String,
    },
    /// A line of a step.
    Line {
        /// Of which.
        step: StepNumber,
        /// What kind of line.
        kind: LineKind,
        /// The line.
        text: String,
    },
    /// A step is over.
    End {
        /// Which.
        step: StepNumber,
        /// How, in words.
        how: String,
    },
}

pub(super) fn write_step(buffer: &mut Vec<u8>, step: StepNumber, name: &str) {
    let name = name.replace(['\n', '\r'], " ");
    buffer.extend_from_slice(format!("{BEGIN}{step} {name}\n").as_bytes());
}

/// Writes a line; a line end inside of it begins another line of the same kind.
pub(super) fn write_line(buffer: &mut Vec<u8>, kind: LineKind, text: &str) {
    for line in text.split('\n') {
        buffer.push(mark(kind));
        buffer.push(b' ');
        buffer.extend_from_slice(line.as_bytes());
        buffer.push(b'\n');
    }
}

pub(super) fn write_end(
    buffer: &mut Vec<u8>,
    step: StepNumber,
    outcome: Conclusion,
    exit_code: Option<i32>,
    milliseconds: u64,
) {
    let outcome = outcome.as_str();
    let code = exit_code.map(|code| format!(", exit code {code}")).unwrap_or_default();
    let (seconds, rest) = (milliseconds / 1000, milliseconds % 1000);
    let line = format!("{END}{step} {outcome}{code}, {seconds}.{rest:03}s\n");
    buffer.extend_from_slice(line.as_bytes());
}

const MARKS: [(LineKind, u8); 8] = [
    (LineKind::Text, b' '),
    (LineKind::Command, b'$'),
    (LineKind::Debug, b'?'),
    (LineKind::Notice, b'i'),
    (LineKind::Warning, b'!'),
    (LineKind::Error, b'x'),
    (LineKind::Group, b'>'),
    (LineKind::EndGroup, b'<'),
];

fn mark(kind: LineKind) -> u8 {
    MARKS.iter().find(|(known, _)| *known == kind).map_or(b' ', |(_, mark)| *mark)
}

fn kind(mark: u8) -> Option<LineKind> {
    MARKS.iter().find(|(_, known)| *known == mark).map(|(kind, _)| *kind)
}

/// The lines of a kept log, in the order in which they were written. Lines that a newer `plim` may have
/// written, or a crash cut off, are left out.
pub struct LogEntries {
    reader: BufReader<File>,
    step: StepNumber,
    line: Vec<u8>,
}

impl LogEntries {
    /// Opens the log at `path`.
    ///
    /// Errors: those of opening the file.
    pub fn open(path: &Path) -> io::Result<Self> {
        Ok(Self { reader: BufReader::new(File::open(path)?), step: 0, line: Vec::new() })
    }

    fn read(&mut self, line: &str) -> Option<LogEntry> {
        if let Some(heading) = line.strip_prefix(BEGIN) {
            let (step, name) = numbered(heading)?;
            self.step = step;
            return Some(LogEntry::Step { step, name });
        }
        if let Some(end) = line.strip_prefix(END) {
            return numbered(end).map(|(step, how)| LogEntry::End { step, how });
        }
        let text = line.get(1..)?.strip_prefix(' ')?.to_owned();
        Some(LogEntry::Line { step: self.step, kind: kind(line.as_bytes()[0])?, text })
    }
}

fn numbered(text: &str) -> Option<(StepNumber, String)> {
    let (number, rest) = text.split_once(' ')?;
    Some((number.parse().ok()?, rest.to_owned()))
}

impl Iterator for LogEntries {
    type Item = io::Result<LogEntry>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            self.line.clear();
            match self.reader.read_until(b'\n', &mut self.line) {
                Ok(0) => return None,
                Err(error) => return Some(Err(error)),
                Ok(_) => {}
            }
            let text = String::from_utf8_lossy(&self.line).into_owned();
            if let Some(entry) = self.read(text.strip_suffix('\n').unwrap_or(&text)) {
                return Some(Ok(entry));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn entries(text: &[u8]) -> Vec<LogEntry> {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), text).unwrap();
        LogEntries::open(file.path()).unwrap().map(Result::unwrap).collect()
    }

    #[test]
    fn a_log_reads_as_text() {
        let mut buffer = vec![];
        write_step(&mut buffer, 1, "Run cargo\ntest");
        write_line(&mut buffer, LineKind::Command, "cargo test");
        write_line(&mut buffer, LineKind::Error, "process exited with code 101");
        write_end(&mut buffer, 1, Conclusion::Failure, Some(101), 4_213);
        let text = String::from_utf8(buffer).unwrap();
        let expected = "▸ 1 Run cargo test\n$ cargo test\nx process exited with code 101\n\
                        ◂ 1 failure, exit code 101, 4.213s\n";
        assert_eq!(text, expected);
    }

    #[test]
    fn lines_belong_to_the_heading_before_them() {
        let text =
            "▸ 1 a\n  one\n▸ 2 b\n  two\n▸ 1 \n  three\n◂ 1 success, 0.001s\nnew kind\n▸ x\n  cut";
        let lines: Vec<_> = entries(text.as_bytes())
            .into_iter()
            .filter_map(|entry| match entry {
                LogEntry::Line { step, text, .. } => Some((step, text)),
                _ => None,
            })
            .collect();
        let expected = [(1, "one"), (2, "two"), (1, "three"), (1, "cut")];
        assert_eq!(lines, expected.map(|(step, text)| (step, text.to_owned())));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(128))]
        #[test]
        fn any_line_comes_back_as_it_was(lines in prop::collection::vec(("[^\n]{0,40}", 0..8_usize), 0..8)) {
            let mut buffer = vec![];
            write_step(&mut buffer, 7, "step");
            for (text, kind) in &lines {
                write_line(&mut buffer, MARKS[*kind].0, text);
            }
            let read: Vec<_> = entries(&buffer).into_iter().skip(1).collect();
            let written: Vec<_> = lines.into_iter().map(|(text, kind)| LogEntry::Line { step: 7, kind: MARKS[kind].0, text }).collect();
            prop_assert_eq!(read, written);
        }

        #[test]
        fn any_bytes_are_read_without_a_fault(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            entries(&bytes);
        }
    }
}
