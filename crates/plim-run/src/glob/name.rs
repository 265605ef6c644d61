//! Patterns of artifact names: minimatch with its own defaults, as `pattern` of `download-artifact`.
//!
//! Names hold no slash, so a pattern with a folder in it matches nothing; `**/` in front is fine.

use std::fmt;

use fancy_regex::{Regex, RegexBuilder};

use super::brace;

/// A pattern of names: `*`, `?`, classes, braces, `@(a|b)` and its like, a leading `!`.
#[derive(Debug)]
pub struct NamePattern {
    negated: bool,
    alternatives: Vec<Regex>,
}

/// Why a pattern of names was refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamePatternError {
    /// The pattern.
    pub pattern: String,
}

impl fmt::Display for NamePatternError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the pattern `{}` stands for too much to be tried", self.pattern)
    }
}

impl std::error::Error for NamePatternError {}

/// How deep `+(…)` may stand in one another.
const DEEPEST: usize = 4;
/// Each `!(…)` holds all that follows it, so a row of them doubles each time.
const MOST_NEGATIONS: usize = 6;
/// Steps back that one match may take: over a hundred times what a pattern of a name needs.
const MOST_STEPS: usize = 100_000;

impl NamePattern {
    /// Reads a pattern.
    ///
    /// Errors: [`NamePatternError`] for one with more than 1,000 alternatives or 6 `!(…)`.
    pub fn new(pattern: &str) -> Result<Self, NamePatternError> {
        let refused = || NamePatternError { pattern: pattern.to_owned() };
        if pattern.starts_with('#') {
            return Ok(Self { negated: false, alternatives: Vec::new() });
        }
        let text = pattern.trim_start_matches('!');
        let negated = (pattern.len() - text.len()) % 2 == 1;
        let mut alternatives = Vec::new();
        for text in brace::expand(text).ok_or_else(refused)? {
            let Some(segment) = only_segment(&text) else { continue };
            let source = source(segment).ok_or_else(refused)?;
            let regex = RegexBuilder::new(&format!(r"\A{source}\z"))
                .backtrack_limit(MOST_STEPS)
                .build()
                .map_err(|_| refused())?;
            alternatives.push(regex);
        }
        Ok(Self { negated, alternatives })
    }

    /// True when the pattern matches `name`; a match that takes too many steps is none.
    pub fn matches(&self, name: &str) -> bool {
        self.alternatives.iter().any(|regex| regex.is_match(name).unwrap_or(false)) != self.negated
    }
}

/// The one segment that a name can match, when there is one.
fn only_segment(text: &str) -> Option<&str> {
    let mut segments = text.split('/');
    let mut last = segments.next()?;
    for segment in segments {
        if last != "**" {
            return None;
        }
        last = segment;
    }
    Some(last)
}

/// One element of a segment.
enum Element {
    Exactly(char),
    One,
    Any,
    /// The inside of a class as a regular expression.
    Class(String),
    /// `@(a|b)`: its sign and alternatives.
    Group(char, Vec<Vec<Element>>),
}

fn source(segment: &str) -> Option<String> {
    let chars: Vec<char> = segment.chars().collect();
    let mut reader = Reader { chars: &chars, at: 0, groups: true };
    let mut elements = reader.elements(0)?;
    if reader.at < chars.len() {
        reader = Reader { chars: &chars, at: 0, groups: false };
        elements = reader.elements(0)?;
    }
    if negations(&elements) > MOST_NEGATIONS {
        return None;
    }
    Some(written(&elements, "", true))
}

fn negations(elements: &[Element]) -> usize {
    let of = |element: &Element| match element {
        Element::Group(sign, inner) => {
            usize::from(*sign == '!')
                + inner.iter().map(|elements| negations(elements)).sum::<usize>()
        }
        _ => 0,
    };
    elements.iter().map(of).sum()
}

struct Reader<'a> {
    chars: &'a [char],
    at: usize,
    /// False once a group turned out never to close: then its signs are text.
    groups: bool,
}

impl Reader<'_> {
    /// Reads up to the end, or within a group up to `|` or `)`.
    fn elements(&mut self, depth: usize) -> Option<Vec<Element>> {
        let mut elements = Vec::new();
        while let Some(&c) = self.chars.get(self.at) {
            if depth > 0 && matches!(c, '|' | ')') {
                break;
            }
            if self.groups && matches!(c, '!' | '?' | '+' | '*' | '@') && self.next_is('(') {
                if depth >= DEEPEST {
                    return None;
                }
                let start = self.at;
                self.at += 2;
                match self.group(depth)? {
                    Some(alternatives) => elements.push(Element::Group(c, alternatives)),
                    None => {
                        self.groups = false;
                        self.at = start;
                    }
                }
                continue;
            }
            elements.push(self.plain(c));
        }
        Some(elements)
    }

    fn next_is(&self, c: char) -> bool {
        self.chars.get(self.at + 1) == Some(&c)
    }

    /// The alternatives of a group; nothing inside when it never closes.
    #[expect(clippy::option_option, reason = "the outer one says that it nests too deep")]
    fn group(&mut self, depth: usize) -> Option<Option<Vec<Vec<Element>>>> {
        let mut alternatives = Vec::new();
        loop {
            alternatives.push(self.elements(depth + 1)?);
            match self.chars.get(self.at) {
                Some('|') => self.at += 1,
                Some(_) => {
                    self.at += 1;
                    return Some(Some(alternatives));
                }
                None => return Some(None),
            }
        }
    }

    fn plain(&mut self, c: char) -> Element {
        self.at += 1;
        match c {
            '*' => Element::Any,
            '?' => Element::One,
            '\\' if self.at < self.chars.len() => {
                self.at += 1;
                Element::Exactly(self.chars[self.at - 1])
            }
            '[' => self.class().unwrap_or(Element::Exactly('[')),
            c => Element::Exactly(c),
        }
    }

    /// A class, when it closes; `at` stands behind its bracket.
    fn class(&mut self) -> Option<Element> {
        let mut i = self.at;
        let negated = matches!(self.chars.get(i), Some('!' | '^'));
        i += usize::from(negated);
        let mut inside = String::new();
        let first = i;
        loop {
            let c = *self.chars.get(i)?;
            match c {
                ']' if i > first => break,
                '\\' => {
                    i += 1;
                    inside.push_str(&in_class(*self.chars.get(i)?));
                }
                '-' if i > first && self.chars.get(i + 1).is_some_and(|c| *c != ']') => {
                    inside.push('-')
                }
                '[' => match posix(&self.chars[i..]) {
                    Some(name) => {
                        inside.push_str(&format!("[{name}]"));
                        i += name.len() - 1;
                    }
                    None => inside.push_str(&in_class(c)),
                },
                c => inside.push_str(&in_class(c)),
            }
            i += 1;
        }
        self.at = i + 1;
        let sign = if negated { "^" } else { "" };
        Some(Element::Class(format!("[{sign}{inside}]")))
    }
}

/// The name of a POSIX class that begins here, as `[:alpha:]`.
fn posix(chars: &[char]) -> Option<String> {
    let end = chars.iter().position(|c| *c == ']')?;
    let name: String = chars[..=end].iter().collect();
    let letters = name.strip_prefix("[:")?.strip_suffix(":]")?;
    let known = [
        "alnum", "alpha", "ascii", "blank", "cntrl", "digit", "graph", "lower", "print", "punct",
        "space", "upper", "word", "xdigit",
    ];
    known.contains(&letters).then_some(name)
}

fn in_class(c: char) -> String {
    if c.is_alphanumeric() { c.to_string() } else { format!(r"\x{{{:x}}}", u32::from(c)) }
}

/// A wildcard that a pattern begins with matches no dot at the beginning of a name.
const NO_LEADING_DOT: &str = r"(?!\A\.)";
const ANYTHING: &str = r"(?s:[^/]*?)";

/// The regular expression of `elements`, when `after` follows them; `first` when nothing that takes
/// characters stands before them.
fn written(elements: &[Element], after: &str, first: bool) -> String {
    let Some((element, rest)) = elements.split_first() else { return String::new() };
    let rest = written(rest, after, first && matches!(element, Element::Group('!', _)));
    let guard = if first { NO_LEADING_DOT } else { "" };
    let this = match element {
        Element::Exactly(c) => fancy_regex::escape(&c.to_string()).into_owned(),
        Element::One => format!("{guard}[^/]"),
        Element::Any => format!("{guard}{ANYTHING}"),
        Element::Class(class) => format!("{guard}{class}"),
        Element::Group(sign, inner) => group(*sign, inner, &format!("{rest}{after}"), first),
    };
    format!("{this}{rest}")
}

fn group(sign: char, alternatives: &[Vec<Element>], after: &str, first: bool) -> String {
    let each = alternatives.iter().map(|elements| written(elements, after, first));
    if sign == '!' {
        // What the group excludes reaches to the end of the name, or `*.!(x)` would let `a.b.x` through.
        let excluded: Vec<String> = each.map(|text| format!(r"{text}{after}\z")).collect();
        let guard = if first { NO_LEADING_DOT } else { "" };
        return format!("(?:(?!(?:{})){guard}{ANYTHING})", excluded.join("|"));
    }
    let repeat = if sign == '@' { String::new() } else { sign.to_string() };
    format!("(?:{}){repeat}", each.collect::<Vec<_>>().join("|"))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn matching<'a>(pattern: &str, names: &[&'a str]) -> Vec<&'a str> {
        let pattern = NamePattern::new(pattern).unwrap();
        names.iter().copied().filter(|name| pattern.matches(name)).collect()
    }

    #[test]
    fn names_are_matched_as_minimatch_does() {
        let names = ["build-linux", "build-mac", "docs", ".hidden", "build-linux-arm", "a.b"];
        assert_eq!(
            matching("*", &names),
            ["build-linux", "build-mac", "docs", "build-linux-arm", "a.b"]
        );
        assert_eq!(matching("build-*", &names), ["build-linux", "build-mac", "build-linux-arm"]);
        assert_eq!(matching("build-{linux,mac}", &names), ["build-linux", "build-mac"]);
        assert_eq!(matching("!build-*", &names), ["docs", ".hidden", "a.b"]);
        assert_eq!(matching("build-@(linux|mac)", &names), ["build-linux", "build-mac"]);
        assert_eq!(matching("build-!(linux)", &names), ["build-mac", "build-linux-arm"]);
        assert_eq!(matching("build-!(linux)*", &names), ["build-mac"]);
        assert_eq!(
            matching("[b-d]*", &names),
            ["build-linux", "build-mac", "docs", "build-linux-arm"]
        );
        assert_eq!(matching("?.?", &names), ["a.b"]);
        assert_eq!(matching(".*", &names), [".hidden"]);
        assert_eq!(matching("#docs", &names), Vec::<&str>::new());
        assert_eq!(matching("build/*", &names), Vec::<&str>::new());
        assert_eq!(matching("**/docs", &names), ["docs"]);
        assert_eq!(matching("+(d|o|c|s)", &names), ["docs"]);
        assert_eq!(matching("docs+(", &["docs+(", "docs"]), ["docs+("]);
    }

    #[test]
    fn a_pattern_that_would_take_forever_is_refused_or_matches_nothing() {
        assert!(NamePattern::new(&"!(a)".repeat(40)[1..]).is_err());
        assert!(NamePattern::new(&format!("{}a{}", "+(".repeat(40), ")".repeat(40))).is_err());
        let slow = NamePattern::new("+(+(a|aa)|a)b").unwrap();
        assert!(!slow.matches(&"a".repeat(200)));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(200))]
        #[test]
        fn any_text_is_a_pattern_or_refused(pattern in r"[-ab.*?+@!(|)\[\]{},/\\:^]{0,16}", name in "[ab.-]{0,12}") {
            if let Ok(pattern) = NamePattern::new(&pattern) {
                pattern.matches(&name);
            }
        }

        #[test]
        fn a_plain_name_matches_itself(name in "[a-z0-9_-]{1,20}") {
            prop_assert!(NamePattern::new(&name).unwrap().matches(&name));
        }
    }
}
