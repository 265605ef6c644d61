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
    let mut tokens = Vec::new();
    let mut magic = false;
    let mut characters = false;
    let mut i = 0;
    while i < units.len() {
        match char::from_u32(u32::from(units[i])) {
            Some('*') => {
                magic = true;
                if !matches!(tokens.last(), Some(Token::Any)) {
                    tokens.push(Token::Any);
                }
            }
            Some('?') => {
                magic = true;
                tokens.push(Token::One);
            }
            Some('\\') if i + 1 < units.len() => {
                i += 1;
                tokens.push(Token::Exactly(u32::from(units[i])));
            }
            Some('[') => match parse_class(&units, i) {
                ParsedClass::Never => return Segment::Nothing,
                ParsedClass::Open => tokens.push(Token::Exactly(u32::from(b'['))),
                ParsedClass::Single(unit, end) => {
                    tokens.push(Token::Exactly(unit));
                    i = end - 1;
                }
                ParsedClass::Class { class, end, posix } => {
                    magic = true;
                    characters |= posix;
                    tokens.push(Token::Class(class));
                    i = end - 1;
                }
            },
            _ => tokens.push(Token::Exactly(u32::from(units[i]))),
        }
        i += 1;
    }
    if !magic {
        return Segment::Literal(plain(&tokens));
    }
    if characters {
        join_surrogates(&mut tokens);
    }
    Segment::Wild(Wild { tokens, characters })
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

fn parse_class(units: &[u16], open: usize) -> ParsedClass {
    let at = |i: usize| units.get(i).copied().map(u32::from);
    let is = |i: usize, c: u8| at(i) == Some(u32::from(c));
    let mut class = Class::default();
    let (mut posix, mut any, mut escaping) = (false, false, false);
    let mut range_start = None;
    let mut i = open + 1;
    if is(i, b'!') || is(i, b'^') {
        class.negated = true;
        i += 1;
    }
    let mut first = true;
    while let Some(unit) = at(i) {
        if unit == u32::from(b']') && !first && !escaping {
            return finish(class, i + 1, posix, any);
        }
        first = false;
        if unit == u32::from(b'\\') && !escaping {
            escaping = true;
            i += 1;
            continue;
        }
        if unit == u32::from(b'[')
            && !escaping
            && let Some(found) = posix_at(units, i)
        {
            if range_start.is_some() {
                return ParsedClass::Never;
            }
            any = true;
            posix |= found.characters;
            let properties = if found.outside { &mut class.outside } else { &mut class.within };
            properties.push(found.properties);
            i += found.name.len();
            continue;
        }
        escaping = false;
        if let Some(start) = range_start.take() {
            // A range that runs backwards is left out; the others still count.
            if unit >= start {
                class.ranges.push((start, unit));
                any = true;
            }
            i += 1;
        } else if is(i + 1, b'-') && is(i + 2, b']') {
            class.ranges.extend([(unit, unit), (u32::from(b'-'), u32::from(b'-'))]);
            any = true;
            i += 2;
        } else if is(i + 1, b'-') {
            range_start = Some(unit);
            i += 2;
        } else {
            class.ranges.push((unit, unit));
            any = true;
            i += 1;
        }
    }
    ParsedClass::Open
}

fn finish(class: Class, end: usize, posix: bool, any: bool) -> ParsedClass {
    if !any {
        return ParsedClass::Never;
    }
    match class.ranges.as_slice() {
        [(from, to)]
            if from == to
                && !class.negated
                && class.within.is_empty()
                && class.outside.is_empty() =>
        {
            ParsedClass::Single(*from, end)
        }
        _ => ParsedClass::Class { class, end, posix },
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
