//! The id of a run is the moment it started, and a number where several started in the same second.

use std::{fmt, time::SystemTime};

use jiff::{Timestamp, tz::TimeZone};

/// Names a run among those of its repository: `20261121-075800`, or `20261121-075800-2` for the second
/// that started in that second. UTC. Later ids are greater.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RunId {
    /// `20261121-075800`.
    moment: String,
    /// From 1.
    number: u32,
}

impl RunId {
    /// The first id for a run that starts at `now`.
    pub(crate) fn at(now: SystemTime) -> Self {
        let moment = Timestamp::try_from(now).unwrap_or(Timestamp::UNIX_EPOCH);
        let moment = moment.to_zoned(TimeZone::UTC).strftime("%Y%m%d-%H%M%S").to_string();
        Self { moment, number: 1 }
    }

    /// The id after this one in the same second.
    pub(crate) fn next(self) -> Self {
        Self { number: self.number.saturating_add(1), ..self }
    }

    /// Reads an id; `None` for anything that is not exactly one.
    pub fn parse(text: &str) -> Option<Self> {
        let (moment, rest) = text.split_at_checked(15)?;
        let is_moment = moment.bytes().enumerate().all(|(at, byte)| match at {
            8 => byte == b'-',
            _ => byte.is_ascii_digit(),
        });
        let number = match rest.strip_prefix('-') {
            None if rest.is_empty() => 1,
            Some(digits)
                if digits.bytes().all(|b| b.is_ascii_digit()) && !digits.starts_with('0') =>
            {
                digits.parse().ok().filter(|&number| number > 1)?
            }
            _ => return None,
        };
        is_moment.then(|| Self { moment: moment.to_owned(), number })
    }
}

impl fmt::Display for RunId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.moment)?;
        if self.number > 1 { write!(f, "-{}", self.number) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn an_id_is_its_moment_and_reads_back() {
        let id = RunId::at(SystemTime::UNIX_EPOCH + Duration::from_secs(1_795_247_880));
        assert_eq!(id.to_string(), "20261121-075800");
        assert_eq!(id.clone().next().to_string(), "20261121-075800-2");
        assert_eq!(RunId::parse("20261121-075800"), Some(id.clone()));
        assert_eq!(RunId::parse("20261121-075800-2"), Some(id.next()));
    }

    #[test]
    fn later_is_greater_even_beyond_nine() {
        let second = RunId::parse("20261121-075800-2").unwrap();
        let tenth = RunId::parse("20261121-075800-10").unwrap();
        assert!(second < tenth && tenth < RunId::parse("20261121-075801").unwrap());
    }

    #[test]
    fn other_names_are_no_ids() {
        for name in [
            "",
            "x",
            "20261121075800",
            "20261121-07580x",
            "20261121-075800-1",
            "20261121-075800-02",
            "20261121-075800-",
            "20261121-075800/..",
            ".removing-1",
            "é0261121-07580",
        ] {
            assert_eq!(RunId::parse(name), None, "{name}");
        }
    }
}
