//! `plim actions fetch`: fills the store.

use std::collections::HashSet;

use plim_diag::{Code, Diagnostic, Sources};
use plim_run::{
    actions::{ActionName, ActionStore, ActionStoreError, Fetched, Fetcher, Stored, Used},
    actions::{check_template, used, used_through},
    source,
};
use serde_json::{Map, Value, json};

use super::{diagnostic, digits};
use crate::{
    args::{FetchArgs, Format},
    exit::Exit,
    output::Output,
    refusal::Refusal,
    render::{diagnostic::diagnostics, quantity::bytes, quantity::count, text},
    world::World,
};

pub(super) fn run(
    arguments: &FetchArgs,
    store: &ActionStore,
    world: &World,
    stdout: &mut Output,
) -> Result<Exit, Refusal> {
    check_template(&arguments.from).map_err(|error| Refusal::usage(diagnostic(&error)))?;
    let fetcher = Fetcher {
        store,
        template: &arguments.from,
        environment: &world.host.environment,
        clock: &world.host.clock,
        update: arguments.update,
    };
    let look = looker(arguments, store, world)?;
    let mut fetch = Fetching { fetcher, arguments, world, stdout, told: Vec::new() };
    let mut done = HashSet::new();
    loop {
        let mut next = look();
        next.retain(|one| done.insert(one.name.clone()));
        if next.is_empty() {
            break;
        }
        next.iter().for_each(|one| fetch.one(one));
    }
    Ok(fetch.end())
}

/// What is to be fetched, as far as it is known; what was fetched may use more.
type Look<'a> = Box<dyn Fn() -> Vec<Used> + 'a>;

fn looker<'a>(
    arguments: &'a FetchArgs,
    store: &'a ActionStore,
    world: &World,
) -> Result<Look<'a>, Refusal> {
    let not_built_in = |mut found: Vec<Used>| {
        found.retain(|one| !one.built_in || arguments.built_in);
        found
    };
    if arguments.actions.is_empty() {
        let root = world.root()?;
        let files = source::workflow_files(&root)?;
        return Ok(Box::new(move || not_built_in(used(&root, &files, store))));
    }
    let names = arguments.actions.iter().map(|text| ActionName::parse(text));
    let names: Vec<ActionName> = names.collect::<Result<_, _>>().map_err(|error| {
        let diagnostic = Diagnostic::error(Code("action-name"), error.to_string());
        Refusal::usage(diagnostic.help(error.help()))
    })?;
    Ok(Box::new(move || {
        // What was named is fetched, whether it is built in or not.
        let mut found = used_through(&arguments.actions, store);
        found.retain(|one| names.contains(&one.name) || !one.built_in || arguments.built_in);
        found
    }))
}

/// A fetch in progress.
struct Fetching<'a> {
    fetcher: Fetcher<'a>,
    arguments: &'a FetchArgs,
    world: &'a World,
    stdout: &'a mut Output,
    told: Vec<Told>,
}

/// What became of one action.
struct Told {
    name: ActionName,
    by: String,
    end: End,
}

enum End {
    Fetched(Fetched),
    /// There, as far as the store knows.
    There(Stored),
    /// Would be fetched, from this address.
    Wanted(String),
    Failed(ActionStoreError),
}

impl Fetching<'_> {
    fn one(&mut self, used: &Used) {
        let name = &used.name;
        let end = if self.arguments.dry_run {
            match self.fetcher.store.find(name) {
                Ok(Some(stored)) => End::There(stored),
                Ok(None) => End::Wanted(self.fetcher.address(name)),
                Err(error) => End::Failed(error),
            }
        } else {
            self.fetcher.fetch(name).map_or_else(End::Failed, End::Fetched)
        };
        let told = Told { name: name.clone(), by: used.by.clone(), end };
        match (&told.end, self.arguments.format.format) {
            (End::Failed(error), format) => self.complain(error, format),
            (_, Format::Full) => self.stdout.add(&told.line()),
            (_, Format::Concise) => self.stdout.add(&told.concise()),
            (_, Format::Json) => {}
        }
        // A fetch takes seconds, and each result is worth seeing.
        self.stdout.flush();
        self.told.push(told);
    }

    fn complain(&self, error: &ActionStoreError, format: Format) {
        let mut stderr = Output::stderr();
        let found = [diagnostic(error)];
        stderr.add(&diagnostics(&found, &Sources::new(), format, self.world.stderr));
        stderr.flush();
    }

    fn end(self) -> Exit {
        let failed = self.told.iter().filter(|told| matches!(told.end, End::Failed(_))).count();
        match self.arguments.format.format {
            Format::Json => {
                let list: Value = self.told.iter().map(Told::json).collect();
                self.stdout.add(&format!("{list}\n"));
            }
            Format::Full => self.stdout.add(&self.summary(failed)),
            Format::Concise => {}
        }
        if failed == 0 { Exit::Passed } else { Exit::Failed }
    }

    fn summary(&self, failed: usize) -> String {
        if self.told.is_empty() {
            return "nothing to fetch: every action that is used is local or built in\n".into();
        }
        if self.arguments.dry_run {
            let wanted = self.told.iter().filter(|told| matches!(told.end, End::Wanted(_))).count();
            return format!("would fetch {}\n", count(wanted, "repository").replace("ys", "ies"));
        }
        let new = self.told.iter().filter_map(Told::brought);
        let (number, size) = new.fold((0, 0), |(n, size), stored| (n + 1, size + stored.bytes));
        let there = self.told.len() - number - failed;
        let failed =
            if failed == 0 { String::new() } else { format!(", {failed} could not be fetched") };
        format!("{number} fetched ({}), {there} there already{failed}\n", bytes(size))
    }
}

impl Told {
    /// What was brought by this fetch.
    fn brought(&self) -> Option<&Stored> {
        match &self.end {
            End::Fetched(
                Fetched::New(stored) | Fetched::Mended(stored) | Fetched::Updated { stored, .. },
            ) => Some(stored),
            _ => None,
        }
    }

    fn state(&self) -> &'static str {
        match &self.end {
            End::Fetched(Fetched::New(_)) => "fetched",
            End::Fetched(Fetched::Present(_)) | End::There(_) => "present",
            End::Fetched(Fetched::Mended(_)) => "mended",
            End::Fetched(Fetched::Updated { .. }) => "updated",
            End::Fetched(Fetched::Moved { .. }) => "moved",
            End::Wanted(_) => "wanted",
            End::Failed(_) => "failed",
        }
    }

    fn line(&self) -> String {
        let name = text::name(&self.name.to_string());
        let state = text::pad(self.state(), 8);
        let reference = text::name(&self.name.reference);
        let rest = match &self.end {
            End::Fetched(Fetched::Moved { stored, now }) => format!(
                "`{reference}` moved from {} to {}; the old one is kept, `--update` follows",
                digits(&stored.commit),
                digits(now)
            ),
            End::Fetched(Fetched::Updated { old, stored }) => {
                format!("`{reference}` moved from {} to {}", digits(old), digits(&stored.commit))
            }
            End::Fetched(fetched) => commit(fetched.stored()),
            End::There(stored) => commit(stored),
            End::Wanted(address) => format!("from {}", text::name(address)),
            End::Failed(_) => String::new(),
        };
        format!("{state}  {name}  {rest}\n")
    }

    fn concise(&self) -> String {
        let commit = match &self.end {
            End::Fetched(fetched) => format!(" {}", fetched.stored().commit),
            End::There(stored) => format!(" {}", stored.commit),
            End::Wanted(_) | End::Failed(_) => String::new(),
        };
        format!("{}: {}{commit}\n", text::name(&self.name.to_string()), self.state())
    }

    /// The form of an item of `docs/schema/actions-fetched.schema.json`.
    fn json(&self) -> Value {
        let mut object = Map::new();
        object.insert("uses".into(), self.name.to_string().into());
        object.insert("by".into(), self.by.clone().into());
        object.insert("state".into(), self.state().into());
        let stored = match &self.end {
            End::Fetched(fetched) => Some(fetched.stored()),
            End::There(stored) => Some(stored),
            End::Wanted(_) | End::Failed(_) => None,
        };
        object.insert("stored".into(), stored.map(super::described).into());
        let moved = match &self.end {
            End::Fetched(Fetched::Moved { stored, now }) => {
                json!({ "from": stored.commit, "to": now })
            }
            End::Fetched(Fetched::Updated { old, stored }) => {
                json!({ "from": old, "to": stored.commit })
            }
            _ => Value::Null,
        };
        object.insert("moved".into(), moved);
        let error = match &self.end {
            End::Failed(error) => error.to_string().into(),
            _ => Value::Null,
        };
        object.insert("error".into(), error);
        Value::Object(object)
    }
}

fn commit(stored: &Stored) -> String {
    format!("{} ({})", digits(&stored.commit), bytes(stored.bytes))
}
