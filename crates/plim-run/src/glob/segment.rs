//! One segment of a pattern: what stands between two slashes.
//!
//! Lengths are counted in UTF-16 units, as JavaScript does, unless a POSIX class makes the original
//! switch to characters.

use std::sync::LazyLock;

use fancy_regex::Regex;

#[derive(Clone, Debug)]
pub(super) enum Segment {
    /// `**`: any number of folders.
    AnyDepth,
    /// Exactly this name.
    Literal(String),
    /// `*` and then exactly this, which may be nothing.
    EndsWith(String),
    /// Some `?` and then exactly this.
    Length {
        /// Of the whole name.
        units: usize,
        suffix: String,
    },
    /// Anything else.
    Wild(Wild),
    /// A class that cannot match, which spoils the whole segment.
    Nothing,
}

#[derive(Clone, Debug)]
pub(super) struct Wild {
    tokens: Vec<Token>,
    /// Characters count, not UTF-16 units.
    characters: bool,
}

#[derive(Clone, Debug)]
enum Token {
    Exactly(u32),
    One,
    Any,
    Class(Class),
}

#[derive(Clone, Debug, Default)]
struct Class {
    negated: bool,
    ranges: Vec<(u32, u32)>,
    /// Characters of these properties are in.
    within: Vec<&'static str>,
    /// Characters of these properties are out.
    outside: Vec<&'static str>,
}

impl Segment {
    /// Reads the text of a segment; everything is a pattern of something.
    pub(super) fn new(text: &str) -> Self {
        if text == "**" {
            return Self::AnyDepth;
        }
        shortcut(text).unwrap_or_else(|| parse(text))
    }

    /// True when the segment matches this one name. `**` is left to the caller.
    pub(super) fn matches(&self, name: &str) -> bool {
        match self {
            Self::AnyDepth => true,
            Self::Literal(text) => name == text,
            Self::EndsWith(suffix) => !name.is_empty() && name.ends_with(suffix.as_str()),
            Self::Length { units, suffix } => {
                name.encode_utf16().count() == *units && name.ends_with(suffix.as_str())
            }
            Self::Wild(wild) => wild.matches(name),
            Self::Nothing => false,
        }
    }
}

/// The forms that minimatch tests without a regular expression. What follows the `*` or `?` is taken as
/// it stands there, backslashes included: `*\.rs` does not match `lib.rs`.
fn shortcut(text: &str) -> Option<Segment> {
    let plain = |rest: &str| !rest.contains(['+', '@', '!', '?', '*', '[', '(']);
    let after_stars = text.trim_start_matches('*');
    if after_stars.len() < text.len() && plain(after_stars) {
        return Some(Segment::EndsWith(after_stars.to_owned()));
    }
    let after_marks = text.trim_start_matches('?');
    if after_marks.len() < text.len() && plain(after_marks) {
        let units = text.encode_utf16().count();
        return Some(Segment::Length { units, suffix: after_marks.to_owned() });
    }
    None
}

/// The literal name that a segment stands for, when it stands for one.
///
/// This is a reading of its own, as in `Pattern.getLiteral`: the places where it differs from the
/// matching (`[]a]`) decide where a search begins, and so what it finds.
pub(super) fn literal(segment: &str) -> Option<String> {
    let chars: Vec<char> = segment.chars().collect();
    let mut text = String::with_capacity(segment.len());
    let mut i = 0;
    while i < chars.len() {
        match chars[i] {
            '\\' if i + 1 < chars.len() => {
                i += 1;
                text.push(chars[i]);
            }
            '*' | '?' => return None,
            '[' => match single(&chars, i) {
                Bracket::Character(c, end) => {
                    text.push(c);
                    i = end;
                }
                Bracket::Set => return None,
                Bracket::Open => text.push('['),
            },
            c => text.push(c),
        }
        i += 1;
    }
    Some(text).filter(|text| !text.is_empty())
}

enum Bracket {
    /// `[c]`, and where it closes.
    Character(char, usize),
    Set,
    /// Never closed, or empty.
    Open,
}

fn single(chars: &[char], open: usize) -> Bracket {
    let mut set = Vec::new();
    let mut i = open + 1;
    while i < chars.len() {
        match chars[i] {
            '\\' if i + 1 < chars.len() => {
                i += 1;
                set.push(chars[i]);
            }
            ']' => {
                // Astral characters are two units in JavaScript, and so a set.
                return match set.as_slice() {
                    [] => Bracket::Open,
                    [c] if c.len_utf16() == 1 => Bracket::Character(*c, i),
                    _ => Bracket::Set,
                };
            }
            c => set.push(c),
        }
        i += 1;
    }
    Bracket::Open
}

fn parse(text: &str) -> Segment {
    let units: Vec<u16> = text.encode_utf16().collect();
    let mut parser =
        Parser { units: &units, at: 0, tokens: Vec::new(), magic: false, characters: false };
    while parser.at < units.len() {
        if !parser.token() {
            return Segment::Nothing;
        }
    }
    let Parser { mut tokens, magic, characters, .. } = parser;
    if !magic {
        return Segment::Literal(plain(&tokens));
    }
    if characters {
        join_surrogates(&mut tokens);
    }
    Segment::Wild(Wild { tokens, characters })
}

struct Parser<'a> {
    units: &'a [u16],
    at: usize,
    tokens: Vec<Token>,
    /// Something is not plain text.
    magic: bool,
    characters: bool,
}

impl Parser<'_> {
    /// Reads one token; false for a class that can match nothing.
    fn token(&mut self) -> bool {
        let unit = self.units[self.at];
        let token = match char::from_u32(u32::from(unit)) {
            Some('*') => return self.star(),
            Some('[') => return self.class(),
            Some('?') => {
                self.magic = true;
                Token::One
            }
            Some('\\') if self.at + 1 < self.units.len() => {
                self.at += 1;
                Token::Exactly(u32::from(self.units[self.at]))
            }
            _ => Token::Exactly(u32::from(unit)),
        };
        self.tokens.push(token);
        self.at += 1;
        true
    }

    /// Several are as good as one.
    fn star(&mut self) -> bool {
        self.magic = true;
        self.at += 1;
        if !matches!(self.tokens.last(), Some(Token::Any)) {
            self.tokens.push(Token::Any);
        }
        true
    }

    fn class(&mut self) -> bool {
        let (token, end) = match ClassReader::new(self.units, self.at).read() {
            ParsedClass::Never => return false,
            ParsedClass::Open => (Token::Exactly(u32::from(b'[')), self.at + 1),
            ParsedClass::Single(unit, end) => (Token::Exactly(unit), end),
            ParsedClass::Class { class, end, posix } => {
                self.magic = true;
                self.characters |= posix;
                (Token::Class(class), end)
            }
        };
        self.tokens.push(token);
        self.at = end;
        true
    }
}

fn plain(tokens: &[Token]) -> String {
    let units: Vec<u16> = tokens
        .iter()
        .filter_map(|token| match token {
            Token::Exactly(unit) => u16::try_from(*unit).ok(),
            _ => None,
        })
        .collect();
    String::from_utf16_lossy(&units)
}

fn join_surrogates(tokens: &mut Vec<Token>) {
    let mut i = 0;
    while i + 1 < tokens.len() {
        if let (Token::Exactly(high), Token::Exactly(low)) = (&tokens[i], &tokens[i + 1])
            && (0xD800..0xDC00).contains(high)
            && (0xDC00..0xE000).contains(low)
        {
            tokens[i] = Token::Exactly(0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00));
            tokens.remove(i + 1);
        }
        i += 1;
    }
}

enum ParsedClass {
    /// It never closes: the bracket is a plain one.
    Open,
    /// It can match nothing.
    Never,
    /// `[c]` stands for `c`; where it ends.
    Single(u32, usize),
    Class {
        class: Class,
        end: usize,
        posix: bool,
    },
}

/// A POSIX class, as minimatch translates it.
struct Posix {
    name: &'static str,
    /// The inside of a class of a regular expression.
    properties: &'static str,
    /// It needs the regular expression's Unicode mode.
    characters: bool,
    /// It is what is *outside* of the properties.
    outside: bool,
}

const fn posix(name: &'static str, properties: &'static str) -> Posix {
    Posix { name, properties, characters: true, outside: false }
}

const fn plain_posix(name: &'static str, properties: &'static str) -> Posix {
    Posix { name, properties, characters: false, outside: false }
}

static POSIX: [Posix; 14] = [
    posix("[:alnum:]", r"\p{L}\p{Nl}\p{Nd}"),
    posix("[:alpha:]", r"\p{L}\p{Nl}"),
    plain_posix("[:ascii:]", r"\x00-\x7f"),
    posix("[:blank:]", r"\p{Zs}\t"),
    posix("[:cntrl:]", r"\p{Cc}"),
    posix("[:digit:]", r"\p{Nd}"),
    Posix { name: "[:graph:]", properties: r"\p{Z}\p{C}", characters: true, outside: true },
    posix("[:lower:]", r"\p{Ll}"),
    posix("[:print:]", r"\p{C}"),
    posix("[:punct:]", r"\p{P}"),
    posix("[:space:]", r"\p{Z}\t\r\n\x0B\x0C"),
    posix("[:upper:]", r"\p{Lu}"),
    posix("[:word:]", r"\p{L}\p{Nl}\p{Nd}\p{Pc}"),
    plain_posix("[:xdigit:]", "A-Fa-f0-9"),
];

/// The class that begins at `i`.
fn posix_at(units: &[u16], i: usize) -> Option<&'static Posix> {
    POSIX.iter().find(|class| {
        let rest = units[i..].iter().map(|unit| u32::from(*unit));
        class.name.bytes().map(u32::from).eq(rest.take(class.name.len()))
    })
}

/// Reads a class, as minimatch's `parseClass`.
struct ClassReader<'a> {
    units: &'a [u16],
    at: usize,
    class: Class,
    posix: bool,
    /// The unit that a range begins with, while its end is awaited.
    from: Option<u32>,
}

impl<'a> ClassReader<'a> {
    /// Stands behind the bracket at `open`, and behind a sign that turns the class round.
    fn new(units: &'a [u16], open: usize) -> Self {
        let mut reader =
            Self { units, at: open + 1, class: Class::default(), posix: false, from: None };
        reader.class.negated = reader.is(0, '!') || reader.is(0, '^');
        reader.at += usize::from(reader.class.negated);
        reader
    }

    /// True when the unit `ahead` of this one is `c`.
    fn is(&self, ahead: usize, c: char) -> bool {
        self.units.get(self.at + ahead).is_some_and(|unit| u32::from(*unit) == u32::from(c))
    }

    fn read(mut self) -> ParsedClass {
        let first = self.at;
        while self.at < self.units.len() {
            if self.is(0, ']') && self.at > first {
                return self.finish();
            }
            let escaped = self.is(0, '\\');
            if let Some(found) = posix_at(self.units, self.at).filter(|_| !escaped) {
                if self.from.is_some() {
                    return ParsedClass::Never;
                }
                self.property(found);
                continue;
            }
            self.at += usize::from(escaped);
            let Some(unit) = self.units.get(self.at) else { break };
            self.member(u32::from(*unit));
        }
        ParsedClass::Open
    }

    fn property(&mut self, found: &Posix) {
        self.posix |= found.characters;
        let list = if found.outside { &mut self.class.outside } else { &mut self.class.within };
        list.push(found.properties);
        self.at += found.name.len();
    }

    /// A single unit, or an end of a range.
    fn member(&mut self, unit: u32) {
        let hyphen = u32::from(b'-');
        let taken = if let Some(from) = self.from.take() {
            // A range that runs backwards is left out; the others still count.
            self.class.ranges.extend((unit >= from).then_some((from, unit)));
            1
        } else if self.is(1, '-') && self.is(2, ']') {
            self.class.ranges.extend([(unit, unit), (hyphen, hyphen)]);
            2
        } else if self.is(1, '-') {
            self.from = Some(unit);
            2
        } else {
            self.class.ranges.push((unit, unit));
            1
        };
        self.at += taken;
    }

    fn finish(self) -> ParsedClass {
        let Self { class, posix, at, .. } = self;
        let plain = !class.negated && class.within.is_empty() && class.outside.is_empty();
        match class.ranges.as_slice() {
            [] if class.within.is_empty() && class.outside.is_empty() => ParsedClass::Never,
            [(from, to)] if plain && from == to => ParsedClass::Single(*from, at + 1),
            _ => ParsedClass::Class { class, end: at + 1, posix },
        }
    }
}

impl Wild {
    /// Goes back to the last `*` only, so the time is at most the product of both lengths.
    fn matches(&self, name: &str) -> bool {
        let name: Vec<u32> = if self.characters {
            name.chars().map(u32::from).collect()
        } else {
            name.encode_utf16().map(u32::from).collect()
        };
        let (mut token, mut unit) = (0, 0);
        let mut retry = None;
        while unit < name.len() {
            match self.tokens.get(token) {
                Some(Token::Any) => {
                    retry = Some((token + 1, unit));
                    token += 1;
                    continue;
                }
                Some(one) if one.matches(name[unit]) => {
                    token += 1;
                    unit += 1;
                    continue;
                }
                _ => {}
            }
            let Some((after, from)) = retry else { return false };
            retry = Some((after, from + 1));
            token = after;
            unit = from + 1;
        }
        self.tokens[token..].iter().all(|token| matches!(token, Token::Any))
    }
}

impl Token {
    fn matches(&self, unit: u32) -> bool {
        match self {
            Self::Exactly(wanted) => *wanted == unit,
            Self::One | Self::Any => true,
            Self::Class(class) => class.matches(unit),
        }
    }
}

impl Class {
    fn matches(&self, unit: u32) -> bool {
        let in_ranges = self.ranges.iter().any(|(from, to)| (*from..=*to).contains(&unit))
            || self.within.iter().any(|class| has_property(class, unit));
        let in_outside = || self.outside.iter().any(|class| has_property(class, unit));
        let has_ranges = !self.ranges.is_empty() || !self.within.is_empty();
        // Both kinds together are alternatives, even when negated; so it is in minimatch.
        (has_ranges && in_ranges != self.negated)
            || (!self.outside.is_empty() && in_outside() == self.negated)
    }
}

fn has_property(class: &str, unit: u32) -> bool {
    static CLASSES: LazyLock<Vec<(&'static str, Option<Regex>)>> = LazyLock::new(|| {
        let regex = |class: &str| Regex::new(&format!(r"\A[{class}]\z")).ok();
        POSIX.iter().map(|class| (class.properties, regex(class.properties))).collect()
    });
    let Some(c) = char::from_u32(unit) else { return false };
    let mut buffer = [0; 4];
    let text = c.encode_utf8(&mut buffer);
    let regex =
        CLASSES.iter().find(|(name, _)| *name == class).and_then(|(_, regex)| regex.as_ref());
    regex.is_some_and(|regex| regex.is_match(text).unwrap_or(false))
}
