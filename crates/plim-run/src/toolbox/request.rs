//! A request for a version, as each ecosystem writes it.

use super::{range::Range, version::Version};

/// How an ecosystem writes the version it wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scheme {
    /// npm's ranges, `lts/*`, `lts/jod`, `latest`, `node`, `current`.
    Node,
    /// npm's ranges, `3.13-dev`.
    Python,
    /// npm's ranges, `stable`, `oldstable`, `1.22rc1`.
    Go,
    /// A major, a version, or a range; `-ea` for early access; `latest`.
    Java,
    /// npm's ranges and `latest`.
    Plain,
}

/// What a request means for the versions that are here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Request {
    /// Any release; the newest is the best.
    Any,
    /// Any release with long-term support: Node's even majors.
    LongTerm,
    /// What is in a range.
    In(Range),
}

/// The majors of Node's releases with a name.
const NAMED: [(&str, u64); 11] = [
    ("argon", 4),
    ("boron", 6),
    ("carbon", 8),
    ("dubnium", 10),
    ("erbium", 12),
    ("fermium", 14),
    ("gallium", 16),
    ("hydrogen", 18),
    ("iron", 20),
    ("jod", 22),
    ("krypton", 24),
];

impl Request {
    /// Reads a request. Errors: why it cannot be met, as a clause.
    pub fn read(scheme: Scheme, text: &str) -> Result<Self, String> {
        let text = text.trim();
        let lower = text.to_ascii_lowercase();
        let any = match scheme {
            Scheme::Node => &["latest", "node", "current"][..],
            Scheme::Go => &["stable", "latest"],
            Scheme::Python => &["x"],
            Scheme::Java | Scheme::Plain => &["latest", "stable"],
        };
        if text.is_empty() || any.contains(&lower.as_str()) {
            return Ok(Self::Any);
        }
        let range = match scheme {
            Scheme::Node => match lower.strip_prefix("lts/") {
                Some(name) => return long_term(name),
                None => Range::parse(text),
            },
            Scheme::Python => python(text),
            Scheme::Go => go(text)?,
            Scheme::Java => java(text),
            Scheme::Plain => Range::parse(text),
        };
        range
            .map(Self::In)
            .ok_or_else(|| format!("`{text}` is no version and no range of versions"))
    }

    /// Whether a version meets it.
    pub fn is_met_by(&self, version: &Version) -> bool {
        match self {
            Self::Any => version.prerelease.is_none(),
            Self::LongTerm => version.prerelease.is_none() && version.numbers[0].is_multiple_of(2),
            Self::In(range) => range.holds(version),
        }
    }
}

fn long_term(name: &str) -> Result<Request, String> {
    if name == "*" {
        return Ok(Request::LongTerm);
    }
    let major = NAMED.iter().find(|(known, _)| *known == name).map(|(_, major)| *major);
    let range = major.and_then(|major| Range::parse(&major.to_string()));
    range
        .map(Request::In)
        .ok_or_else(|| format!("which release `lts/{name}` is cannot be told without the network"))
}

/// `3.13-dev` is what leads to 3.13 or is in it.
fn python(text: &str) -> Option<Range> {
    match text.strip_suffix("-dev") {
        Some(version) => Range::parse(version).map(Range::with_prereleases),
        None => Range::parse(text),
    }
}

fn go(text: &str) -> Result<Option<Range>, String> {
    if text == "oldstable" {
        return Err("which release `oldstable` is cannot be told without the network".to_owned());
    }
    let text = text.strip_prefix("go").unwrap_or(text);
    // 1.22rc1 is 1.22.0-rc.1.
    match text.find(|c: char| c.is_ascii_alphabetic() && c != 'x' && c != 'X') {
        Some(at) if at > 0 && !text.contains(['-', ' ']) => {
            let (numbers, rest) = text.split_at(at);
            let zeros = ".0".repeat(2usize.saturating_sub(numbers.matches('.').count()));
            Ok(Range::parse(&format!("{numbers}{zeros}-{rest}")))
        }
        _ => Ok(Range::parse(text)),
    }
}

fn java(text: &str) -> Option<Range> {
    if let Some(version) = text.strip_suffix("-ea") {
        return Range::parse(version).map(Range::with_prereleases);
    }
    let old = text.strip_prefix("1.").filter(|rest| *rest == "8" || rest.starts_with("8."));
    let text = old.unwrap_or(text);
    // A build or a fourth number of a vendor cannot be told apart here.
    let text = text.split('+').next()?;
    let numbers: Vec<&str> = text.split('.').collect();
    if numbers.len() > 3 { Range::parse(&numbers[..3].join(".")) } else { Range::parse(text) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn met(scheme: Scheme, request: &str, version: &str) -> bool {
        let request = Request::read(scheme, request).unwrap();
        request.is_met_by(&Version::parse(version).unwrap())
    }

    #[test]
    fn node_has_names_for_what_is_supported_long() {
        assert!(met(Scheme::Node, "lts/*", "22.11.0") && !met(Scheme::Node, "lts/*", "23.1.0"));
        assert!(met(Scheme::Node, "lts/Jod", "22.11.0") && !met(Scheme::Node, "lts/jod", "20.1.0"));
        assert!(met(Scheme::Node, "latest", "23.0.0") && met(Scheme::Node, "node", "23.0.0"));
        assert!(met(Scheme::Node, "v20.9.0", "20.9.0") && met(Scheme::Node, "20", "20.9.0"));
        let error = Request::read(Scheme::Node, "lts/-1").unwrap_err();
        assert_eq!(error, "which release `lts/-1` is cannot be told without the network");
        assert!(Request::read(Scheme::Node, "twenty").is_err());
    }

    #[test]
    fn python_has_series_and_what_leads_to_them() {
        assert!(met(Scheme::Python, "3.x", "3.12.1") && !met(Scheme::Python, "3.x", "2.7.18"));
        assert!(met(Scheme::Python, "3.12", "3.12.9") && !met(Scheme::Python, "3.12", "3.13.0"));
        assert!(met(Scheme::Python, "3.14-dev", "3.14.0rc1"));
        assert!(!met(Scheme::Python, "3.14", "3.14.0rc1"));
    }

    #[test]
    fn go_is_stable_or_a_series() {
        assert!(met(Scheme::Go, "stable", "1.23.0") && !met(Scheme::Go, "stable", "1.24rc1"));
        assert!(met(Scheme::Go, "1.22.x", "1.22.3") && met(Scheme::Go, "1.22", "1.22.3"));
        assert!(met(Scheme::Go, "1.24rc1", "1.24rc1") && !met(Scheme::Go, "1.24rc1", "1.24rc2"));
        assert!(Request::read(Scheme::Go, "oldstable").is_err());
    }

    #[test]
    fn java_is_mostly_a_major() {
        assert!(met(Scheme::Java, "21", "21.0.2") && !met(Scheme::Java, "21", "17.0.9"));
        assert!(met(Scheme::Java, "1.8", "1.8.0_392") && met(Scheme::Java, "8", "1.8.0_392"));
        assert!(met(Scheme::Java, "17.0.9+9", "17.0.9") && met(Scheme::Java, "17.0.9.1", "17.0.9"));
        assert!(met(Scheme::Java, "24-ea", "24-ea"));
    }
}
