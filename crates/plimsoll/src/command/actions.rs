//! `plim actions`: the actions of other repositories that this machine has.

mod fetch;

use plim_diag::{Code, Diagnostic};
use plim_run::actions::{ActionName, ActionStore, ActionStoreError, Removed, Stored};
use serde_json::{Value, json};

use crate::{
    args::{ActionsArgs, ActionsCommand, Format, RemoveArgs},
    exit::Exit,
    output::Output,
    refusal::Refusal,
    render::{
        paint::Paint,
        quantity::{bytes, count},
        text,
    },
    world::World,
};

/// As many digits of a commit as people compare.
const DIGITS: usize = 12;

pub(super) fn run(
    arguments: &ActionsArgs,
    world: &World,
    stdout: &mut Output,
) -> Result<Exit, Refusal> {
    let store = store(world)?;
    match &arguments.command {
        None => list(&store, arguments.format.format, world, stdout),
        Some(ActionsCommand::List { format }) => list(&store, format.format, world, stdout),
        Some(ActionsCommand::Fetch(arguments)) => fetch::run(arguments, &store, world, stdout),
        Some(ActionsCommand::Remove(arguments)) => remove(arguments, &store, stdout),
    }
}

/// The store of the user.
pub(super) fn store(world: &World) -> Result<ActionStore, Refusal> {
    let cache = world.cache().ok_or_else(|| {
        let message = "there is no folder for actions";
        Refusal::usage(
            Diagnostic::error(Code("no-home"), message).help("set `HOME` to an absolute path"),
        )
    })?;
    Ok(ActionStore::of_cache(&cache))
}

fn list(
    store: &ActionStore,
    format: Format,
    world: &World,
    stdout: &mut Output,
) -> Result<Exit, Refusal> {
    let all = store.list()?;
    match format {
        Format::Json => {
            let list: Value = all.iter().map(described).collect();
            stdout.add(&format!("{list}\n"));
        }
        Format::Concise => {
            for stored in &all {
                stdout.add(&format!(
                    "{}: {}\n",
                    text::name(&stored.name.to_string()),
                    stored.commit
                ));
            }
        }
        Format::Full => stdout.add(&table(&all, world.stdout)),
    }
    Ok(Exit::Passed)
}

fn table(all: &[Stored], paint: Paint) -> String {
    if all.is_empty() {
        return "no actions are here; `plim actions fetch` gets those that the workflows use\n"
            .into();
    }
    let name = |stored: &Stored| text::name(&stored.name.to_string());
    let widest = all.iter().map(|stored| text::width(&name(stored))).max().unwrap_or(0).min(60);
    let mut out = String::new();
    for stored in all {
        let day = stored.fetched.get(..10).unwrap_or_default();
        let rest = format!(
            "{}  {day}  {:>10}  {}",
            digits(&stored.commit),
            bytes(stored.bytes),
            text::name(&stored.from)
        );
        out.push_str(&format!("{}  {}\n", text::pad(&name(stored), widest), paint.faint(rest)));
    }
    let sum: u64 = all.iter().map(|stored| stored.bytes).sum();
    out + &format!("{}: {}\n", count(all.len(), "action"), bytes(sum))
}

fn digits(commit: &str) -> &str {
    commit.get(..DIGITS).unwrap_or(commit)
}

/// The form of an item of `docs/schema/actions.schema.json`.
fn described(stored: &Stored) -> Value {
    json!({
        "uses": stored.name.to_string(),
        "commit": stored.commit,
        "tree": stored.tree,
        "fetched": stored.fetched,
        "from": stored.from,
        "files": stored.files,
        "bytes": stored.bytes,
    })
}

fn remove(
    arguments: &RemoveArgs,
    store: &ActionStore,
    stdout: &mut Output,
) -> Result<Exit, Refusal> {
    let wanted =
        arguments.actions.iter().map(|text| Wanted::parse(text)).collect::<Result<Vec<_>, _>>()?;
    let is_wanted = |name: &ActionName| arguments.all || wanted.iter().any(|one| one.means(name));
    let removed = store.remove(&is_wanted, arguments.dry_run)?;
    stdout.add(&told(&removed, arguments));
    Ok(Exit::Passed)
}

/// What to remove: a repository, or one reference of it.
struct Wanted {
    name: ActionName,
    whole: bool,
}

impl Wanted {
    fn parse(text: &str) -> Result<Self, Refusal> {
        let whole = !text.contains('@');
        let uses = if whole { format!("{text}@any") } else { text.to_owned() };
        let name = ActionName::parse(&uses).map_err(|_| {
            let message = format!("`{text}` names no action of another repository");
            let help = "write `OWNER/REPO`, or `OWNER/REPO@REF`";
            Refusal::usage(Diagnostic::error(Code("action-name"), message).help(help))
        })?;
        Ok(Self { name, whole })
    }

    fn means(&self, name: &ActionName) -> bool {
        self.name.is_same_repository(name) && (self.whole || self.name.reference == name.reference)
    }
}

fn told(removed: &Removed, arguments: &RemoveArgs) -> String {
    if arguments.format.format == Format::Json {
        let names: Vec<_> = removed.stored.iter().map(|stored| stored.name.to_string()).collect();
        let object =
            json!({ "dry-run": arguments.dry_run, "removed": names, "bytes": removed.bytes });
        return object.to_string() + "\n";
    }
    let verb = if arguments.dry_run { "would remove" } else { "removed" };
    format!("{verb} {}: {}\n", count(removed.stored.len(), "action"), bytes(removed.bytes))
}

impl From<ActionStoreError> for Refusal {
    fn from(error: ActionStoreError) -> Self {
        Self::failed(diagnostic(&error))
    }
}

fn diagnostic(error: &ActionStoreError) -> Diagnostic {
    Diagnostic::error(Code("action-store"), error.to_string()).maybe_help(error.help())
}
