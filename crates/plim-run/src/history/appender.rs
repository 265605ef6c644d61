//! Appends to a file through a buffer that is given up, not kept, when the disk refuses it.

use std::{
    fs::{File, OpenOptions},
    io::{self, Write},
    path::Path,
};

/// How much is gathered before it is written: large enough that a chatty step costs few calls.
const GATHERED: usize = 16 * 1024;

/// A file that is written at its end.
#[derive(Debug)]
pub(super) struct Appender {
    file: File,
    buffer: Vec<u8>,
}

impl Appender {
    /// Makes the file at `path`, or goes on at its end.
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        let file = OpenOptions::new().append(true).create(true).open(path)?;
        Ok(Self { file, buffer: Vec::new() })
    }

    /// Adds what `fill` puts into the buffer.
    pub(super) fn append(&mut self, fill: impl FnOnce(&mut Vec<u8>)) -> io::Result<()> {
        fill(&mut self.buffer);
        if self.buffer.len() < GATHERED { Ok(()) } else { self.flush() }
    }

    /// Writes what was gathered. What cannot be written is forgotten, so that memory stays bounded.
    pub(super) fn flush(&mut self) -> io::Result<()> {
        if self.buffer.is_empty() {
            return Ok(());
        }
        let written = self.file.write_all(&self.buffer);
        self.buffer.clear();
        written
    }
}

impl Drop for Appender {
    fn drop(&mut self) {
        // Whoever cared about the error has flushed before.
        let _ = self.flush();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_disk_is_an_error_and_frees_the_buffer() {
        let mut full = Appender::open(Path::new("/dev/full")).unwrap();
        full.append(|buffer| buffer.extend_from_slice(b"line\n")).unwrap();
        assert_eq!(full.flush().unwrap_err().kind(), io::ErrorKind::StorageFull);
        full.flush().unwrap();
    }

    #[test]
    fn little_waits_and_much_is_written() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let mut appender = Appender::open(file.path()).unwrap();
        appender.append(|buffer| buffer.push(b'a')).unwrap();
        assert_eq!(file.path().metadata().unwrap().len(), 0);
        appender.append(|buffer| buffer.resize(GATHERED, b'a')).unwrap();
        assert_eq!(file.path().metadata().unwrap().len(), GATHERED as u64);
    }
}
