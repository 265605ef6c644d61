//! A stream of results that remembers whether all of it could be written.

use std::io::{self, Write};

/// How much is gathered before it is written without being asked to.
const GATHERED: usize = 16 * 1024;

/// Standard output or standard error, or what stands for them in a test.
///
/// A reader that went away (`plim runs | head -1`) is no failure: what comes after is dropped.
pub(crate) struct Output {
    stream: Box<dyn Write + Send>,
    buffer: Vec<u8>,
    failure: Option<io::Error>,
}

impl Output {
    /// Writes to `stream`.
    pub(crate) fn to(stream: impl Write + Send + 'static) -> Self {
        Self { stream: Box::new(stream), buffer: Vec::new(), failure: None }
    }

    /// Standard output.
    pub(crate) fn stdout() -> Self {
        Self::to(io::stdout())
    }

    /// Standard error.
    pub(crate) fn stderr() -> Self {
        Self::to(io::stderr())
    }

    /// Adds `text`; it is written with more, or by [`flush`](Self::flush).
    pub(crate) fn add(&mut self, text: &str) {
        if self.failure.is_some() {
            return;
        }
        self.buffer.extend_from_slice(text.as_bytes());
        if self.buffer.len() >= GATHERED {
            self.flush();
        }
    }

    /// Writes what was added.
    pub(crate) fn flush(&mut self) {
        if self.failure.is_none() && !self.buffer.is_empty() {
            let written = self.stream.write_all(&self.buffer).and_then(|()| self.stream.flush());
            self.failure = written.err();
        }
        self.buffer.clear();
    }

    /// Writes what was added, and tells the first failure since the beginning.
    pub(crate) fn finish(&mut self) -> io::Result<()> {
        self.flush();
        match self.failure.take() {
            Some(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(error),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;

    /// What a test reads of an output.
    #[derive(Clone, Default)]
    pub(crate) struct Written(Arc<Mutex<Vec<u8>>>);

    impl Written {
        pub(crate) fn take(&self) -> String {
            String::from_utf8(std::mem::take(&mut self.0.lock().unwrap())).unwrap()
        }
    }

    impl Write for Written {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    struct Failing(io::ErrorKind);

    impl Write for Failing {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(self.0.into())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_reader_that_went_away_is_no_failure_and_a_full_disk_is_one() {
        for (kind, is_failure) in
            [(io::ErrorKind::BrokenPipe, false), (io::ErrorKind::StorageFull, true)]
        {
            let mut output = Output::to(Failing(kind));
            output.add("text");
            assert_eq!(output.finish().is_err(), is_failure);
        }
    }

    #[test]
    fn little_waits_until_it_is_asked_for() {
        let written = Written::default();
        let mut output = Output::to(written.clone());
        output.add("a");
        assert_eq!(written.take(), "");
        output.flush();
        assert_eq!(written.take(), "a");
        output.add(&"b".repeat(GATHERED));
        assert_eq!(written.take().len(), GATHERED);
    }
}
