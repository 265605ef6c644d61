//! Reads and prints numbers as the runner's .NET does.

/// Prints `number` with up to 15 significant digits: .NET's `G15`, with `-0` as `0`.
pub(crate) fn print(number: f64) -> String {
    if number.is_nan() {
        return "NaN".to_owned();
    }
    if number.is_infinite() {
        return if number > 0.0 { "Infinity" } else { "-Infinity" }.to_owned();
    }
    if number.trunc() == number && number.abs() < 1e15 {
        return (number as i64).to_string();
    }
    print_digits(number)
}

fn print_digits(number: f64) -> String {
    let rounded = format!("{:.14e}", number.abs());
    let (mantissa, exponent) = rounded.split_once('e').unwrap_or((&rounded, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    let digits: String = mantissa.chars().filter(char::is_ascii_digit).collect();
    let digits = digits.trim_end_matches('0');
    let sign = if number < 0.0 { "-" } else { "" };
    let body = match exponent {
        -4..0 => format!("0.{}{digits}", "0".repeat(exponent.unsigned_abs() as usize - 1)),
        0..15 => positional(digits, exponent as usize + 1),
        _ => scientific(digits, exponent),
    };
    format!("{sign}{body}")
}

fn positional(digits: &str, whole: usize) -> String {
    match digits.split_at_checked(whole) {
        Some((whole, "")) => whole.to_owned(),
        Some((whole, fraction)) => format!("{whole}.{fraction}"),
        None => format!("{digits}{}", "0".repeat(whole - digits.len())),
    }
}

fn scientific(digits: &str, exponent: i32) -> String {
    let sign = if exponent < 0 { '-' } else { '+' };
    let exponent = exponent.unsigned_abs();
    match digits.split_at_checked(1) {
        Some((first, rest)) if !rest.is_empty() => format!("{first}.{rest}E{sign}{exponent:02}"),
        _ => format!("{digits}E{sign}{exponent:02}"),
    }
}

/// Reads a number as the runner's `ExpressionUtility.ParseNumber`: NaN when `text` is none.
///
/// Blanks around it are allowed and an empty text is 0. `0x` and `0o` digits are 32-bit integers
/// without a sign of their own, so `0xffffffff` is -1 and a ninth digit makes it NaN.
pub(crate) fn parse(text: &str) -> f64 {
    let text = text.trim();
    if text.is_empty() {
        return 0.0;
    }
    if let Some(digits) = text.strip_prefix("0x") {
        return radix(digits, 16);
    }
    if let Some(digits) = text.strip_prefix("0o") {
        return radix(digits, 8);
    }
    if is_decimal(text) || is_infinity(text) {
        return text.parse().unwrap_or(f64::NAN);
    }
    f64::NAN
}

fn radix(digits: &str, radix: u32) -> f64 {
    if !digits.chars().all(|c| c.is_digit(radix)) {
        return f64::NAN;
    }
    u32::from_str_radix(digits, radix).map_or(f64::NAN, |bits| f64::from(bits.cast_signed()))
}

fn is_infinity(text: &str) -> bool {
    text.strip_prefix(['+', '-']).unwrap_or(text).eq_ignore_ascii_case("infinity")
}

fn is_decimal(text: &str) -> bool {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (unsigned, None),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let exponent = exponent.is_none_or(|exponent| {
        let exponent = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
        !exponent.is_empty() && digits(exponent)
    });
    exponent && digits(whole) && digits(fraction) && !(whole.is_empty() && fraction.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn semantic_29_numbers_print_with_fifteen_digits() {
        for (number, text) in [
            (1_587_106_672_383_760_000.0, "1.58710667238376E+18"),
            (-0.0, "0"),
            (0.1 + 0.2, "0.3"),
            (1e15, "1E+15"),
            (999_999_999_999_999.0, "999999999999999"),
            (123_456.789, "123456.789"),
            (0.0001, "0.0001"),
            (0.000_01, "1E-05"),
            (-1.25e-7, "-1.25E-07"),
            (1e100, "1E+100"),
            (f64::NEG_INFINITY, "-Infinity"),
        ] {
            assert_eq!(print(number), text);
        }
    }

    #[test]
    fn semantic_29_literals_of_every_base_are_read() {
        for (text, number) in [
            (" 0x1F ", 31.0),
            ("0o17", 15.0),
            (".5", 0.5),
            ("5.", 5.0),
            ("+1", 1.0),
            ("1e3", 1000.0),
            ("", 0.0),
            ("0xffffffff", -1.0),
            ("infinity", f64::INFINITY),
            ("1e400", f64::INFINITY),
        ] {
            assert_eq!(parse(text), number, "{text}");
        }
        for text in
            ["-0xFF", "0x01p2", "0x", "0o8", ".", "1e", "1_000", "inf", "nan", "0x100000000"]
        {
            assert!(parse(text).is_nan(), "{text}");
        }
    }
}
