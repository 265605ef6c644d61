//! Follows the commands that one step prints: which count, which are shown, and what each does.

use super::{
    Command, CommandError, CommandErrorKind, Effect, Registered, Removal, STOP, place, same,
};
use crate::{
    environment_file,
    event::{Annotation, Level},
};

/// What became of a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Handled {
    /// It is no command, or commands are stopped: problem matchers and the log get it.
    Text,
    /// It was a command; nobody else gets the line.
    Command(Vec<Effect>),
}

/// What the workflow consents to, through variables of its own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Permissions {
    /// `set-env` and `add-path` work.
    pub unsecure_commands: bool,
    /// Any token ends `stop-commands`.
    pub unsecure_stop_tokens: bool,
}

impl Permissions {
    /// Reads them from the `env` context of the step, where `get` looks a variable up.
    pub fn read(get: impl Fn(&str) -> Option<String>) -> Self {
        let is = |name, words: &[&str]| {
            get(name).is_some_and(|value| words.contains(&value.trim().to_lowercase().as_str()))
        };
        Self {
            unsecure_commands: is("ACTIONS_ALLOW_UNSECURE_COMMANDS", &["true"]),
            unsecure_stop_tokens: is(
                "ACTIONS_ALLOW_UNSECURE_STOPCOMMAND_TOKENS",
                &["true", "1", "$true"],
            ),
        }
    }
}

/// The commands of one step, both of its streams together.
///
/// Stopping ends with the step; whether commands are shown is handed from a composite action to its steps.
#[derive(Clone, Debug)]
pub struct Commands {
    registered: Registered,
    echo: bool,
    workspace: String,
}

impl Commands {
    /// For a step that begins. `echo` shows commands as they come (as step debugging does); `workspace` is the
    /// path as steps see it.
    pub fn new(echo: bool, workspace: impl Into<String>) -> Self {
        Self { registered: Registered::default(), echo, workspace: workspace.into() }
    }

    /// True while commands are shown.
    pub fn echo(&self) -> bool {
        self.echo
    }

    /// Takes a line, without its end and before it is masked.
    pub fn take(&mut self, line: &str, permissions: Permissions) -> Handled {
        if !line.contains("::") && !line.contains("##[") {
            return Handled::Text;
        }
        let Some(command) = Command::parse(line, &self.registered) else { return Handled::Text };
        match &self.registered.token {
            Some(token) if same(token, &command.name) => Handled::Command(self.resume(line)),
            Some(_) => Handled::Text,
            None if same(&command.name, STOP) => {
                Handled::Command(self.stop(line, command.data, permissions))
            }
            None => Handled::Command(self.follow(line, &command, permissions)),
        }
    }

    fn resume(&mut self, line: &str) -> Vec<Effect> {
        self.registered.token = None;
        vec![Effect::Show(line.to_owned()), Effect::Debug("commands are followed again".into())]
    }

    fn stop(&mut self, line: &str, token: String, permissions: Permissions) -> Vec<Effect> {
        let guessable =
            token.is_empty() || same(&token, "pause-logging") || self.registered.contains(&token);
        if guessable && !permissions.unsecure_stop_tokens {
            return vec![fail(line, CommandErrorKind::Token { token })];
        }
        let mut effects = Vec::new();
        // Who reads the token in the log could print it; short ones are too common to mask.
        if token.encode_utf16().count() > 6 {
            effects.push(Effect::Mask(token.clone()));
        }
        effects.push(Effect::Show(line.to_owned()));
        effects.push(Effect::Debug("commands are not followed until the token comes".into()));
        self.registered.token = Some(token);
        effects
    }

    fn follow(&mut self, line: &str, command: &Command, permissions: Permissions) -> Vec<Effect> {
        let name = command.name.to_ascii_lowercase();
        let shown =
            self.echo && !matches!(&*name, "add-mask" | "debug" | "error" | "notice" | "warning");
        let mut effects = Vec::new();
        if shown {
            effects.push(Effect::Show(line.to_owned()));
        }
        match &*name {
            "add-mask" => effects.extend(self.mask(&command.data)),
            "add-matcher" => effects.push(add_matcher(&command.data)),
            "add-path" => effects.push(add_path(line, command, permissions)),
            "debug" => effects.push(Effect::Debug(command.data.clone())),
            "echo" => effects.push(self.set_echo(line, &command.data)),
            "endgroup" => effects.push(Effect::EndGroup),
            "error" => effects.extend(place::annotate(command, Level::Error, &self.workspace)),
            "group" => effects.push(Effect::Group(command.data.clone())),
            "notice" => effects.extend(place::annotate(command, Level::Notice, &self.workspace)),
            "remove-matcher" => effects.push(remove_matcher(command)),
            "save-state" => effects
                .extend(deprecated(line, command, |name, value| Effect::SaveState { name, value })),
            "set-env" => effects.push(set_environment(line, command, permissions)),
            "set-output" => effects
                .extend(deprecated(line, command, |name, value| Effect::SetOutput { name, value })),
            "warning" => effects.extend(place::annotate(command, Level::Warning, &self.workspace)),
            // Every known name has its arm; a token of `stop-commands` never gets here.
            _ => {}
        }
        effects
    }

    fn mask(&self, value: &str) -> Vec<Effect> {
        if value.trim().is_empty() {
            return vec![annotate(Level::Warning, "`add-mask` was given nothing to mask")];
        }
        let shown = self.echo.then(|| Effect::Show("::add-mask::***".into()));
        shown.into_iter().chain([Effect::Mask(value.to_owned())]).collect()
    }

    fn set_echo(&mut self, line: &str, value: &str) -> Effect {
        match value.trim().to_ascii_lowercase().as_str() {
            word @ ("on" | "off") => {
                self.echo = word == "on";
                Effect::Debug(format!("commands are shown: {word}"))
            }
            _ => fail(line, CommandErrorKind::Echo { value: value.to_owned() }),
        }
    }
}

fn add_matcher(file: &str) -> Effect {
    if file.is_empty() {
        return annotate(Level::Warning, "`add-matcher` was given no file");
    }
    Effect::AddMatcher(file.to_owned())
}

fn remove_matcher(command: &Command) -> Effect {
    match (command.properties.get("owner"), command.data.as_str()) {
        (Some(_), file) if !file.is_empty() => annotate(
            Level::Warning,
            "`remove-matcher` was given an owner and a file; only one can be meant",
        ),
        (Some(owner), _) => Effect::RemoveMatcher(Removal::Owner(owner.to_owned())),
        (None, "") => {
            annotate(Level::Warning, "`remove-matcher` was given neither an owner nor a file")
        }
        (None, file) => Effect::RemoveMatcher(Removal::File(file.to_owned())),
    }
}

fn add_path(line: &str, command: &Command, permissions: Permissions) -> Effect {
    if !permissions.unsecure_commands {
        return fail(line, CommandErrorKind::Disabled);
    }
    if command.data.is_empty() {
        return fail(line, CommandErrorKind::NoPath);
    }
    Effect::AddPath(command.data.clone())
}

fn set_environment(line: &str, command: &Command, permissions: Permissions) -> Effect {
    if !permissions.unsecure_commands {
        return fail(line, CommandErrorKind::Disabled);
    }
    let Some(name) = command.properties.get("name") else {
        return fail(line, CommandErrorKind::NoName);
    };
    if environment_file::blocked(name) {
        return annotate(Level::Error, &format!("`{name}` cannot be set with `set-env`"));
    }
    Effect::SetEnvironment { name: name.to_owned(), value: command.data.clone() }
}

fn deprecated(
    line: &str,
    command: &Command,
    effect: impl FnOnce(String, String) -> Effect,
) -> [Effect; 2] {
    let warning = format!(
        "the command `{}` is deprecated; write to the file that `${}` names instead",
        command.name,
        if same(&command.name, "save-state") { "GITHUB_STATE" } else { "GITHUB_OUTPUT" }
    );
    let effect = match command.properties.get("name") {
        Some(name) => effect(name.to_owned(), command.data.clone()),
        None => fail(line, CommandErrorKind::NoName),
    };
    [annotate(Level::Warning, &warning), effect]
}

fn fail(line: &str, kind: CommandErrorKind) -> Effect {
    Effect::Fail(CommandError { command: line.to_owned(), kind })
}

fn annotate(level: Level, message: &str) -> Effect {
    Effect::Annotate(Annotation {
        level,
        message: message.to_owned(),
        title: None,
        path: None,
        line: None,
        end_line: None,
        column: None,
        end_column: None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const UNSECURE: Permissions =
        Permissions { unsecure_commands: true, unsecure_stop_tokens: true };

    fn commands() -> Commands {
        Commands::new(false, "/w")
    }

    fn effects(commands: &mut Commands, line: &str) -> Vec<Effect> {
        match commands.take(line, Permissions::default()) {
            Handled::Command(effects) => effects,
            Handled::Text => panic!("`{line}` was taken for text"),
        }
    }

    fn failed(effects: &[Effect]) -> Option<&CommandErrorKind> {
        effects.iter().find_map(|effect| match effect {
            Effect::Fail(error) => Some(&error.kind),
            _ => None,
        })
    }

    #[test]
    fn semantic_23_commands_stop_until_their_token_comes() {
        for (stop, resume) in [
            ("##[stop-commands]randomToken", "##[RANDOMtoken]"),
            ("::stop-commands::randomToken", "::randomToken::"),
        ] {
            let mut commands = commands();
            let stopped = effects(&mut commands, stop);
            assert_eq!(stopped[0], Effect::Mask("randomToken".into()), "a token is a secret");
            assert_eq!(stopped[1], Effect::Show(stop.into()));
            assert_eq!(commands.take("##[warning]bar", Permissions::default()), Handled::Text);
            assert_eq!(
                commands.take("::stop-commands::other", Permissions::default()),
                Handled::Text
            );
            assert_eq!(effects(&mut commands, resume)[0], Effect::Show(resume.into()));
            assert_eq!(effects(&mut commands, "::debug::x"), [Effect::Debug("x".into())]);
            assert_eq!(commands.take(resume, Permissions::default()), Handled::Text);
        }
    }

    #[test]
    fn semantic_23_a_short_token_is_no_secret() {
        let stopped = effects(&mut commands(), "::stop-commands::sesame");
        assert!(!stopped.iter().any(|effect| matches!(effect, Effect::Mask(_))), "{stopped:?}");
    }

    #[test]
    fn semantic_23_a_token_must_not_be_a_command_empty_or_pause_logging() {
        for token in ["", "stop-commands", "Set-Env", "pause-logging", "PAUSE-logging"] {
            let line = format!("::stop-commands::{token}");
            let mut strict = commands();
            assert!(
                matches!(
                    failed(&effects(&mut strict, &line)),
                    Some(CommandErrorKind::Token { .. })
                ),
                "{token:?}"
            );
            assert_eq!(effects(&mut strict, "::debug::on"), [Effect::Debug("on".into())]);
            let Handled::Command(allowed) = commands().take(&line, UNSECURE) else {
                panic!("{token}")
            };
            assert_eq!(failed(&allowed), None, "{token:?}");
        }
    }

    #[test]
    fn consent_is_read_as_the_runner_reads_it() {
        let read = |value: &'static str| Permissions::read(move |_| Some(value.to_owned()));
        assert_eq!(read("True"), UNSECURE);
        assert_eq!(read("1"), Permissions { unsecure_commands: false, unsecure_stop_tokens: true });
        assert_eq!(read("yes"), Permissions::default());
        assert_eq!(Permissions::read(|_| None), Permissions::default());
    }

    #[test]
    fn echo_is_switched_on_and_off() {
        let mut commands = commands();
        for (line, on) in [
            ("::echo::on", true),
            ("::echo::off", false),
            ("::echo::ON", true),
            ("::echo::Off   ", false),
        ] {
            assert_eq!(failed(&effects(&mut commands, line)), None);
            assert_eq!(commands.echo(), on, "{line}");
        }
        for line in ["::echo::invalid", "::echo::"] {
            assert!(matches!(
                failed(&effects(&mut commands, line)),
                Some(CommandErrorKind::Echo { .. })
            ));
            assert!(!commands.echo());
        }
    }

    #[test]
    fn echo_shows_commands_but_never_values_to_mask() {
        let mut commands = Commands::new(true, "/w");
        assert_eq!(
            effects(&mut commands, "::group::build"),
            [Effect::Show("::group::build".into()), Effect::Group("build".into())]
        );
        assert_eq!(
            effects(&mut commands, "::add-mask::hush"),
            [Effect::Show("::add-mask::***".into()), Effect::Mask("hush".into())]
        );
        assert_eq!(effects(&mut commands, "::debug::x"), [Effect::Debug("x".into())]);
    }

    #[test]
    fn an_output_is_set_with_a_word_of_warning() {
        let set = effects(&mut commands(), "::set-output name=a::b%0Ac");
        assert!(
            matches!(&set[0], Effect::Annotate(a) if a.level == Level::Warning && a.message.contains("GITHUB_OUTPUT"))
        );
        assert_eq!(set[1], Effect::SetOutput { name: "a".into(), value: "b\nc".into() });
        let saved = effects(&mut commands(), "::save-state name=pid::7");
        assert!(matches!(&saved[0], Effect::Annotate(a) if a.message.contains("GITHUB_STATE")));
        assert_eq!(saved[1], Effect::SaveState { name: "pid".into(), value: "7".into() });
        for line in ["::set-output::b", "::save-state name=::b"] {
            assert_eq!(failed(&effects(&mut commands(), line)), Some(&CommandErrorKind::NoName));
        }
    }

    #[test]
    fn writing_into_other_steps_needs_consent() {
        for line in ["::set-env name=A::b", "::add-path::/x"] {
            assert_eq!(failed(&effects(&mut commands(), line)), Some(&CommandErrorKind::Disabled));
        }
        let allowed = |line| commands().take(line, UNSECURE);
        assert_eq!(
            allowed("::set-env name=A::b"),
            Handled::Command(vec![Effect::SetEnvironment { name: "A".into(), value: "b".into() }])
        );
        assert_eq!(allowed("::add-path::/x"), Handled::Command(vec![Effect::AddPath("/x".into())]));
        let Handled::Command(blocked) = allowed("::set-env name=node_options::x") else { panic!() };
        assert!(matches!(&blocked[..], [Effect::Annotate(a)] if a.level == Level::Error));
        let Handled::Command(empty) = allowed("::add-path::") else { panic!() };
        assert_eq!(failed(&empty), Some(&CommandErrorKind::NoPath));
    }

    #[test]
    fn semantic_24_add_mask_takes_the_whole_value() {
        assert_eq!(
            effects(&mut commands(), "::add-mask::abc%0Ddef%0Aghi"),
            [Effect::Mask("abc\rdef\nghi".into())]
        );
        let nothing = effects(&mut commands(), "::add-mask:: %0D  %0A ");
        assert!(matches!(&nothing[..], [Effect::Annotate(a)] if a.level == Level::Warning));
    }

    #[test]
    fn matchers_are_added_and_removed() {
        let take = |line| effects(&mut commands(), line);
        assert_eq!(
            take("::add-matcher::.github/m.json"),
            [Effect::AddMatcher(".github/m.json".into())]
        );
        assert_eq!(
            take("::remove-matcher owner=eslint::"),
            [Effect::RemoveMatcher(Removal::Owner("eslint".into()))]
        );
        assert_eq!(
            take("::remove-matcher::m.json"),
            [Effect::RemoveMatcher(Removal::File("m.json".into()))]
        );
        for line in ["::add-matcher::", "::remove-matcher::", "::remove-matcher owner=a::b"] {
            assert!(
                matches!(&take(line)[..], [Effect::Annotate(a)] if a.level == Level::Warning),
                "{line}"
            );
        }
    }

    #[test]
    fn an_annotation_carries_its_place() {
        let found =
            effects(&mut commands(), "::error file=/w/src/a.rs,line=3,col=5,title=Bad::no %25");
        assert_eq!(
            found,
            [Effect::Annotate(Annotation {
                level: Level::Error,
                message: "no %".into(),
                title: Some("Bad".into()),
                path: Some("src/a.rs".into()),
                line: Some(3),
                end_line: None,
                column: Some(5),
                end_column: None,
            })]
        );
    }

    #[test]
    fn every_known_name_does_something() {
        for name in super::super::KNOWN {
            let line = format!("::{name} name=x,owner=x::randomToken");
            let Handled::Command(effects) = commands().take(&line, UNSECURE) else {
                panic!("{name}")
            };
            assert!(!effects.is_empty(), "{name}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(100))]

        #[test]
        fn no_lines_make_it_panic(lines in prop::collection::vec("::(stop-commands|echo|error|add-mask|x|ab)( [a-zL]{1,7}=[0-9]{1,3})?(::[a-z\u{e9}]{0,8})?", 0..20)) {
            let mut commands = commands();
            for line in lines {
                commands.take(&line, UNSECURE);
            }
        }
    }
}
