//! Colours, where a person wants them.

use std::fmt::{self, Display};

use anstyle::{AnsiColor, Style};
use plim_host::Environment;

use crate::args::ColorChoice;

/// Paints text, or leaves it as it is.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Paint {
    on: bool,
}

impl Paint {
    /// No colours.
    pub(crate) const fn plain() -> Self {
        Self { on: false }
    }

    /// Colours.
    #[cfg(test)]
    pub(crate) const fn colored() -> Self {
        Self { on: true }
    }

    /// Decides for a stream that is a terminal or not.
    ///
    /// `NO_COLOR` (no-color.org), `CLICOLOR_FORCE` and `TERM=dumb` count when nothing else was asked for. GitHub
    /// shows colours in logs that are no terminal.
    pub(crate) fn choose(
        choice: ColorChoice,
        environment: &Environment,
        is_terminal: bool,
    ) -> Self {
        let set = |name: &str| environment.text(name).is_some_and(|value| value != "0");
        let on = match choice {
            ColorChoice::Always => true,
            ColorChoice::Never => false,
            ColorChoice::Auto if environment.text("NO_COLOR").is_some() => false,
            ColorChoice::Auto if set("CLICOLOR_FORCE") || set("GITHUB_ACTIONS") => true,
            ColorChoice::Auto => is_terminal && environment.text("TERM") != Some("dumb"),
        };
        Self { on }
    }

    /// Whether it paints.
    pub(crate) fn is_on(self) -> bool {
        self.on
    }

    pub(crate) fn good<T: Display>(self, text: T) -> Painted<T> {
        self.with(AnsiColor::Green.on_default(), text)
    }

    pub(crate) fn bad<T: Display>(self, text: T) -> Painted<T> {
        self.with(AnsiColor::Red.on_default().bold(), text)
    }

    pub(crate) fn doubtful<T: Display>(self, text: T) -> Painted<T> {
        self.with(AnsiColor::Yellow.on_default(), text)
    }

    pub(crate) fn active<T: Display>(self, text: T) -> Painted<T> {
        self.with(AnsiColor::Cyan.on_default(), text)
    }

    pub(crate) fn strong<T: Display>(self, text: T) -> Painted<T> {
        self.with(Style::new().bold(), text)
    }

    pub(crate) fn faint<T: Display>(self, text: T) -> Painted<T> {
        self.with(Style::new().dimmed(), text)
    }

    fn with<T: Display>(self, style: Style, text: T) -> Painted<T> {
        Painted { style: if self.on { style } else { Style::new() }, text }
    }
}

/// Text with its colour.
pub(crate) struct Painted<T> {
    style: Style,
    text: T,
}

impl<T: Display> Display for Painted<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}{:#}", self.style, self.text, self.style)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn choose(choice: ColorChoice, variables: &[(&str, &str)], is_terminal: bool) -> bool {
        let environment = variables.iter().copied().collect();
        Paint::choose(choice, &environment, is_terminal).is_on()
    }

    #[test]
    fn a_terminal_gets_colours_unless_somebody_objects() {
        use ColorChoice::{Always, Auto, Never};
        assert!(choose(Auto, &[("TERM", "xterm")], true));
        assert!(!choose(Auto, &[("TERM", "xterm")], false));
        assert!(!choose(Auto, &[("TERM", "dumb")], true));
        assert!(!choose(Auto, &[("NO_COLOR", "1")], true));
        assert!(choose(Auto, &[("NO_COLOR", "")], true), "an empty NO_COLOR does not count");
        assert!(choose(Auto, &[("CLICOLOR_FORCE", "1")], false));
        assert!(choose(Auto, &[("GITHUB_ACTIONS", "true")], false));
        assert!(choose(Always, &[("NO_COLOR", "1")], false));
        assert!(!choose(Never, &[("CLICOLOR_FORCE", "1")], true));
    }

    #[test]
    fn plain_paint_adds_nothing() {
        assert_eq!(Paint::plain().bad("x").to_string(), "x");
        assert_eq!(Paint::colored().good("x").to_string(), "\u{1b}[32mx\u{1b}[0m");
    }
}
