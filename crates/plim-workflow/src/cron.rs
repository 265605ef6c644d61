//! A cron line says at which minutes a workflow starts.
//!
//! Five fields as in POSIX: minute, hour, day of month, month, day of week; with lists, ranges, steps, and the English
//! three-letter names of months and days. GitHub starts nothing more often than every five minutes.

use std::fmt;

/// GitHub starts a schedule at most once in this many minutes.
pub const SHORTEST_INTERVAL: u8 = 5;

/// The names that Gitea and Forgejo take for common lines.
pub const NICKNAMES: [&str; 7] =
    ["@yearly", "@annually", "@monthly", "@weekly", "@daily", "@midnight", "@hourly"];

/// A parsed cron line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cron {
    /// The minutes of an hour, ascending.
    pub minutes: Vec<u8>,
    /// The hours of a day, ascending.
    pub hours: Vec<u8>,
    /// The days of a month, ascending.
    pub days: Vec<u8>,
    /// The months, ascending from 1.
    pub months: Vec<u8>,
    /// The days of a week, ascending from Sunday, 0.
    pub weekdays: Vec<u8>,
}

/// Why a cron line is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CronError {
    /// It has another number of fields than five; how many.
    Fields(usize),
    /// A field is wrong: the field's name, the part of it, and what is wrong with that.
    Field {
        /// `minute` and so on.
        field: &'static str,
        /// The part of the field, as it is written.
        part: String,
        /// What is wrong.
        problem: Problem,
    },
}

/// What is wrong with a part of a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Problem {
    /// It is no number, name, range or step.
    Syntax,
    /// Its number is outside the first and last value of the field.
    Outside(u8, u8),
    /// Its range runs backward.
    Backward,
    /// It steps by nothing.
    NoStep,
}

impl fmt::Display for CronError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Fields(fields) => write!(f, "a cron line has five fields, and this has {fields}"),
            Self::Field { field, part, problem } => match problem {
                Problem::Syntax => write!(f, "`{part}` is no {field}"),
                Problem::Outside(first, last) => {
                    write!(f, "the {field} `{part}` is not in {first} to {last}")
                }
                Problem::Backward => write!(f, "the range `{part}` of the {field} runs backward"),
                Problem::NoStep => write!(f, "`{part}` of the {field} steps by nothing"),
            },
        }
    }
}

impl std::error::Error for CronError {}

struct Field {
    name: &'static str,
    first: u8,
    last: u8,
    /// Names of the values from `first` on.
    names: &'static [&'static str],
}

const MINUTE: Field = Field { name: "minute", first: 0, last: 59, names: &[] };
const HOUR: Field = Field { name: "hour", first: 0, last: 23, names: &[] };
const DAY: Field = Field { name: "day of the month", first: 1, last: 31, names: &[] };
const MONTH: Field = Field {
    name: "month",
    first: 1,
    last: 12,
    names: &["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"],
};
const WEEKDAY: Field = Field {
    name: "day of the week",
    first: 0,
    last: 6,
    names: &["sun", "mon", "tue", "wed", "thu", "fri", "sat"],
};

impl Cron {
    /// Parses `line`.
    ///
    /// Errors: every [`CronError`].
    pub fn parse(line: &str) -> Result<Self, CronError> {
        let fields: Vec<&str> = line.split_ascii_whitespace().collect();
        let &[minutes, hours, days, months, weekdays] = fields.as_slice() else {
            return Err(CronError::Fields(fields.len()));
        };
        Ok(Self {
            minutes: MINUTE.values(minutes)?,
            hours: HOUR.values(hours)?,
            days: DAY.values(days)?,
            months: MONTH.values(months)?,
            weekdays: WEEKDAY.values(weekdays)?,
        })
    }

    /// The least number of minutes between two starts within the hours that have any.
    #[must_use]
    pub fn shortest_interval(&self) -> u8 {
        let gaps = self.minutes.windows(2).map(|pair| pair[1] - pair[0]);
        let across = match (self.minutes.first(), self.minutes.last()) {
            (Some(first), Some(last)) => 60 + first - last,
            _ => 60,
        };
        gaps.chain([across]).min().unwrap_or(60)
    }
}

impl Field {
    fn values(&self, text: &str) -> Result<Vec<u8>, CronError> {
        let mut values = Vec::new();
        for part in text.split(',') {
            let parsed = self.part(part);
            values.extend(parsed.map_err(|problem| CronError::Field {
                field: self.name,
                part: part.to_owned(),
                problem,
            })?);
        }
        values.sort_unstable();
        values.dedup();
        Ok(values)
    }

    fn part(&self, part: &str) -> Result<Vec<u8>, Problem> {
        let (range, step) = match part.split_once('/') {
            Some((range, step)) => (range, Some(number(step)?)),
            None => (part, None),
        };
        let (from, to) = match range.split_once('-') {
            _ if range == "*" => (self.first, self.last),
            Some((from, to)) => (self.value(from)?, self.value(to)?),
            // `5/15` means from 5 on.
            None if step.is_some() => (self.value(range)?, self.last),
            None => (self.value(range)?, self.value(range)?),
        };
        if from > to {
            return Err(Problem::Backward);
        }
        match step {
            Some(0) => Err(Problem::NoStep),
            step => Ok((from..=to).step_by(usize::from(step.unwrap_or(1))).collect()),
        }
    }

    fn value(&self, text: &str) -> Result<u8, Problem> {
        if let Some(at) = self.names.iter().position(|name| name.eq_ignore_ascii_case(text)) {
            return Ok(self.first + u8::try_from(at).unwrap_or(0));
        }
        match number(text)? {
            value if (self.first..=self.last).contains(&value) => Ok(value),
            _ => Err(Problem::Outside(self.first, self.last)),
        }
    }
}

/// Digits; a number too large for any field is as good as the largest.
fn number(text: &str) -> Result<u8, Problem> {
    if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(Problem::Syntax);
    }
    Ok(text.parse().unwrap_or(u8::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_of_a_field_is_read() {
        let cron = Cron::parse("*/15 2,4-6 1-31/10 JAN,dec MON-fri").unwrap();
        assert_eq!(cron.minutes, [0, 15, 30, 45]);
        assert_eq!(cron.hours, [2, 4, 5, 6]);
        assert_eq!(cron.days, [1, 11, 21, 31]);
        assert_eq!(cron.months, [1, 12]);
        assert_eq!(cron.weekdays, [1, 2, 3, 4, 5]);
        assert_eq!(Cron::parse("50/5 * * * *").unwrap().minutes, [50, 55]);
    }

    #[test]
    fn what_is_wrong_is_named() {
        for (line, wanted) in [
            ("", "a cron line has five fields, and this has 0"),
            ("0 0 * *", "a cron line has five fields, and this has 4"),
            ("@daily", "a cron line has five fields, and this has 1"),
            ("60 0 * * *", "the minute `60` is not in 0 to 59"),
            ("0 24 * * *", "the hour `24` is not in 0 to 23"),
            ("0 0 0 * *", "the day of the month `0` is not in 1 to 31"),
            ("0 0 * mai *", "`mai` is no month"),
            ("0 0 * * 7", "the day of the week `7` is not in 0 to 6"),
            ("0 0 * * ?", "`?` is no day of the week"),
            ("5-1 * * * *", "the range `5-1` of the minute runs backward"),
            ("*/0 * * * *", "`*/0` of the minute steps by nothing"),
            ("1,,2 * * * *", "`` is no minute"),
            ("999999 * * * *", "the minute `999999` is not in 0 to 59"),
        ] {
            assert_eq!(Cron::parse(line).unwrap_err().to_string(), wanted, "{line}");
        }
    }

    #[test]
    fn the_shortest_interval_goes_around_the_hour() {
        let interval = |line: &str| Cron::parse(line).unwrap().shortest_interval();
        assert_eq!(interval("* * * * *"), 1);
        assert_eq!(interval("*/5 * * * *"), 5);
        assert_eq!(interval("0,58 * * * *"), 2);
        assert_eq!(interval("7 * * * *"), 60);
    }

    proptest::proptest! {
        #![proptest_config(proptest::prelude::ProptestConfig::with_cases(200))]

        #[test]
        fn any_text_is_parsed_or_refused(line in "[-*/,0-9a-z@ ?]{0,24}") {
            if let Ok(cron) = Cron::parse(&line) {
                proptest::prop_assert!(!cron.minutes.is_empty() && cron.shortest_interval() >= 1);
            }
        }
    }
}
