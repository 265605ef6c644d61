//! The definition of problem matchers in JSON, and what makes one invalid.

use std::{fmt, sync::Arc};

use fancy_regex::{Regex, RegexBuilder};
use serde_json::Value;

use super::{dialect, same};
use crate::event::Level;

/// How often an expression may step back on one line before its matcher is dropped.
const BACKTRACK_LIMIT: usize = 1_000_000;

/// A matcher file that is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MatcherError {
    message: String,
}

impl MatcherError {
    fn new(message: impl Into<String>) -> Self {
        Self { message: message.into() }
    }

    /// What to do about it.
    pub fn help(&self) -> &'static str {
        "see github.com/actions/toolkit/blob/main/docs/problem-matchers.md for the form of a matcher"
    }
}

impl fmt::Display for MatcherError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for MatcherError {}

/// A matcher that is ready to be tried.
#[derive(Debug)]
pub(super) struct Matcher {
    pub(super) owner: String,
    pub(super) severity: Option<String>,
    pub(super) from_path: Option<String>,
    /// At least one.
    pub(super) patterns: Vec<Pattern>,
}

/// One line of what a matcher looks for.
#[derive(Debug)]
pub(super) struct Pattern {
    pub(super) regex: Regex,
    /// The group that holds each property.
    pub(super) groups: [Option<usize>; Property::ALL.len()],
    /// The pattern matches again and again, each time with what the patterns before it found.
    pub(super) again: bool,
}

/// What a group of a pattern can hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Property {
    File,
    Line,
    Column,
    Severity,
    Code,
    Message,
    FromPath,
}

impl Property {
    pub(super) const ALL: [Self; 7] = [
        Self::File,
        Self::Line,
        Self::Column,
        Self::Severity,
        Self::Code,
        Self::Message,
        Self::FromPath,
    ];

    fn key(self) -> &'static str {
        match self {
            Self::File => "file",
            Self::Line => "line",
            Self::Column => "column",
            Self::Severity => "severity",
            Self::Code => "code",
            Self::Message => "message",
            Self::FromPath => "fromPath",
        }
    }
}

/// What a file says of one matcher, before it is judged.
pub(super) struct Definition<'a> {
    pub(super) owner: String,
    severity: Option<&'a str>,
    from_path: Option<&'a str>,
    patterns: &'a [Value],
}

/// Reads and judges a matcher file. A file that defines none is no error.
pub(super) fn matchers(json: &str) -> Result<Vec<Arc<Matcher>>, MatcherError> {
    let value = parse(json)?;
    let definitions = definitions(&value)?;
    for (i, definition) in definitions.iter().enumerate() {
        if definitions[..i].iter().any(|other| same(&other.owner, &definition.owner)) {
            return Err(MatcherError::new(format!(
                "two matchers have the owner `{}`",
                definition.owner
            )));
        }
    }
    definitions.iter().map(|definition| matcher(definition).map(Arc::new)).collect()
}

/// Reads a matcher file without judging its patterns.
pub(super) fn read(json: &str) -> Result<Vec<Definition<'static>>, MatcherError> {
    let value = parse(json)?;
    let owners = definitions(&value)?.into_iter().map(|definition| definition.owner);
    let only = |owner| Definition { owner, severity: None, from_path: None, patterns: &[] };
    Ok(owners.map(only).collect())
}

fn parse(json: &str) -> Result<Value, MatcherError> {
    let plain = dialect::plain_json(json);
    serde_json::from_str(&plain)
        .map_err(|error| MatcherError::new(format!("the matcher file is not JSON: {error}")))
}

fn definitions(value: &Value) -> Result<Vec<Definition<'_>>, MatcherError> {
    match get(value, "problemMatcher") {
        None => Ok(Vec::new()),
        Some(Value::Array(list)) => list.iter().map(definition).collect(),
        Some(_) => Err(MatcherError::new("`problemMatcher` is not a list")),
    }
}

fn definition(value: &Value) -> Result<Definition<'_>, MatcherError> {
    let owner = text(value, "owner")?.unwrap_or_default().to_owned();
    let patterns = match get(value, "pattern") {
        None => &[],
        Some(Value::Array(list)) => list.as_slice(),
        Some(_) => return Err(MatcherError::new(format!("`pattern` of `{owner}` is not a list"))),
    };
    let (severity, from_path) = (text(value, "severity")?, text(value, "fromPath")?);
    Ok(Definition { owner, severity, from_path, patterns })
}

fn matcher(definition: &Definition<'_>) -> Result<Matcher, MatcherError> {
    let owner = &definition.owner;
    if owner.is_empty() {
        return Err(MatcherError::new("a matcher has no owner"));
    }
    if let Some(severity) = definition.severity.filter(|severity| level(severity).is_none()) {
        return Err(MatcherError::new(format!(
            "the severity `{severity}` of `{owner}` is unknown"
        )));
    }
    let mut patterns = Vec::new();
    for (i, value) in definition.patterns.iter().enumerate() {
        let pattern = pattern(value).map_err(|error| about(owner, &error))?;
        let last = i + 1 == definition.patterns.len();
        if pattern.again && (i == 0 || !last) {
            return Err(about(owner, "only the last of several patterns may set `loop`"));
        }
        patterns.push(pattern);
    }
    only_once(&patterns).map_err(|error| about(owner, &error))?;
    let own = |text: Option<&str>| text.filter(|text| !text.is_empty()).map(str::to_owned);
    Ok(Matcher {
        owner: owner.clone(),
        severity: own(definition.severity),
        from_path: own(definition.from_path),
        patterns,
    })
}

fn about(owner: &str, what: &str) -> MatcherError {
    MatcherError::new(format!("matcher `{owner}`: {what}"))
}

fn only_once(patterns: &[Pattern]) -> Result<(), String> {
    if patterns.is_empty() {
        return Err("it has no pattern".into());
    }
    for property in Property::ALL {
        let times = patterns.iter().filter(|pattern| pattern.groups[property as usize].is_some());
        let (times, key) = (times.count(), property.key());
        if times > 1 {
            return Err(format!("`{key}` is set by {times} patterns"));
        }
        if times == 0 && property == Property::Message {
            return Err("no pattern sets `message`".into());
        }
    }
    Ok(())
}

fn pattern(value: &Value) -> Result<Pattern, String> {
    let expression = text(value, "regexp").map_err(|error| error.message)?.unwrap_or_default();
    let regex = RegexBuilder::new(&dialect::fancy(expression))
        .backtrack_limit(BACKTRACK_LIMIT)
        .build()
        .map_err(|error| format!("`{expression}` is no regular expression: {error}"))?;
    let numbers = group_numbers(&regex);
    let mut groups = [None; Property::ALL.len()];
    for property in Property::ALL {
        let Some(number) = integer(value, property.key())? else { continue };
        let group = usize::try_from(number).ok().and_then(|number| numbers.get(number));
        let out =
            || format!("`{}` is {number}, and `{expression}` has no such group", property.key());
        groups[property as usize] = Some(*group.ok_or_else(out)?);
    }
    let again = boolean(value, "loop")?;
    if again && groups[Property::Message as usize].is_none() {
        return Err("the pattern with `loop` must set `message`".into());
    }
    Ok(Pattern { regex, groups, again })
}

/// The group of `regex` that each number means: .NET numbers groups with names after those without.
fn group_numbers(regex: &Regex) -> Vec<usize> {
    let names: Vec<_> = regex.capture_names().collect();
    let named = |is: bool| {
        let names = &names;
        (1..names.len()).filter(move |i| names[*i].is_some() == is)
    };
    [0].into_iter().chain(named(false)).chain(named(true)).collect()
}

pub(super) fn level(severity: &str) -> Option<Level> {
    match severity.to_ascii_lowercase().as_str() {
        "" | "error" => Some(Level::Error),
        "warning" => Some(Level::Warning),
        "notice" => Some(Level::Notice),
        _ => None,
    }
}

/// Newtonsoft, which the runner reads with, takes keys in any case and numbers in quotes.
fn get<'a>(value: &'a Value, key: &str) -> Option<&'a Value> {
    let object = value.as_object()?;
    let found = object
        .get(key)
        .or_else(|| object.iter().find(|(name, _)| same(name, key)).map(|pair| pair.1));
    found.filter(|value| !value.is_null())
}

fn text<'a>(value: &'a Value, key: &str) -> Result<Option<&'a str>, MatcherError> {
    match get(value, key) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(MatcherError::new(format!("`{key}` is not a text"))),
    }
}

fn integer(value: &Value, key: &str) -> Result<Option<i64>, String> {
    let Some(found) = get(value, key) else { return Ok(None) };
    let number = found.as_i64().or_else(|| found.as_str()?.trim().parse().ok());
    number.map(Some).ok_or_else(|| format!("`{key}` is not a whole number"))
}

fn boolean(value: &Value, key: &str) -> Result<bool, String> {
    match get(value, key) {
        None => Ok(false),
        Some(Value::Bool(yes)) => Ok(*yes),
        Some(Value::String(word)) if same(word, "true") => Ok(true),
        Some(Value::String(word)) if same(word, "false") => Ok(false),
        Some(_) => Err(format!("`{key}` is neither `true` nor `false`")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(matcher: &str) -> String {
        let json = format!(r#"{{"problemMatcher": [{matcher}]}}"#);
        matchers(&json).unwrap_err().to_string()
    }

    fn accepted(matcher: &str) {
        let json = format!(r#"{{"problemMatcher": [{matcher}]}}"#);
        assert!(matchers(&json).is_ok(), "{:?}", matchers(&json));
    }

    #[test]
    fn only_the_last_of_several_patterns_may_loop() {
        assert_eq!(
            refused(
                r#"{"owner": "m", "pattern": [{"regexp": "(.+)", "message": 1, "loop": true}]}"#
            ),
            "matcher `m`: only the last of several patterns may set `loop`"
        );
        assert_eq!(
            refused(
                r#"{"owner": "m", "pattern": [{"regexp": "(e)", "severity": 1},
                    {"regexp": "(.+)", "message": 1, "loop": true}, {"regexp": "(.+)", "file": 1}]}"#
            ),
            "matcher `m`: only the last of several patterns may set `loop`"
        );
        assert_eq!(
            refused(
                r#"{"owner": "m", "pattern": [{"regexp": "(.+)", "message": 1},
                    {"regexp": "(.+)", "file": 1, "loop": true}]}"#
            ),
            "matcher `m`: the pattern with `loop` must set `message`"
        );
        accepted(
            r#"{"owner": "m", "pattern": [{"regexp": "(.+)", "file": 1},
                {"regexp": "(.+)", "message": 1, "loop": true}]}"#,
        );
    }

    #[test]
    fn a_message_is_set_once_and_owners_are_distinct() {
        assert_eq!(
            refused(r#"{"owner": "m", "pattern": [{"regexp": "(.+)", "file": 1}]}"#),
            "matcher `m`: no pattern sets `message`"
        );
        accepted(
            r#"{"owner": "m", "pattern": [{"regexp": "(.+)", "message": 1}, {"regexp": "(.+)", "file": 1}]}"#,
        );
        assert_eq!(
            refused(
                r#"{"owner": "m", "pattern": [{"regexp": "(.+)", "file": 1}, {"regexp": "(.+)", "file": 1},
                    {"regexp": "(.+)", "message": 1}]}"#
            ),
            "matcher `m`: `file` is set by 2 patterns"
        );
        let one = r#"{"owner": "a", "pattern": [{"regexp": "x", "message": 0}]}"#;
        assert_eq!(
            refused(&format!("{one}, {}", one.replace('a', "A"))),
            "two matchers have the owner `A`"
        );
    }

    #[test]
    fn owner_patterns_severity_and_groups_are_checked() {
        assert_eq!(refused(r#"{"owner": "", "pattern": []}"#), "a matcher has no owner");
        assert_eq!(refused(r#"{"owner": "m", "pattern": []}"#), "matcher `m`: it has no pattern");
        assert_eq!(refused(r#"{"owner": "m"}"#), "matcher `m`: it has no pattern");
        assert_eq!(
            refused(r#"{"owner": "m", "severity": "bad"}"#),
            "the severity `bad` of `m` is unknown"
        );
        for number in ["2", "-1"] {
            assert_eq!(
                refused(&format!(
                    r#"{{"owner": "m", "pattern": [{{"regexp": "^(.+)$", "message": {number}}}]}}"#
                )),
                format!("matcher `m`: `message` is {number}, and `^(.+)$` has no such group")
            );
        }
        assert!(
            refused(r#"{"owner": "m", "pattern": [{"regexp": "(", "message": 0}]}"#)
                .starts_with("matcher `m`: `(` is no regular expression: ")
        );
    }

    #[test]
    fn files_are_read_as_leniently_as_the_runner_does() {
        let list = matchers(
            "{ // comment
               \"ProblemMatcher\": [ { \"OWNER\": \"m\", /* x */
               \"pattern\": [ { \"regexp\": \"a//b(.)\", \"message\": \"1\", }, ], }, ], }",
        )
        .unwrap();
        assert_eq!(list.len(), 1);
        assert!(matchers("{}").unwrap().is_empty());
        assert!(matchers(r#"{"problemMatcher": null}"#).unwrap().is_empty());
        for bad in
            ["", "{", "[", r#"{"problemMatcher": {}}"#, r#"{"problemMatcher": [{"owner": 1}]}"#]
        {
            assert!(matchers(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn named_groups_are_numbered_last() {
        let regex = Regex::new("(?<n>a)(b)(?<m>c)(d)").unwrap();
        assert_eq!(group_numbers(&regex), [0, 2, 4, 1, 3]);
    }
}
