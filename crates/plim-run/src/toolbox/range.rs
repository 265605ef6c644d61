//! A range of versions as npm's semver writes it: `^22.1`, `>=3.9 <3.12`, `1.x || 2.0.0 - 2.4`.

use super::version::Version;

/// A range: one of its alternatives holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Range {
    alternatives: Vec<Vec<Bound>>,
    /// Whether versions that lead to a release count everywhere.
    prereleases: bool,
}

/// A bound and whether it is meant itself.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Bound {
    AtLeast(Version),
    Above(Version),
    AtMost(Version),
    Below(Version),
    /// Below a number of which not even what leads to it is in: the end of `1.x`.
    Before(Version),
    Exactly(Version),
}

/// A version of which the last numbers may be left open.
struct Partial {
    numbers: Vec<u64>,
    prerelease: Option<String>,
}

impl Range {
    /// Reads a range. `None` when it is none.
    pub fn parse(text: &str) -> Option<Self> {
        let alternatives = text.split("||").map(alternative).collect::<Option<_>>()?;
        Some(Self { alternatives, prereleases: false })
    }

    /// The same range, in which versions that lead to a release count too.
    #[must_use]
    pub fn with_prereleases(mut self) -> Self {
        self.prereleases = true;
        self
    }

    /// Whether a version is in it. One that leads to a release counts only where a bound names the same numbers, as in
    /// npm's semver.
    pub fn holds(&self, version: &Version) -> bool {
        // What leads to a release counts as the release where it counts everywhere.
        let release = Version { prerelease: None, ..version.clone() };
        let version = if self.prereleases { &release } else { version };
        self.alternatives.iter().any(|bounds| {
            let in_it = bounds.iter().all(|bound| bound.holds(version));
            let named = || {
                let mut named = bounds.iter().filter_map(Bound::version);
                named.any(|b| b.prerelease.is_some() && b.numbers == version.numbers)
            };
            in_it && (version.prerelease.is_none() || named())
        })
    }
}

impl Bound {
    fn holds(&self, version: &Version) -> bool {
        match self {
            Self::AtLeast(bound) => version >= bound,
            Self::Above(bound) => version > bound,
            Self::AtMost(bound) => version <= bound,
            Self::Below(bound) => version < bound,
            Self::Before(bound) => version.numbers < bound.numbers,
            Self::Exactly(bound) => version.is_same(bound),
        }
    }

    fn version(&self) -> Option<&Version> {
        match self {
            Self::AtLeast(bound)
            | Self::Above(bound)
            | Self::AtMost(bound)
            | Self::Below(bound)
            | Self::Exactly(bound) => Some(bound),
            Self::Before(_) => None,
        }
    }
}

fn alternative(text: &str) -> Option<Vec<Bound>> {
    if let Some((low, high)) = text.split_once(" - ") {
        let (low, high) = (Partial::parse(low.trim())?, Partial::parse(high.trim())?);
        let end = if high.is_whole() { Bound::AtMost(high.lowest()) } else { high.end()? };
        return Some(vec![Bound::AtLeast(low.lowest()), end]);
    }
    let mut bounds = Vec::new();
    let mut operator = String::new();
    for word in text.split_whitespace() {
        let number = word.find(|c: char| !"<>=^~".contains(c)).unwrap_or(word.len());
        operator.push_str(&word[..number]);
        if number < word.len() {
            bounds.extend(comparator(&operator, &Partial::parse(&word[number..])?)?);
            operator.clear();
        }
    }
    operator.is_empty().then_some(bounds)
}

fn comparator(operator: &str, partial: &Partial) -> Option<Vec<Bound>> {
    let low = partial.lowest();
    let at_least = || Bound::AtLeast(low.clone());
    let up_to = |end: Option<Bound>| std::iter::once(at_least()).chain(end).collect();
    Some(match operator {
        "" | "=" | "==" if partial.is_whole() => vec![Bound::Exactly(low)],
        "" | "=" | "==" => up_to(partial.end()),
        ">=" => vec![at_least()],
        "<" if partial.is_whole() => vec![Bound::Below(low)],
        "<" => vec![Bound::Before(low)],
        ">" if partial.is_whole() => vec![Bound::Above(low)],
        ">" => vec![Bound::AtLeast(partial.next()?)],
        "<=" if partial.is_whole() => vec![Bound::AtMost(low)],
        "<=" => partial.end().into_iter().collect(),
        "~" | "~>" => up_to(partial.before(if partial.numbers.len() < 2 { 0 } else { 1 })),
        "^" => {
            let first = low.numbers.iter().position(|number| *number > 0).unwrap_or(2);
            up_to(partial.before(first.min(partial.numbers.len().saturating_sub(1))))
        }
        _ => return None,
    })
}

impl Partial {
    fn parse(text: &str) -> Option<Self> {
        let text = text.strip_prefix(['v', 'V']).unwrap_or(text).split('+').next()?;
        if matches!(text, "" | "*" | "x" | "X") {
            return Some(Self { numbers: Vec::new(), prerelease: None });
        }
        let (numbers, prerelease) = match text.split_once('-') {
            Some((numbers, prerelease)) => (numbers, Some(prerelease)),
            None => (text, None),
        };
        let mut read = Vec::new();
        let mut parts = numbers.split('.');
        for part in parts.by_ref() {
            match part {
                "*" | "x" | "X" => break,
                number => read.push(number.parse().ok()?),
            }
        }
        if read.len() > 3 || parts.any(|part| !matches!(part, "*" | "x" | "X")) {
            return None;
        }
        let prerelease = match prerelease {
            Some(text) => Version::parse(&format!("0.0.0-{text}"))?.prerelease,
            None => None,
        };
        Some(Self { numbers: read, prerelease })
    }

    fn is_whole(&self) -> bool {
        self.numbers.len() == 3
    }

    fn lowest(&self) -> Version {
        let number = |at: usize| self.numbers.get(at).copied().unwrap_or(0);
        let numbers = [number(0), number(1), number(2)];
        Version { prerelease: self.prerelease.clone(), ..Version::of(numbers) }
    }

    /// The first version after all that it stands for; `None` for `*`.
    fn next(&self) -> Option<Version> {
        self.after(self.numbers.len().checked_sub(1)?)
    }

    fn end(&self) -> Option<Bound> {
        self.next().map(Bound::Before)
    }

    fn after(&self, place: usize) -> Option<Version> {
        let mut numbers = [0; 3];
        for (at, number) in self.numbers.iter().enumerate().take(place + 1) {
            numbers[at] = *number;
        }
        numbers[place] = self.numbers.get(place)?.checked_add(1)?;
        Some(Version::of(numbers))
    }

    fn before(&self, place: usize) -> Option<Bound> {
        self.after(place).map(Bound::Before)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn holds(range: &str, version: &str) -> bool {
        let range = Range::parse(range).unwrap_or_else(|| panic!("{range}"));
        range.holds(&Version::parse(version).unwrap())
    }

    #[test]
    fn ranges_are_those_of_npm() {
        for (range, inside, outside) in [
            ("22", &["22.0.0", "22.9.1"][..], &["21.9.9", "23.0.0", "22.0.0-rc.1"][..]),
            ("22.x", &["22.4.0"], &["23.0.0"]),
            ("3.12.*", &["3.12.7"], &["3.13.0"]),
            ("1.2.3", &["1.2.3"], &["1.2.4"]),
            ("*", &["0.0.1", "99.0.0"], &["1.0.0-beta"]),
            ("", &["1.0.0"], &[]),
            ("^1.2.3", &["1.2.3", "1.9.0"], &["1.2.2", "2.0.0", "2.0.0-rc.1"]),
            ("^0.2.3", &["0.2.9"], &["0.3.0"]),
            ("^0.0.3", &["0.0.3"], &["0.0.4"]),
            ("^0.x", &["0.9.0"], &["1.0.0"]),
            ("^22", &["22.1.0"], &["23.0.0"]),
            ("~1.2", &["1.2.9"], &["1.3.0"]),
            ("~1", &["1.9.0"], &["2.0.0"]),
            ("~1.2.3", &["1.2.4"], &["1.2.2", "1.3.0"]),
            (">=3.9 <3.12", &["3.9.0", "3.11.9"], &["3.12.0", "3.8.1"]),
            (">= 3.9, <3.12".trim_end_matches(", <3.12"), &["3.9.0"], &["3.8.0"]),
            (">1.2", &["1.3.0"], &["1.2.9"]),
            ("<=1.2", &["1.2.9"], &["1.3.0"]),
            ("18 || >=20", &["18.1.0", "22.0.0"], &["19.0.0"]),
            ("1.2 - 2.3", &["1.2.0", "2.3.9"], &["2.4.0", "1.1.9"]),
            (">=1.2.3-beta.2", &["1.2.3-beta.10", "1.3.0"], &["1.2.3-beta.1", "1.3.0-rc.1"]),
        ] {
            for version in inside {
                assert!(holds(range, version), "{range} should hold {version}");
            }
            for version in outside {
                assert!(!holds(range, version), "{range} should not hold {version}");
            }
        }
    }

    #[test]
    fn what_is_no_range_is_none() {
        for text in ["latest", "1.2.3.4", ">=", "=>1", "1..2", "1.x.3", "lts/*"] {
            assert_eq!(Range::parse(text), None, "{text}");
        }
    }

    #[test]
    fn prereleases_count_where_they_are_asked_for() {
        let range = Range::parse("3.14").unwrap().with_prereleases();
        assert!(range.holds(&Version::parse("3.14.0rc2").unwrap()));
        assert!(!range.holds(&Version::parse("3.15.0a1").unwrap()));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(100))]
        #[test]
        fn any_text_is_read_without_a_panic(text in "[0-9x*.^~<>=| v-]{0,24}") {
            if let Some(range) = Range::parse(&text) {
                let _ = range.holds(&Version::of([1, 2, 3]));
            }
        }

        #[test]
        fn a_caret_holds_its_own_version(a in 0u64..9, b in 0u64..9, c in 0u64..9) {
            let version = Version::of([a, b, c]);
            let range = Range::parse(&format!("^{a}.{b}.{c}")).unwrap();
            prop_assert!(range.holds(&version));
        }
    }
}
