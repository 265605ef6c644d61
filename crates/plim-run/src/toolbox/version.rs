//! A version of a tool: numbers, and what stands behind them before a release.

use std::{cmp::Ordering, fmt};

/// A version such as `22.1.0`, `3.14.0rc2`, `21.0.1+12` or `1.80.0-nightly`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Version {
    /// The first three numbers; those that are not written are 0.
    pub numbers: [u64; 3],
    /// The number behind them, as Java has it.
    pub fourth: u64,
    /// `rc.2`, `nightly`; `None` for a release.
    pub prerelease: Option<String>,
}

impl Version {
    /// Reads a version that is all of `text`, but for a `v` or `go` before it and a build behind a `+`.
    pub fn parse(text: &str) -> Option<Self> {
        let text =
            text.strip_prefix("go").or_else(|| text.strip_prefix(['v', 'V'])).unwrap_or(text);
        let text = text.split('+').next()?.trim_end_matches(['.', ',']);
        let end = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
        let (digits, rest) = text.split_at(end);
        let digits = digits.strip_suffix('.').unwrap_or(digits);
        let mut numbers = [0; 4];
        for (at, part) in digits.split('.').enumerate() {
            let number = part.parse().ok()?;
            // More than four numbers are dates and hashes of vendors.
            if let Some(place) = numbers.get_mut(at) {
                *place = number;
            }
        }
        let [major, minor, patch, fourth] = numbers;
        // Java's old scheme: 1.8.0_392 is what is called 8.
        if let Some(update) = rest.strip_prefix('_').filter(|_| major == 1) {
            let update = update.split(|c: char| !c.is_ascii_digit()).next()?;
            return Some(Self::of([minor, patch, update.parse().ok()?]));
        }
        let prerelease = prerelease(rest)?;
        Some(Self { numbers: [major, minor, patch], fourth, prerelease })
    }

    /// A release.
    pub fn of(numbers: [u64; 3]) -> Self {
        Self { numbers, fourth: 0, prerelease: None }
    }

    /// The first word of what a program says that is a version: `go version go1.22.1 linux/amd64` says 1.22.1.
    pub fn said(text: &str) -> Option<Self> {
        let words = text.split(|c: char| c.is_whitespace() || "\"'(),;".contains(c));
        let version = |word: &str| {
            let word =
                word.trim_start_matches(|c: char| c.is_ascii_alphabetic() || "-_".contains(c));
            word.starts_with(|c: char| c.is_ascii_digit()).then(|| Self::parse(word)).flatten()
        };
        // A number alone counts only where nothing better is said: `openjdk version "21" 2023-09-19`.
        let dotted = words.clone().filter(|word| word.contains('.')).find_map(version);
        dotted.or_else(|| words.clone().find_map(version))
    }

    /// Whether the numbers are the same.
    pub fn is_same(&self, other: &Self) -> bool {
        self.numbers == other.numbers && self.prerelease == other.prerelease
    }
}

/// `-rc.2`, `rc2` and `-rc2` are the same: `rc.2`. `None` for what is no version at all.
fn prerelease(rest: &str) -> Option<Option<String>> {
    if rest.is_empty() {
        return Some(None);
    }
    let text = rest.strip_prefix(['-', '.']).unwrap_or(rest);
    let is_word = |c: char| c.is_ascii_alphanumeric() || ".-".contains(c);
    if text.is_empty() || !text.chars().all(is_word) {
        return None;
    }
    let mut parts: Vec<String> = Vec::new();
    let mut last = None;
    for c in text.chars() {
        let kind = (c.is_ascii_digit(), c.is_ascii_alphabetic());
        match parts.last_mut() {
            Some(part) if last == Some(kind) => part.push(c),
            _ if kind == (false, false) => {}
            _ => parts.push(c.to_string()),
        }
        last = Some(kind);
    }
    Some(Some(parts.join(".")))
}

impl Ord for Version {
    fn cmp(&self, other: &Self) -> Ordering {
        let numbers = (self.numbers, self.fourth).cmp(&(other.numbers, other.fourth));
        numbers.then_with(|| match (&self.prerelease, &other.prerelease) {
            (None, None) => Ordering::Equal,
            (None, Some(_)) => Ordering::Greater,
            (Some(_), None) => Ordering::Less,
            (Some(one), Some(two)) => identifiers(one).cmp(identifiers(two)),
        })
    }
}

impl PartialOrd for Version {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// Numbers come before words, as in semver.
fn identifiers(prerelease: &str) -> impl Iterator<Item = (bool, u64, &str)> {
    prerelease.split('.').map(|part| match part.parse() {
        Ok(number) => (false, number, ""),
        Err(_) => (true, 0, part),
    })
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [major, minor, patch] = self.numbers;
        write!(f, "{major}.{minor}.{patch}")?;
        if self.fourth > 0 {
            write!(f, ".{}", self.fourth)?;
        }
        match &self.prerelease {
            Some(prerelease) => write!(f, "-{prerelease}"),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn said(text: &str) -> String {
        Version::said(text).map(|version| version.to_string()).unwrap_or_default()
    }

    #[test]
    fn what_programs_say_is_read() {
        for (text, wanted) in [
            ("v22.1.0\n", "22.1.0"),
            ("Python 3.12.1+\n", "3.12.1"),
            ("Python 3.14.0rc2", "3.14.0-rc.2"),
            ("go version go1.22.1 linux/amd64", "1.22.1"),
            ("openjdk version \"21\" 2023-09-19\nOpenJDK Runtime", "21.0.0"),
            ("openjdk version \"17.0.9.1\" 2023", "17.0.9.1"),
            ("openjdk version \"1.8.0_392\"\n", "8.0.392"),
            ("deno 2.0.0 (stable, release, x86_64-unknown-linux-gnu)", "2.0.0"),
            ("rustc 1.80.0-nightly (e50aa6fba 2026-05-19)", "1.80.0-nightly"),
            ("mold 2.30.0 (compatible with GNU ld)", "2.30.0"),
            ("jq-1.7.1", "1.7.1"),
            ("libprotoc 25.1", "25.1.0"),
            ("1.1.34", "1.1.34"),
            ("no number here", ""),
            ("x86_64 only", ""),
        ] {
            assert_eq!(said(text), wanted, "{text}");
        }
    }

    #[test]
    fn releases_come_after_what_leads_to_them() {
        let versions = ["1.2.3-alpha", "1.2.3-rc.2", "1.2.3-rc10", "1.2.3", "1.2.4-1", "1.10.0"];
        let read: Vec<_> = versions.iter().map(|text| Version::parse(text).unwrap()).collect();
        assert!(read.is_sorted(), "{read:?}");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(100))]
        #[test]
        fn any_text_is_read_without_a_panic(text in ".{0,40}") {
            let _ = (Version::parse(&text), Version::said(&text));
        }

        #[test]
        fn what_is_written_is_read_again(a in 0u64..99, b in 0u64..99, c in 0u64..99, rc in 0u64..9) {
            let version = Version { prerelease: Some(format!("rc.{rc}")), ..Version::of([a, b, c]) };
            prop_assert_eq!(Version::parse(&version.to_string()), Some(version));
        }
    }
}
