//! Workflow commands: lines like `::warning file=a.rs,line=1::message` that a step prints for its runner.

mod commands;
mod effect;
mod place;

pub use commands::{Commands, Handled, Permissions};
pub use effect::{CommandError, CommandErrorKind, Effect, Removal};

/// The command after which no other counts until its token comes.
pub(crate) const STOP: &str = "stop-commands";

/// The names that make a line a command; any other name is plain text.
const KNOWN: &[&str] = &[
    "add-mask",
    "add-matcher",
    "add-path",
    "debug",
    "echo",
    "endgroup",
    "error",
    "group",
    "notice",
    "remove-matcher",
    "save-state",
    "set-env",
    "set-output",
    STOP,
    "warning",
];

/// The names that are commands at this moment, letters of either case.
#[derive(Clone, Debug, Default)]
pub struct Registered {
    /// The token that ends `stop-commands`, which is a command while it is waited for.
    token: Option<String>,
}

impl Registered {
    /// True when `name` is a command.
    pub fn contains(&self, name: &str) -> bool {
        let known = KNOWN.iter().any(|known| known.eq_ignore_ascii_case(name));
        known || self.token.as_deref().is_some_and(|token| same(token, name))
    }
}

/// One command as it was printed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Command {
    /// As it was written; compare it without regard to case.
    pub name: String,
    /// What stands between name and data.
    pub properties: Properties,
    /// What follows, unescaped.
    pub data: String,
}

impl Command {
    /// Reads `line` as `::name k=v,k=v::data`, else as `##[name k=v;k=v]data`.
    ///
    /// The first form may have blanks before it, the second anything. None when the line is of neither form or
    /// the name is not a command, as in the runner's `ActionCommand`.
    pub fn parse(line: &str, registered: &Registered) -> Option<Self> {
        Self::parse_colons(line, registered).or_else(|| Self::parse_bracket(line, registered))
    }

    fn parse_colons(line: &str, registered: &Registered) -> Option<Self> {
        let (head, data) = line.trim_start().strip_prefix("::")?.split_once("::")?;
        let (name, properties) = name_and_properties(head, registered)?;
        let properties = Properties::parse(properties.trim(), ',', PROPERTY);
        Some(Self { name: name.to_owned(), properties, data: unescape(data, DATA) })
    }

    fn parse_bracket(line: &str, registered: &Registered) -> Option<Self> {
        let (_, rest) = line.split_once("##[")?;
        let (head, data) = rest.split_once(']')?;
        let (name, properties) = name_and_properties(head, registered)?;
        let properties = Properties::parse(properties, ';', BRACKET);
        Some(Self { name: name.to_owned(), properties, data: unescape(data, BRACKET) })
    }
}

/// The `k=v` of a command, letters of either case.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Properties(Vec<(String, String)>);

impl Properties {
    /// The value of `name`; never empty, because `k=` is no property.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| same(known, name)).map(|(_, value)| value.as_str())
    }

    /// Names and values in the order in which they were written.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    // Blanks around a name belong to it: in `file=a, line=1` the second name is ` line`, which means nothing.
    fn parse(text: &str, separator: char, escapes: &[Escape]) -> Self {
        let mut properties = Self::default();
        for property in text.split(separator) {
            let Some((name, value)) = property.trim_start_matches('=').split_once('=') else {
                continue;
            };
            let value = value.trim_start_matches('=');
            if !value.is_empty() {
                properties.set(name, unescape(value, escapes));
            }
        }
        properties
    }

    fn set(&mut self, name: &str, value: String) {
        match self.0.iter_mut().find(|(known, _)| same(known, name)) {
            Some((_, old)) => *old = value,
            None => self.0.push((name.to_owned(), value)),
        }
    }
}

/// True when two names differ in the case of their letters at most.
fn same(one: &str, other: &str) -> bool {
    one.eq_ignore_ascii_case(other) || one.to_uppercase() == other.to_uppercase()
}

fn name_and_properties<'a>(head: &'a str, registered: &Registered) -> Option<(&'a str, &'a str)> {
    let (name, properties) = head.split_once(' ').unwrap_or((head, ""));
    registered.contains(name).then_some((name, properties))
}

type Escape = (&'static str, &'static str);

// `%25` is last: what it yields is not unescaped again.
const DATA: &[Escape] = &[("%0D", "\r"), ("%0A", "\n"), ("%25", "%")];
const PROPERTY: &[Escape] =
    &[("%0D", "\r"), ("%0A", "\n"), ("%3A", ":"), ("%2C", ","), ("%25", "%")];
const BRACKET: &[Escape] =
    &[("%3B", ";"), ("%0D", "\r"), ("%0A", "\n"), ("%5D", "]"), ("%25", "%")];

fn unescape(text: &str, escapes: &[Escape]) -> String {
    if !text.contains('%') {
        return text.to_owned();
    }
    escapes.iter().fold(text.to_owned(), |text, (escaped, plain)| text.replace(escaped, plain))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Name, properties and data.
    type Parsed = (String, Vec<(String, String)>, String);

    fn parse(line: &str) -> Option<Parsed> {
        let registered = Registered { token: Some("do-something".into()) };
        let command = Command::parse(line, &registered)?;
        let properties =
            command.properties.iter().map(|(name, value)| (name.into(), value.into())).collect();
        Some((command.name, properties, command.data))
    }

    fn command(properties: &[(&str, &str)], data: &str) -> Option<Parsed> {
        let properties =
            properties.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
        Some(("do-something".into(), properties, data.into()))
    }

    #[test]
    fn semantic_22_commands_in_colons() {
        assert_eq!(parse("::do-something k1=v1,::msg"), command(&[("k1", "v1")], "msg"));
        assert_eq!(parse("::do-something::"), command(&[], ""));
        assert_eq!(parse("::do-something k1=v1::"), command(&[("k1", "v1")], ""));
        assert_eq!(parse(" \t ::do-something k1=v1,::msg"), command(&[("k1", "v1")], "msg"));
        assert_eq!(parse("::do-something k1=,k2=,::"), command(&[], ""));
        assert_eq!(parse("::do-something k1=a,K1=b::"), command(&[("k1", "b")], ""));
        assert_eq!(parse("::do-something a=1, b=2::"), command(&[("a", "1"), (" b", "2")], ""));
        assert_eq!(
            parse("::do-something a==1,=b=2,c::x::y"),
            command(&[("a", "1"), ("b", "2")], "x::y")
        );
        for text in [
            "   >>>   ::do-something k1=v1,::msg",
            "::do-something:msg",
            ":: do-something::",
            "::other::x",
            "",
            "::",
            "::::",
        ] {
            assert_eq!(parse(text), None, "{text:?}");
        }
    }

    #[test]
    fn semantic_22_percent_25_is_unescaped_last() {
        assert_eq!(
            parse("::do-something k1=;=%2C=%0D=%0A=]=%3A,::;-%0D-%0A-]-:-,"),
            command(&[("k1", ";=,=\r=\n=]=:")], ";-\r-\n-]-:-,")
        );
        assert_eq!(
            parse("::do-something k1=;=%252C=%250D=%250A=]=%253A,::;-%250D-%250A-]-:-,"),
            command(&[("k1", ";=%2C=%0D=%0A=]=%3A")], ";-%0D-%0A-]-:-,")
        );
        assert_eq!(parse("::do-something::%3A%2C%0a"), command(&[], "%3A%2C%0a"));
    }

    #[test]
    fn semantic_22_commands_in_brackets() {
        assert_eq!(parse("##[do-something k1=v1;]msg"), command(&[("k1", "v1")], "msg"));
        assert_eq!(parse("##[do-something]"), command(&[], ""));
        assert_eq!(
            parse("##[do-something k1=%3B=%0D=%0A=%5D;]%3B-%0D-%0A-%5D"),
            command(&[("k1", ";=\r=\n=]")], ";-\r-\n-]")
        );
        assert_eq!(
            parse("##[do-something k1=%253B=%250D=%250A=%255D;]%253B-%250D-%250A-%255D"),
            command(&[("k1", "%3B=%0D=%0A=%5D")], "%3B-%0D-%0A-%5D")
        );
        assert_eq!(parse("##[do-something k1=;k2=;]"), command(&[], ""));
        assert_eq!(parse(">>>   ##[do-something k1=v1;]msg"), command(&[("k1", "v1")], "msg"));
        assert_eq!(parse("##[other]##[do-something]"), None);
    }

    #[test]
    fn names_are_commands_in_any_case_and_only_when_known() {
        let registered = Registered::default();
        assert!(Command::parse("::Add-Mask::x", &registered).is_some());
        assert!(Command::parse("::internal-set-repo-path::x", &registered).is_none());
        assert!(Command::parse("::do-something::x", &registered).is_none());
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(200))]

        #[test]
        fn no_line_makes_it_panic(line in "(::|##\\[|[a-z:\\]=,; %0-9A-F\u{e9}]){0,30}") {
            parse(&line);
        }

        #[test]
        fn what_is_escaped_is_read_back(value in "[%:,;a-z0-9A-F\r\n ]{1,20}", data in ".{0,20}") {
            prop_assume!(!value.trim_start_matches('=').is_empty());
            let escape = |text: &str| text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A");
            let property = escape(&value).replace(':', "%3A").replace(',', "%2C");
            let line = format!("::do-something k={property},x=1::{}", escape(&data));
            prop_assert_eq!(parse(&line), command(&[("k", &value), ("x", "1")], &data));
        }
    }
}
