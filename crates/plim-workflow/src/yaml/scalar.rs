//! A scalar means what the core schema of YAML 1.2 says, as far as GitHub follows it.

/// What a scalar is; the number itself is read when asked for.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub(super) enum Core {
    Null,
    True,
    False,
    Number,
    String,
}

/// A tag that GitHub knows on a scalar.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub(super) enum CoreTag {
    Null,
    Boolean,
    Integer,
    Float,
    String,
}

impl CoreTag {
    pub(super) fn named(suffix: &str) -> Option<Self> {
        match suffix {
            "null" => Some(Self::Null),
            "bool" => Some(Self::Boolean),
            "int" => Some(Self::Integer),
            "float" => Some(Self::Float),
            "str" => Some(Self::String),
            _ => None,
        }
    }

    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Null => "!!null",
            Self::Boolean => "!!bool",
            Self::Integer => "!!int",
            Self::Float => "!!float",
            Self::String => "!!str",
        }
    }

    /// What plain `text` is under this tag, or `None` when the tag does not fit it.
    pub(super) fn apply(self, text: &str) -> Option<Core> {
        let core = plain(text);
        let fits = match self {
            Self::Null => core == Core::Null,
            Self::Boolean => matches!(core, Core::True | Core::False),
            Self::Integer => is_integer(text),
            Self::Float => is_float(text),
            Self::String => return Some(Core::String),
        };
        fits.then_some(core)
    }
}

/// What a plain scalar without a tag is.
pub(super) fn plain(text: &str) -> Core {
    // Most scalars are strings, and their first byte tells.
    match text.bytes().next() {
        None | Some(b'~' | b'n' | b'N') if matches!(text, "" | "~" | "null" | "Null" | "NULL") => {
            Core::Null
        }
        Some(b't' | b'T') if matches!(text, "true" | "True" | "TRUE") => Core::True,
        Some(b'f' | b'F') if matches!(text, "false" | "False" | "FALSE") => Core::False,
        Some(b'0'..=b'9' | b'+' | b'-' | b'.') if is_integer(text) || is_float(text) => {
            Core::Number
        }
        _ => Core::String,
    }
}

/// The number that plain `text` stands for; `None` when the runner has no room for it.
///
/// Hexadecimal and octal numbers are 32-bit two's complement there (`Int32.TryParse`, `Convert.ToInt32`), so
/// `0xFFFFFFFF` is -1 and `0x100000000` is refused. All others are doubles.
pub(super) fn number(text: &str) -> Option<f64> {
    let digits = |prefix, radix| Some(u32::from_str_radix(text.strip_prefix(prefix)?, radix));
    if let Some(read) = digits("0x", 16).or_else(|| digits("0o", 8)) {
        return read.ok().map(|bits| f64::from(bits.cast_signed()));
    }
    match text.trim_start_matches(['+', '-']) {
        ".inf" | ".Inf" | ".INF" if text.starts_with('-') => Some(f64::NEG_INFINITY),
        ".inf" | ".Inf" | ".INF" => Some(f64::INFINITY),
        ".nan" | ".NaN" | ".NAN" => Some(f64::NAN),
        _ => text.parse().ok(),
    }
}

fn is_integer(text: &str) -> bool {
    let all = |digits: &str, valid: fn(u8) -> bool| !digits.is_empty() && digits.bytes().all(valid);
    if let Some(hexadecimal) = text.strip_prefix("0x") {
        return all(hexadecimal, |byte| byte.is_ascii_hexdigit());
    }
    if let Some(octal) = text.strip_prefix("0o") {
        return all(octal, |byte| matches!(byte, b'0'..=b'7'));
    }
    all(unsigned(text), |byte| byte.is_ascii_digit())
}

fn is_float(text: &str) -> bool {
    match text {
        ".nan" | ".NaN" | ".NAN" => true,
        _ => matches!(unsigned(text), ".inf" | ".Inf" | ".INF") || is_decimal(unsigned(text)),
    }
}

/// `(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?`
fn is_decimal(text: &str) -> bool {
    let (mantissa, exponent) = match text.find(['e', 'E']) {
        Some(at) => (&text[..at], Some(unsigned(&text[at + 1..]))),
        None => (text, None),
    };
    let (whole, part) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    digits(whole)
        && digits(part)
        && !(whole.is_empty() && part.is_empty())
        && exponent.is_none_or(|exponent| !exponent.is_empty() && digits(exponent))
}

fn unsigned(text: &str) -> &str {
    text.strip_prefix(['+', '-']).unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn semantic_31_plain_scalars_follow_the_core_schema() {
        for text in [
            "yes", "no", "on", "off", "y", "1_000", "0b1", "1e", ".", "+", "-", "0x", "0o8",
            "1.2.3",
        ] {
            assert_eq!(plain(text), Core::String, "{text}");
        }
        for text in
            ["-0xFF", "+0o7", "NaN", "Infinity", ".Nan", "+.nan", "tRue", "nULL", "1:30", "--1"]
        {
            assert_eq!(plain(text), Core::String, "{text}");
        }
        for text in ["", "~", "null", "Null", "NULL"] {
            assert_eq!(plain(text), Core::Null, "{text}");
        }
    }

    #[test]
    fn semantic_31_numbers_are_read_as_the_runner_reads_them() {
        let numbers = [
            ("0755", 755.0),
            ("-00755", -755.0),
            ("0o10", 8.0),
            ("0xff", 255.0),
            ("0xFFFFFFFF", -1.0),
            ("0x000000000001", 1.0),
            (".5", 0.5),
            ("5.", 5.0),
            ("+.5", 0.5),
            ("-1.2E+2", -120.0),
            ("+1", 1.0),
            ("-.Inf", f64::NEG_INFINITY),
            ("+.INF", f64::INFINITY),
            ("1e999", f64::INFINITY),
        ];
        for (text, expected) in numbers {
            assert_eq!((plain(text), number(text)), (Core::Number, Some(expected)), "{text}");
        }
        assert!(number(".NaN").is_some_and(f64::is_nan));
        assert_eq!(number("0x100000000"), None);
        assert_eq!(number("0o77777777777"), None);
    }

    #[test]
    fn tags_choose_or_do_not_fit() {
        assert_eq!(CoreTag::String.apply("null"), Some(Core::String));
        assert_eq!(CoreTag::Integer.apply("0o10"), Some(Core::Number));
        assert_eq!(CoreTag::Integer.apply("1.5"), None);
        assert_eq!(CoreTag::Float.apply("1"), Some(Core::Number));
        assert_eq!(CoreTag::Float.apply("0x10"), None);
        assert_eq!(CoreTag::Boolean.apply("yes"), None);
        assert_eq!(CoreTag::Null.apply(""), Some(Core::Null));
    }
}
