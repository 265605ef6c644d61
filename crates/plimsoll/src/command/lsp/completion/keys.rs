//! Keys of mappings: those of the language, events, scopes, and what is handed over to actions and workflows.

use lsp_types::CompletionItemKind;
use plim_audit::Kind;
use plim_workflow::{Activities, EVENTS, Event, SCOPES};

use super::super::{
    glossary::{self, Below},
    spot::Spot,
    used,
    workspace::Judged,
};
use super::{Offer, Offers, STAND_IN, Typed, of_name, offset, span};

/// What can be a key at the cursor; `None` where no key can stand, or any.
pub(super) fn offers(typed: &Typed<'_>) -> Option<Offers> {
    let word = typed.word(of_name);
    let before = &typed.text()[typed.line_start()..word.start];
    let has_place =
        before.trim_start_matches([' ', '-']).is_empty() || before.trim_end().ends_with(['{', ',']);
    if !has_place {
        return None;
    }
    let is_written = typed.text()[word.end..].starts_with(':');
    let stand_in = if is_written { STAND_IN.to_owned() } else { format!("{STAND_IN}: ") };
    let judged = typed.with(word.clone(), &stand_in)?;
    let at = offset(word.start + 1);
    let spot = Spot::at(judged.subject.tree(), at).filter(Spot::is_key)?;
    let mut offers = all(&judged, spot.parent(), at);
    if offers.is_empty() {
        return None;
    }
    let mapping = spot.mapping?;
    offers.retain(|offer| mapping.get(&offer.label).is_none());
    if !is_written {
        let indent = before.replace('-', " ");
        let flow = before.contains('{');
        let kind = Kind::of_document(&judged.subject.document);
        offers =
            offers.into_iter().map(|offer| written(offer, &spot, kind, &indent, flow)).collect();
    }
    Some(Offers { span: span(word.start..typed.offset), offers })
}

/// The key with its colon, and what its value begins with.
fn written(offer: Offer, spot: &Spot<'_>, kind: Kind, indent: &str, flow: bool) -> Offer {
    let mut path = spot.parent().to_owned();
    path.push(offer.label.clone());
    let below = if flow { Below::Value } else { glossary::below(kind, &path) };
    let key = &offer.label;
    let insert = match below {
        Below::Value => format!("{key}: "),
        Below::Mapping => format!("{key}:\n{indent}  "),
        Below::List => format!("{key}:\n{indent}  - "),
    };
    offer.written(insert)
}

fn all(judged: &Judged, path: &[String], at: u32) -> Vec<Offer> {
    let names: Vec<&str> = path.iter().map(String::as_str).collect();
    let plain = |name: &str, line: &str| Offer::new(name, CompletionItemKind::PROPERTY, line);
    let is_workflow = judged.subject.workflow().is_some();
    match *names {
        ["on"] if is_workflow => EVENTS
            .iter()
            .map(|event| Offer::new(event.name, CompletionItemKind::EVENT, line(event)))
            .collect(),
        ["permissions"] | ["jobs", _, "permissions"] if is_workflow => {
            let levels = |scope: &plim_workflow::Scope| {
                let levels: Vec<&str> = scope.levels.iter().map(|level| level.as_str()).collect();
                levels.join(", ")
            };
            SCOPES.iter().map(|scope| plain(scope.name, &levels(scope))).collect()
        }
        ["on", event] if is_workflow && keys_of_event(event).next().is_some() => {
            keys_of_event(event).map(|key| plain(key, "")).collect()
        }
        _ => match used::handed(judged, path, at) {
            Some(handed) => handed.iter().map(|one| plain(&one.name, &one.line)).collect(),
            None => {
                let kind = Kind::of_document(&judged.subject.document);
                glossary::keys(kind, path).iter().map(|(key, line)| plain(key, line)).collect()
            }
        },
    }
}

/// The filters of an event, and `types`.
fn keys_of_event(name: &str) -> impl Iterator<Item = &'static str> {
    let event = Event::named(name);
    let types = event.filter(|event| event.activities != Activities::None).map(|_| "types");
    event.into_iter().flat_map(|event| event.keys.iter().copied()).chain(types)
}

/// What starts by an event.
pub(super) fn line(event: &Event) -> String {
    match event.known_activities() {
        [] => String::new(),
        all => format!("types: {}", all.join(", ")),
    }
}
