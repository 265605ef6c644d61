//! A pattern chooses branches, tags and paths in the filters of `on:`.
//!
//! GitHub's language: `*` is any text without `/`, `**` any text, `**/` any folders or none, `?` makes the
//! character before it optional, `+` repeats it, `[a-z]` is one of a set, `\` takes the next character as it is, and a
//! leading `!` takes back what earlier patterns chose. Everything is compared with regard to case, whole names at a time.

use std::fmt;

/// One compiled pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern {
    negative: bool,
    pieces: Vec<Piece>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Piece {
    one: One,
    repeat: Repeat,
}

/// What one character must be.
#[derive(Clone, Debug, PartialEq, Eq)]
enum One {
    Exactly(char),
    InName,
    Any,
    Set(Vec<(char, char)>),
    /// `**/`: nothing, or at least one character and then a `/`.
    Folders,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Repeat {
    Once,
    Optional,
    OnceOrMore,
    Any,
}

/// Why a pattern means nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PatternError {
    /// It has no characters.
    Empty,
    /// A `[` without its `]`.
    OpenSet,
    /// `[]`.
    EmptySet,
    /// A range such as `[z-a]`.
    BackwardRange(char, char),
    /// A `\` at the end.
    DanglingEscape,
}

impl fmt::Display for PatternError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("the pattern is empty"),
            Self::OpenSet => f.write_str("the set that `[` opens has no `]`"),
            Self::EmptySet => f.write_str("the set `[]` is empty"),
            Self::BackwardRange(from, to) => write!(f, "the range `{from}-{to}` runs backward"),
            Self::DanglingEscape => f.write_str("nothing follows the `\\` at the end"),
        }
    }
}

impl std::error::Error for PatternError {}

impl Pattern {
    /// Compiles `text`.
    ///
    /// Errors: every [`PatternError`].
    pub fn parse(text: &str) -> Result<Self, PatternError> {
        let (negative, body) = match text.strip_prefix('!') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let pieces = Parser { rest: body }.pieces()?;
        if pieces.is_empty() {
            return Err(PatternError::Empty);
        }
        Ok(Self { negative, pieces })
    }

    /// The first `?` or `+` of `text` that stands behind a sign and no character, with that sign.
    ///
    /// GitHub says of both that they are about "the preceding character", and not what they do elsewhere.
    #[must_use]
    pub fn repeated_sign(text: &str) -> Option<(char, char)> {
        let (mut before, mut escaped, mut in_set) = (None, false, false);
        for character in text.chars() {
            let sign = !escaped && !in_set && matches!(character, '*' | '?' | '+');
            match before {
                Some(before) if sign && character != '*' => return Some((before, character)),
                _ => before = sign.then_some(character),
            }
            in_set = !escaped && (character == '[' || in_set && character != ']');
            escaped = !escaped && character == '\\';
        }
        None
    }

    /// Whether it begins with `!`.
    #[must_use]
    pub fn is_negative(&self) -> bool {
        self.negative
    }

    /// Whether all of `name` fits, its `!` left out of account.
    ///
    /// The time grows with the product of both lengths and never worse.
    #[must_use]
    pub fn fits(&self, name: &str) -> bool {
        let mut now = States::new(self.pieces.len());
        now.enter(0, &self.pieces);
        let mut next = States::new(self.pieces.len());
        for character in name.chars() {
            next.clear();
            for at in now.pieces() {
                self.step(at, character, &now, &mut next);
            }
            std::mem::swap(&mut now, &mut next);
        }
        now.reached_end()
    }

    fn step(&self, at: usize, character: char, now: &States, next: &mut States) {
        let Some(piece) = self.pieces.get(at) else { return };
        if piece.one == One::Folders {
            next.stay_inside(at);
            if character == '/' && now.is_inside(at) {
                next.enter(at + 1, &self.pieces);
            }
            return;
        }
        if !piece.one.takes(character) {
            return;
        }
        if matches!(piece.repeat, Repeat::Any | Repeat::OnceOrMore) {
            next.stay(at);
        }
        next.enter(at + 1, &self.pieces);
    }
}

impl One {
    fn takes(&self, character: char) -> bool {
        match self {
            Self::Exactly(wanted) => *wanted == character,
            Self::InName => character != '/',
            Self::Any => true,
            Self::Set(ranges) => ranges.iter().any(|(from, to)| (*from..=*to).contains(&character)),
            Self::Folders => false,
        }
    }
}

/// Which pieces may take the next character.
struct States {
    /// Bit 0: may begin; bit 1: inside [`One::Folders`], after at least one character.
    at: Vec<u8>,
}

const READY: u8 = 1;
const INSIDE: u8 = 2;

impl States {
    fn new(pieces: usize) -> Self {
        Self { at: vec![0; pieces + 1] }
    }

    fn clear(&mut self) {
        self.at.fill(0);
    }

    fn pieces(&self) -> impl Iterator<Item = usize> + '_ {
        self.at.iter().enumerate().filter(|(_, state)| **state != 0).map(|(at, _)| at)
    }

    /// Enters the piece at `at` and every later one that may be skipped to.
    fn enter(&mut self, mut at: usize, pieces: &[Piece]) {
        loop {
            if let Some(state) = self.at.get_mut(at) {
                *state |= READY;
            }
            match pieces.get(at) {
                Some(piece) if piece.may_be_skipped() => at += 1,
                _ => return,
            }
        }
    }

    /// The piece at `at` took a character and may take more, but may no longer be skipped for lack of one.
    fn stay(&mut self, at: usize) {
        if let Some(state) = self.at.get_mut(at) {
            *state |= READY;
        }
    }

    fn stay_inside(&mut self, at: usize) {
        if let Some(state) = self.at.get_mut(at) {
            *state |= INSIDE;
        }
    }

    fn is_inside(&self, at: usize) -> bool {
        self.at.get(at).is_some_and(|state| state & INSIDE != 0)
    }

    fn reached_end(&self) -> bool {
        self.at.last().is_some_and(|state| state & READY != 0)
    }
}

impl Piece {
    fn may_be_skipped(&self) -> bool {
        self.one == One::Folders || matches!(self.repeat, Repeat::Optional | Repeat::Any)
    }
}

struct Parser<'t> {
    rest: &'t str,
}

impl Parser<'_> {
    fn pieces(mut self) -> Result<Vec<Piece>, PatternError> {
        let mut pieces: Vec<Piece> = Vec::with_capacity(self.rest.len());
        while let Some(character) = self.take() {
            match (character, pieces.last_mut()) {
                ('?', Some(last)) => last.make(Repeat::Optional),
                ('+', Some(last)) => last.make(Repeat::OnceOrMore),
                ('*', _) => pieces.push(self.star()),
                ('[', _) => pieces.push(Piece::once(One::Set(self.set()?))),
                ('\\', _) => {
                    let escaped = self.take().ok_or(PatternError::DanglingEscape)?;
                    pieces.push(Piece::once(One::Exactly(escaped)));
                }
                (other, _) => pieces.push(Piece::once(One::Exactly(other))),
            }
        }
        Ok(pieces)
    }

    fn take(&mut self) -> Option<char> {
        let character = self.rest.chars().next()?;
        self.rest = &self.rest[character.len_utf8()..];
        Some(character)
    }

    fn star(&mut self) -> Piece {
        if let Some(rest) = self.rest.strip_prefix("*/") {
            self.rest = rest;
            return Piece::once(One::Folders);
        }
        if let Some(rest) = self.rest.strip_prefix('*') {
            self.rest = rest;
            return Piece { one: One::Any, repeat: Repeat::Any };
        }
        Piece { one: One::InName, repeat: Repeat::Any }
    }

    /// What stands between `[` and `]`; a `-` that is no range stands for itself.
    fn set(&mut self) -> Result<Vec<(char, char)>, PatternError> {
        let end = self.rest.find(']').ok_or(PatternError::OpenSet)?;
        let inside: Vec<char> = self.rest[..end].chars().collect();
        self.rest = &self.rest[end + 1..];
        let mut ranges = Vec::new();
        let mut at = 0;
        while let Some(&from) = inside.get(at) {
            let to = match inside.get(at + 1..at + 3) {
                Some(&['-', to]) => to,
                _ => from,
            };
            if from > to {
                return Err(PatternError::BackwardRange(from, to));
            }
            at += if inside.get(at + 1..at + 3).is_some_and(|next| next[0] == '-') { 3 } else { 1 };
            ranges.push((from, to));
        }
        if ranges.is_empty() { Err(PatternError::EmptySet) } else { Ok(ranges) }
    }
}

impl Piece {
    fn once(one: One) -> Self {
        Self { one, repeat: Repeat::Once }
    }

    /// `a?+` and the like: the wider of both; stars already are as wide as can be.
    fn make(&mut self, repeat: Repeat) {
        self.repeat = match (self.repeat, repeat) {
            (Repeat::Once, repeat) => repeat,
            (before, repeat) if before == repeat => repeat,
            _ => Repeat::Any,
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fits(pattern: &str, name: &str) -> bool {
        Pattern::parse(pattern).unwrap().fits(name)
    }

    #[test]
    fn a_star_stops_at_a_slash_and_two_do_not() {
        for (pattern, name, wanted) in [
            ("feature/*", "feature/my-branch", true),
            ("feature/*", "feature/a/b", false),
            ("feature/**", "feature/a/b", true),
            ("*", "main", true),
            ("*", "releases/10", false),
            ("**", "all/the/branches", true),
            ("*feature", "mona-feature", true),
            ("*feature", "feature", true),
            ("v2*", "v2.9", true),
            ("main", "main2", false),
            ("*.js", "js/index.js", false),
            ("**.js", "src/js/app.js", true),
            ("docs/*", "docs/mona/octocat.txt", false),
            ("docs/**/*.md", "docs/README.md", true),
            ("docs/**/*.md", "docs/a/markdown/file.md", true),
            ("**/docs/**", "docs/hello.md", true),
            ("**/docs/**", "space/docs/plan/space.doc", true),
            ("**/docs/**", "mydocs/hello.md", false),
            ("**/*-post.md", "my-post.md", true),
            ("**/*-post.md", "path/their-post.md", true),
            ("**/a", "/a", false),
        ] {
            assert_eq!(fits(pattern, name), wanted, "`{pattern}` on `{name}`");
        }
    }

    #[test]
    fn signs_after_a_character_repeat_it() {
        for (pattern, name, wanted) in [
            ("*.jsx?", "page.js", true),
            ("*.jsx?", "page.jsx", true),
            ("v[12].[0-9]+.[0-9]+", "v1.10.1", true),
            ("v[12].[0-9]+.[0-9]+", "v3.10.1", false),
            ("v[12].[0-9]+.[0-9]+", "v1..1", false),
            ("+a", "+a", true),
            ("?a", "?a", true),
            ("ab+", "abbb", true),
            ("ab+", "a", false),
            ("ab?+", "a", true),
            ("[CB]at", "Cat", true),
            ("[CB]at", "cat", false),
            ("[1-2]00", "200", true),
            ("[a-]x", "-x", true),
            ("[-a]x", "-x", true),
        ] {
            assert_eq!(fits(pattern, name), wanted, "`{pattern}` on `{name}`");
        }
    }

    #[test]
    fn a_backslash_takes_the_next_character_as_it_is() {
        assert!(fits(r"a\*b", "a*b") && !fits(r"a\*b", "aXb"));
        assert!(fits(r"\!main", "!main"));
        assert!(!Pattern::parse(r"\!main").unwrap().is_negative());
        assert!(Pattern::parse("!main").unwrap().is_negative());
    }

    #[test]
    fn what_means_nothing_is_refused() {
        for (pattern, wanted) in [
            ("", PatternError::Empty),
            ("!", PatternError::Empty),
            ("v[0-9", PatternError::OpenSet),
            ("v[]", PatternError::EmptySet),
            ("v[z-a]", PatternError::BackwardRange('z', 'a')),
            ("v\\", PatternError::DanglingEscape),
        ] {
            assert_eq!(Pattern::parse(pattern), Err(wanted), "`{pattern}`");
        }
    }

    proptest::proptest! {
        #![proptest_config(proptest::prelude::ProptestConfig::with_cases(200))]

        #[test]
        fn any_text_is_compiled_or_refused(pattern in "\\PC{0,20}", name in "\\PC{0,20}") {
            if let Ok(pattern) = Pattern::parse(&pattern) {
                let _ = pattern.fits(&name);
            }
        }

        #[test]
        fn an_escaped_text_fits_itself_and_nothing_longer(name in "[a-z*?+/\\[\\]!.]{1,12}") {
            let escaped: String = name.chars().flat_map(|c| ['\\', c]).collect();
            let pattern = Pattern::parse(&escaped).unwrap();
            proptest::prop_assert!(pattern.fits(&name));
            let longer = format!("{name}x");
            proptest::prop_assert!(!pattern.fits(&longer));
        }

        #[test]
        fn two_stars_fit_everything(name in "\\PC{0,20}") {
            proptest::prop_assert!(Pattern::parse("**").unwrap().fits(&name));
        }
    }
}
