//! Job summaries: what a step wrote to `GITHUB_STEP_SUMMARY`, masked and within its limit.

use std::fmt;

use crate::{environment_file, mask::Masker};

/// The largest summary of one step, in bytes.
pub const MAXIMUM_BYTES: u64 = 1024 * 1024;

/// A summary that is not kept. The step does not fail; an error annotation says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooLarge {
    /// Its size.
    pub bytes: u64,
}

impl TooLarge {
    /// What to do about it.
    pub fn help(&self) -> &'static str {
        "write the details to a file, upload it as an artifact, and link to it from the summary"
    }
}

impl fmt::Display for TooLarge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let size = self.bytes;
        write!(
            f,
            "the step's summary is dropped: {size} bytes, where {MAXIMUM_BYTES} are the limit"
        )
    }
}

impl std::error::Error for TooLarge {}

/// Takes the content of a step's summary file: none when it is empty, else its lines, each masked.
pub fn accept(bytes: &[u8], masker: &Masker) -> Result<Option<String>, TooLarge> {
    let size = bytes.len() as u64;
    if size > MAXIMUM_BYTES {
        return Err(TooLarge { bytes: size });
    }
    if bytes.is_empty() {
        return Ok(None);
    }
    let text = environment_file::decode(bytes).replace("\r\n", "\n").replace('\r', "\n");
    let mut masked = String::with_capacity(text.len());
    for line in text.lines() {
        masked.push_str(&masker.mask(line));
        masked.push('\n');
    }
    Ok(Some(masked))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_summary_is_none() {
        assert_eq!(accept(b"", &Masker::default()), Ok(None));
    }

    #[test]
    fn semantic_43_a_summary_over_one_mebibyte_is_dropped() {
        let limit = MAXIMUM_BYTES as usize;
        let error = accept(&vec![b'x'; limit + 1], &Masker::default()).unwrap_err();
        assert_eq!(
            error.to_string(),
            "the step's summary is dropped: 1048577 bytes, where 1048576 are the limit"
        );
        assert!(accept(&vec![b'x'; limit], &Masker::default()).is_ok());
    }

    #[test]
    fn semantic_43_every_line_of_a_summary_is_masked() {
        let masker = Masker::default();
        masker.add_value("ThisIsMySecret!\nand this");
        let text = "\u{FEFF}# Password=ThisIsMySecret!\r\n\n## and this\nrest";
        let masked = accept(text.as_bytes(), &masker).unwrap().unwrap();
        assert_eq!(masked, "# Password=***\n\n## ***\nrest\n");
    }
}
