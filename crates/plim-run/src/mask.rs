//! Masking: every secret, each line of it and each way in which tools write it becomes `***`.

mod encoders;
mod stream;

use std::{
    borrow::Cow,
    collections::HashSet,
    fmt,
    ops::Range,
    sync::{Arc, PoisonError, RwLock},
};

use aho_corasick::AhoCorasick;

pub use stream::{Line, StreamMasker};

/// What stands in the place of a secret.
pub const MASK: &str = "***";

/// The secrets of a run, shared by all who write; cheap to clone.
///
/// There is no shortest secret, as in the runner: who masks `a` masks every `a`.
#[derive(Clone, Default)]
pub struct Masker {
    secrets: Arc<RwLock<Secrets>>,
}

#[derive(Default)]
struct Secrets {
    values: HashSet<String>,
    patterns: HashSet<String>,
    /// Built when first needed after a value was added, because values come in bursts.
    finder: Option<Arc<Finder>>,
}

/// Finds all patterns in one pass.
struct Finder {
    automaton: AhoCorasick,
    /// The length of the longest pattern in bytes.
    longest: usize,
}

impl Masker {
    /// Masks `value` from now on: whole, and each of its lines without the blanks around it; every encoding of both.
    ///
    /// A value of blanks alone is no secret.
    pub fn add_value(&self, value: &str) {
        if value.trim().is_empty() {
            return;
        }
        let mut secrets = self.secrets.write().unwrap_or_else(PoisonError::into_inner);
        secrets.add(value);
        for line in value.split(['\r', '\n']).map(str::trim).filter(|line| !line.is_empty()) {
            secrets.add(line);
        }
    }

    /// `text` with every secret in it masked; secrets that touch or overlap become one `***`.
    pub fn mask<'a>(&self, text: &'a str) -> Cow<'a, str> {
        let Some(finder) = self.finder() else { return Cow::Borrowed(text) };
        let ranges = finder.ranges(text.as_bytes(), None);
        if ranges.is_empty() {
            return Cow::Borrowed(text);
        }
        let mut masked = String::with_capacity(text.len());
        let mut end = 0;
        for range in ranges {
            masked.push_str(&text[end..range.start]);
            masked.push_str(MASK);
            end = range.end;
        }
        masked.push_str(&text[end..]);
        Cow::Owned(masked)
    }

    /// True when `text` holds a secret; such a job output is dropped rather than masked.
    pub fn finds_secret(&self, text: &str) -> bool {
        self.finder().is_some_and(|finder| finder.automaton.is_match(text))
    }

    fn finder(&self) -> Option<Arc<Finder>> {
        {
            let secrets = self.secrets.read().unwrap_or_else(PoisonError::into_inner);
            if secrets.patterns.is_empty() || secrets.finder.is_some() {
                return secrets.finder.clone();
            }
        }
        let mut secrets = self.secrets.write().unwrap_or_else(PoisonError::into_inner);
        if secrets.finder.is_none() {
            secrets.finder = Some(Arc::new(Finder::new(&secrets.patterns)));
        }
        secrets.finder.clone()
    }
}

impl fmt::Debug for Masker {
    /// Never shows a secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Masker").finish_non_exhaustive()
    }
}

impl Secrets {
    fn add(&mut self, value: &str) {
        if !self.values.insert(value.to_owned()) {
            return;
        }
        self.finder = None;
        self.patterns.insert(value.to_owned());
        for encode in encoders::ENCODERS {
            self.patterns.extend(encode(value).into_iter().filter(|encoded| !encoded.is_empty()));
        }
    }
}

impl Finder {
    fn new(patterns: &HashSet<String>) -> Self {
        #[expect(
            clippy::expect_used,
            reason = "building fails only with more than 2^31 states, and secrets fit in memory many times"
        )]
        let automaton =
            AhoCorasick::new(patterns).expect("secrets take fewer than 2^31 automaton states");
        Self { automaton, longest: patterns.iter().map(String::len).max().unwrap_or(0) }
    }

    /// The ranges of `text` to mask, in order, none touching the next. The first `covered` bytes are one already.
    fn ranges(&self, text: &[u8], covered: Option<usize>) -> Vec<Range<usize>> {
        let mut found: Vec<Range<usize>> =
            self.automaton.find_overlapping_iter(text).map(|found| found.range()).collect();
        found.sort_unstable_by_key(|range| range.start);
        let mut merged: Vec<Range<usize>> = covered.map(|end| 0..end).into_iter().collect();
        for range in found {
            match merged.last_mut() {
                Some(last) if range.start <= last.end => last.end = last.end.max(range.end),
                _ => merged.push(range),
            }
        }
        merged
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn masker(values: &[&str]) -> Masker {
        let masker = Masker::default();
        values.iter().for_each(|value| masker.add_value(value));
        masker
    }

    fn base64(text: &str) -> String {
        encoders::base64(text.as_bytes())
    }

    #[test]
    fn semantic_24_secrets_are_masked_in_every_encoding_of_the_runner() {
        let masker = masker(&[
            "Password123!",
            "Pass\"word\"123!",
            "Pass word 123!",
            "Pass<word>123!",
            "Pass'word'123!",
            "\"Password123!!\"",
            "\"short\"",
        ]);
        for (text, masked) in [
            ("123Password123!123", "123***123"),
            ("password123", "password123"),
            ("123Pass\\\"word\\\"123!123", "123***123"),
            ("123Pass%20word%20123%21123", "123***123"),
            ("123Pass&lt;word&gt;123!123", "123***123"),
            ("123Pass''word''123!123", "123***123"),
            ("123Password123!!123", "123***123"),
            ("123short123", "123short123"),
            ("123\"short\"123", "123***123"),
        ] {
            assert_eq!(masker.mask(text), masked);
        }
    }

    #[test]
    fn semantic_24_base64_is_masked_at_three_alignments() {
        let masker = masker(&["Password123!"]);
        for (user, masked) in [
            ("", "OlBh***"),
            ("a", "YTpQ***"),
            ("ab", "YWI6***"),
            ("abc", "YWJjOlBh***"),
            ("abcd", "YWJjZDpQ***"),
            ("abcde", "YWJjZGU6***"),
        ] {
            assert_eq!(masker.mask(&base64(&format!("{user}:Password123!"))), masked);
        }
    }

    #[test]
    fn semantic_24_parts_around_an_ampersand_are_masked() {
        for (secret, text, masked) in [
            ("secret&secret&secret", "secret&secret&\u{33}[96msecret\u{33}[0m", "***3[96m***3[0m"),
            ("secret&secret+secret", "secret&3[96msecret+secret3[0m", "***3[96m***3[0m"),
            ("secret+secret&secret", "secret+secret&3[96msecret3[0m", "***3[96m***3[0m"),
            (
                "secret&secret&+secretsecret",
                "secret&secret&+3[96ms3[0mecretsecret",
                "***3[96ms3[0m***",
            ),
            ("secret&+secret&secret", "secret&+3[96ms3[0mecret&secret", "***3[96ms3[0m***"),
            ("secret&+secret&+secret", "secret&+3[96ms3[0mecret&+secret", "***3[96ms3[0m***"),
            (
                "secret&+secret&secret&+secret",
                "secret&+3[96ms3[0mecret&secret&+secret",
                "***3[96ms3[0m***",
            ),
            ("secret&secret&+", "secret&secret&+3[96m3[0m", "***3[96m3[0m"),
        ] {
            assert_eq!(masker_of(secret).mask(text), masked, "{secret}");
        }
    }

    fn masker_of(secret: &str) -> Masker {
        masker(&[secret])
    }

    #[test]
    fn semantic_24_every_line_of_a_value_is_masked() {
        let masker = masker(&["abc\n  def\r\nghi\r\njkl", " \r  \n   \r\n    \r"]);
        for line in ["abc", "def", "ghi", "jkl", "abc\n  def\r\nghi\r\njkl"] {
            assert_eq!(masker.mask(line), MASK, "{line:?}");
        }
        for blank in ["", " ", "  ", "    "] {
            assert_eq!(masker.mask(blank), blank);
        }
    }

    #[test]
    fn secrets_that_touch_or_overlap_become_one_mask() {
        assert_eq!(masker(&["abc", "def"]).mask("-abcdef-"), "-***-");
        assert_eq!(masker(&["abcd", "cdef"]).mask("-abcdef-"), "-***-");
        assert_eq!(masker(&["aa"]).mask("baaab"), "b***b");
        assert_eq!(masker(&["abc", "xabcx"]).mask("xabcx abc"), "*** ***");
    }

    #[test]
    fn a_value_added_later_is_masked_from_then_on() {
        let masker = Masker::default();
        assert_eq!(masker.mask("one two"), "one two");
        masker.add_value("one");
        assert_eq!(masker.mask("one two"), "*** two");
        masker.clone().add_value("two");
        assert_eq!(masker.mask("one two"), "*** ***");
        assert!(masker.finds_secret("b25l"), "base64 of `one`");
        assert!(!masker.finds_secret("three"));
    }

    #[test]
    fn base64_is_masked_when_more_follows_and_when_it_is_wrapped() {
        let secret = "correct horse battery staple, and then some more text that makes this secret long indeed";
        let masker = masker_of(secret);
        let encoded = base64(&format!("{secret}:tail"));
        assert!(masker.mask(&encoded).starts_with(MASK), "{}", masker.mask(&encoded));
        for width in [64, 76] {
            for line in encoded.as_bytes().chunks(width).take(1) {
                assert_eq!(masker.mask(std::str::from_utf8(line).unwrap()), MASK);
            }
        }
        let masker = masker_of("\u{ff}?>\u{ff}?>\u{ff}?>");
        let url_safe = base64("\u{ff}?>\u{ff}?>\u{ff}?>").replace('+', "-").replace('/', "_");
        assert_eq!(masker.mask(url_safe.trim_end_matches('=')), MASK);
    }

    #[test]
    fn the_debug_form_keeps_secrets() {
        assert_eq!(format!("{:?}", masker_of("hush")), "Masker { .. }");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(200))]

        #[test]
        fn no_secret_survives(values in prop::collection::vec("[ab&+\"'<% \n\u{e9}]{1,6}", 1..4), text in "[ab&+\"'<% \n\u{e9}]{0,30}") {
            let masker = Masker::default();
            values.iter().for_each(|value| masker.add_value(value));
            let masked = masker.mask(&format!("{text}{}{text}", values[0])).into_owned();
            for value in values.iter().filter(|value| !value.trim().is_empty()) {
                for part in masked.split(MASK) {
                    prop_assert!(!part.contains(value.as_str()), "{value:?} in {masked:?}");
                }
            }
        }
    }
}
