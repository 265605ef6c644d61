//! The console of a process: its lines become commands, annotations and log.

use std::{borrow::Cow, path::Path, path::PathBuf};

use plim_host::Stream;

use super::step::Site;
use crate::{
    command::{Commands, Effect, Handled, Permissions, Removal},
    event::{Annotation, Level, LineKind},
    mask::Line,
    matcher::{Files, Place, Scanner},
};

/// What commands asked for, to take effect when the process is over.
#[derive(Default)]
pub(crate) struct Asked {
    pub(crate) outputs: Vec<(String, String)>,
    pub(crate) kept: Vec<(String, String)>,
    pub(crate) environment: Vec<(String, String)>,
    pub(crate) paths: Vec<String>,
    /// A command could not be followed, so the step fails whatever its exit code.
    pub(crate) failed: bool,
}

/// Reads what one process writes.
pub(crate) struct Console<'a> {
    site: &'a Site<'a>,
    commands: Commands,
    permissions: Permissions,
    scanners: [Scanner; 2],
    pub(crate) asked: Asked,
}

impl<'a> Console<'a> {
    pub(crate) fn new(site: &'a Site<'a>) -> Self {
        let leg = site.leg;
        let workspace = leg.places.workspace.to_string_lossy().into_owned();
        Self {
            site,
            commands: Commands::new(leg.world.options.debug, workspace),
            permissions: Permissions::read(|name| site.environment.get(name).map(str::to_owned)),
            scanners: [leg.matchers.scanner(), leg.matchers.scanner()],
            asked: Asked::default(),
        }
    }

    /// Takes a line of one stream.
    pub(crate) fn take(&mut self, stream: Stream, line: Line<'_>) {
        match line {
            Line::Part(text) => {
                self.site.leg.log_masked(self.site.around.number, LineKind::Text, text)
            }
            Line::Whole(text) => match self.commands.take(text, self.permissions) {
                Handled::Text => self.text(stream, text),
                Handled::Command(effects) => {
                    effects.into_iter().for_each(|effect| self.follow(effect))
                }
            },
        }
    }

    fn text(&mut self, stream: Stream, text: &str) {
        let scan = self.scanners[stream as usize].line(text);
        for warning in scan.warnings {
            self.site.leg.warn(self.site.around.number, &warning);
        }
        let Some(found) = scan.found else { return self.site.log(LineKind::Text, text) };
        self.site.log(kind(found.level), &found.shown);
        let leg = self.site.leg;
        let property = |name| leg.contexts.github.get(name).map(|value| value.to_text());
        let place = Place::new(
            &leg.places.workspace,
            &property("server_url").unwrap_or_default(),
            &property("repository").unwrap_or_default(),
            &OnDisk,
        );
        leg.annotate(self.site.around.number, found.annotate(&place));
    }

    fn follow(&mut self, effect: Effect) {
        let site = self.site;
        match effect {
            Effect::Show(line) => site.log(LineKind::Text, &line),
            Effect::SetOutput { name, value } => self.asked.outputs.push((name, value)),
            Effect::SaveState { name, value } => self.asked.kept.push((name, value)),
            Effect::Mask(value) => site.leg.world.masker.add_value(&value),
            Effect::AddPath(path) => self.asked.paths.push(path),
            Effect::SetEnvironment { name, value } => self.asked.environment.push((name, value)),
            Effect::Debug(text) => site.log(LineKind::Debug, &text),
            Effect::Annotate(annotation) => self.annotate(annotation),
            Effect::Group(title) => site.log(LineKind::Group, &title),
            Effect::EndGroup => site.log(LineKind::EndGroup, ""),
            Effect::AddMatcher(file) => self.add_matcher(&file),
            Effect::RemoveMatcher(removal) => self.remove_matcher(removal),
            Effect::Fail(error) => {
                site.error(&error.to_string());
                site.log(LineKind::Text, &format!("help: {}", error.help()));
                self.asked.failed = true;
            }
        }
    }

    fn annotate(&self, annotation: Annotation) {
        self.site.log(kind(annotation.level), &annotation.message);
        self.site.leg.annotate(self.site.around.number, annotation);
    }

    fn add_matcher(&self, file: &str) {
        match self.read(file) {
            Ok(json) => match self.site.leg.matchers.add(&json) {
                Ok(owners) => {
                    let text = format!("added matchers: {}", owners.join(", "));
                    self.site.log(LineKind::Debug, &text);
                }
                Err(error) => {
                    self.warn(&format!("could not add the matchers of `{file}`: {error}"))
                }
            },
            Err(reason) => self.warn(&reason),
        }
    }

    fn remove_matcher(&self, removal: Removal) {
        let matchers = &self.site.leg.matchers;
        match removal {
            Removal::Owner(owner) => matchers.remove(&owner),
            Removal::File(file) => match self.read(&file) {
                Ok(json) => {
                    if let Err(error) = matchers.remove_listed(&json) {
                        self.warn(&format!("could not remove the matchers of `{file}`: {error}"));
                    }
                }
                Err(reason) => self.warn(&reason),
            },
        }
    }

    fn read(&self, file: &str) -> Result<String, String> {
        let path: PathBuf = self.site.leg.places.workspace.join(file);
        std::fs::read_to_string(&path).map_err(|error| {
            format!("could not read the problem matchers `{}`: {error}", path.display())
        })
    }

    fn warn(&self, text: &str) {
        self.site.leg.warn(self.site.around.number, text);
    }
}

/// The kind of line that shows something of a level.
pub(crate) fn kind(level: Level) -> LineKind {
    match level {
        Level::Notice => LineKind::Notice,
        Level::Warning => LineKind::Warning,
        Level::Error => LineKind::Error,
    }
}

struct OnDisk;

impl Files for OnDisk {
    fn is_file(&self, path: &Path) -> bool {
        path.is_file()
    }

    fn read(&self, path: &Path) -> Option<String> {
        std::fs::read(path).ok().map(|bytes| match String::from_utf8_lossy(&bytes) {
            Cow::Borrowed(text) => text.to_owned(),
            Cow::Owned(text) => text,
        })
    }
}
