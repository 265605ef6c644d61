//! Writes and reads the packets that `plim`, its keeper and the cells exchange.

use std::ffi::{CStr, OsStr, OsString};
use std::io;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::PathBuf;

/// A packet being written.
#[derive(Default)]
pub(crate) struct Writer(Vec<u8>);

impl Writer {
    /// Starts a packet of the given kind.
    pub(crate) fn new(kind: u8) -> Self {
        Self(vec![kind])
    }

    /// Adds a number.
    pub(crate) fn number(&mut self, value: i32) -> &mut Self {
        self.0.extend(value.to_le_bytes());
        self
    }

    /// Adds a text of any bytes.
    pub(crate) fn text(&mut self, text: &OsStr) -> &mut Self {
        self.count(text.len());
        self.0.extend(text.as_bytes());
        self
    }

    /// Adds how many items follow.
    pub(crate) fn count(&mut self, count: usize) -> &mut Self {
        self.0.extend((count as u64).to_le_bytes());
        self
    }

    /// Adds a list of texts.
    pub(crate) fn texts<T: AsRef<OsStr>>(&mut self, texts: &[T]) -> &mut Self {
        self.count(texts.len());
        for text in texts {
            self.text(text.as_ref());
        }
        self
    }

    /// Adds a text as the system takes it, with a zero byte at its end; `parts` hold none.
    pub(crate) fn c_text(&mut self, parts: &[&OsStr]) -> &mut Self {
        self.count(parts.iter().map(|part| part.len()).sum::<usize>() + 1);
        for part in parts {
            self.0.extend(part.as_bytes());
        }
        self.0.push(0);
        self
    }

    /// The packet's bytes, for keeping.
    pub(crate) fn into_bytes(self) -> Vec<u8> {
        self.0
    }

    /// The packet's bytes.
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.0
    }
}

/// A packet being read.
pub(crate) struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    /// Reads the kind of a packet and returns the rest of it.
    pub(crate) fn open(bytes: &'a [u8]) -> io::Result<(u8, Self)> {
        let (kind, rest) = bytes.split_first().ok_or(io::ErrorKind::InvalidData)?;
        Ok((*kind, Self(rest)))
    }

    fn take(&mut self, length: usize) -> io::Result<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(length).ok_or(io::ErrorKind::InvalidData)?;
        self.0 = rest;
        Ok(taken)
    }

    /// Takes a number.
    pub(crate) fn number(&mut self) -> io::Result<i32> {
        let bytes = self.take(4)?.try_into().map_err(|_| io::ErrorKind::InvalidData)?;
        Ok(i32::from_le_bytes(bytes))
    }

    /// Takes how many items follow.
    pub(crate) fn count(&mut self) -> io::Result<usize> {
        let bytes = self.take(8)?.try_into().map_err(|_| io::ErrorKind::InvalidData)?;
        let count = usize::try_from(u64::from_le_bytes(bytes)).unwrap_or(usize::MAX);
        // Every item takes at least one byte, so a larger count is not ours.
        if count > self.0.len() { Err(io::ErrorKind::InvalidData.into()) } else { Ok(count) }
    }

    /// Takes a text.
    pub(crate) fn text(&mut self) -> io::Result<&'a OsStr> {
        let length = self.count()?;
        Ok(OsStr::from_bytes(self.take(length)?))
    }

    /// Takes a list of texts.
    pub(crate) fn texts(&mut self) -> io::Result<Vec<&'a OsStr>> {
        (0..self.count()?).map(|_| self.text()).collect()
    }

    /// Takes a text that the system can be given as it is.
    pub(crate) fn c_text(&mut self) -> io::Result<&'a CStr> {
        let length = self.count()?;
        CStr::from_bytes_with_nul(self.take(length)?).map_err(|_| io::ErrorKind::InvalidData.into())
    }

    /// Takes a list of such texts.
    pub(crate) fn c_texts(&mut self) -> io::Result<Vec<&'a CStr>> {
        (0..self.count()?).map(|_| self.c_text()).collect()
    }

    /// Takes a path.
    pub(crate) fn path(&mut self) -> io::Result<PathBuf> {
        Ok(PathBuf::from(OsString::from_vec(self.text()?.as_bytes().to_vec())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(150))]

        #[test]
        fn what_is_written_is_read_back(number: i32, texts: Vec<Vec<u8>>) {
            let texts: Vec<OsString> = texts.into_iter().map(OsString::from_vec).collect();
            let mut writer = Writer::new(7);
            writer.number(number).texts(&texts);
            let (kind, mut reader) = Reader::open(writer.bytes()).unwrap();
            prop_assert_eq!(kind, 7);
            prop_assert_eq!(reader.number().unwrap(), number);
            prop_assert_eq!(reader.texts().unwrap(), texts);
        }

        #[test]
        fn any_bytes_are_read_or_refused(bytes: Vec<u8>) {
            if let Ok((_, mut reader)) = Reader::open(&bytes) {
                let _ = reader.texts();
                let _ = reader.number();
                let _ = reader.c_texts();
            }
        }
    }
}
