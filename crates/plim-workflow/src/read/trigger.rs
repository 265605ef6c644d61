//! Reads `on`: events, their filters, schedules, inputs, outputs and secrets.

use std::sync::Arc;

use plim_diag::{Span, Spanned, closest};

use super::mapping::quoted;
use super::{Reader, codes, head};
use crate::cron::{Cron, NICKNAMES, SHORTEST_INTERVAL};
use crate::yaml::{Entry, NodeKind, NodeRef};
use crate::{
    Activities, EVENTS, Event, Filter, Forge, Input, InputKind, Name, Output, Pattern, Schedule,
    SecretInput, Site, Token, TokenKind, Trigger,
};

impl Reader {
    /// An event, a list of events, or a mapping from events to their filters.
    pub(super) fn triggers(&mut self, node: NodeRef<'_>) -> Vec<Trigger> {
        if node.is_mapping() {
            let entries = self.mapping(node, "on").unwrap_or_default();
            return entries.iter().filter_map(|(_, entry)| self.trigger(entry)).collect();
        }
        let names = self.names(node, "on");
        let mut triggers: Vec<Trigger> = Vec::with_capacity(names.len());
        for name in names {
            let known = self.event(&name).is_some() || self.forge != Forge::GitHub;
            if known && !triggers.iter().any(|trigger| trigger.event.value == name.value) {
                triggers.push(Trigger::on(name));
            }
        }
        triggers
    }

    fn event(&mut self, name: &Name) -> Option<&'static Event> {
        let event = Event::named(&name.value);
        if event.is_none() {
            let message = format!("there is no event `{}`", name.value);
            let help = closest(&name.value, EVENTS.iter().map(|event| event.name));
            let help = help.map_or_else(
                || {
                    "name an event that starts workflows, such as `push` or `pull_request`"
                        .to_owned()
                },
                |near| format!("write `{near}`"),
            );
            self.dialect(name.span, codes::UNKNOWN_EVENT, message, Some(help));
        }
        event
    }

    fn trigger(&mut self, entry: &Entry<'_>) -> Option<Trigger> {
        let name = self.name(entry.key, "on")?;
        let Some(event) = self.event(&name) else {
            return (self.forge != Forge::GitHub).then(|| Trigger::on(name));
        };
        let (value, mut trigger) = (entry.value, Trigger::on(name));
        if !matches!(value.kind(), NodeKind::Null) {
            trigger.span = value.span();
        }
        match event.name {
            "schedule" => trigger.schedules = self.schedules(value, entry),
            _ if matches!(value.kind(), NodeKind::Null) => {}
            "workflow_dispatch" => self.dispatch(value, &mut trigger),
            "workflow_call" => self.call_trigger(value, &mut trigger),
            _ if event.keys.is_empty() && event.activities == Activities::None => {
                let message = format!("`{}` takes no filters", event.name);
                self.error(head(value), codes::WRONG_TYPE, message, "remove its value");
            }
            _ => self.filters(value, event, &mut trigger),
        }
        Some(trigger)
    }

    fn filters(&mut self, node: NodeRef<'_>, event: &Event, trigger: &mut Trigger) {
        let Some(entries) = self.mapping(node, event.name) else { return };
        for (key, entry) in &entries {
            if !event.allows(key) {
                self.filter_not_allowed(entry, event);
                continue;
            }
            let value = entry.value;
            match &**key {
                "branches" | "branches-ignore" => self.filter(entry, key, &mut trigger.branches),
                "tags" | "tags-ignore" => self.filter(entry, key, &mut trigger.tags),
                "paths" | "paths-ignore" => self.filter(entry, key, &mut trigger.paths),
                "types" => trigger.types = self.types(value, event),
                "workflows" => trigger.workflows = self.names(value, key),
                "names" => trigger.names = self.patterns(value, key),
                "versions" => trigger.versions = self.patterns(value, key),
                _ => {}
            }
        }
        if event.name == "workflow_run" && trigger.workflows.is_empty() {
            self.missing_key(node, "`workflow_run`", "workflows");
        }
    }

    fn filter_not_allowed(&mut self, entry: &Entry<'_>, event: &Event) {
        let mut allowed = event.keys.to_vec();
        if event.activities != Activities::None {
            allowed.push("types");
        }
        self.unknown_key(entry, &format!("`{}`", event.name), &allowed);
    }

    fn filter(&mut self, entry: &Entry<'_>, key: &str, filter: &mut Option<Filter>) {
        let ignore = key.ends_with("-ignore");
        if filter.is_some() {
            let plain = key.trim_end_matches("-ignore");
            let message = format!("`{plain}` and `{plain}-ignore` cannot both be there");
            let help = format!(
                "keep one of them; a pattern of `{plain}` that begins with `!` takes names back"
            );
            self.error(entry.key.span(), codes::CONFLICTING_KEYS, message, help);
            return;
        }
        if matches!(entry.value.kind(), NodeKind::Null) {
            let message = format!("`{key}` is empty and filters nothing");
            self.warning(
                entry.key.span(),
                codes::EMPTY_VALUE,
                message,
                "list patterns, or remove it",
            );
            return;
        }
        let patterns = self.patterns(entry.value, key);
        *filter = Some(Filter { ignore, patterns });
    }

    fn patterns(&mut self, node: NodeRef<'_>, key: &str) -> Vec<Name> {
        let patterns = self.names(node, key);
        for pattern in &patterns {
            let help = "see GitHub's \"filter pattern cheat sheet\"; `\\` takes a sign as it is";
            if let Err(error) = Pattern::parse(&pattern.value) {
                self.error(pattern.span, codes::INVALID_PATTERN, error.to_string(), help);
            } else if let Some((before, sign)) = Pattern::repeated_sign(&pattern.value) {
                let message = format!(
                    "`{sign}` repeats the character before it, and `{before}` is a sign itself"
                );
                self.warning(pattern.span, codes::INVALID_PATTERN, message, help);
            }
        }
        patterns
    }

    fn types(&mut self, node: NodeRef<'_>, event: &Event) -> Option<Vec<Name>> {
        if matches!(node.kind(), NodeKind::Null) {
            return None;
        }
        let types = self.names(node, "types");
        let known = event.known_activities();
        for name in types.iter().filter(|_| event.activities != Activities::Any) {
            if !known.contains(&&*name.value) {
                let message = format!("`{}` has no activity type `{}`", event.name, name.value);
                let help = match closest(&name.value, known.iter().copied()) {
                    Some(near) => format!("write `{near}`"),
                    None => format!("use one of {}", quoted(known)),
                };
                self.dialect(name.span, codes::INVALID_VALUE, message, Some(help));
            }
        }
        Some(types)
    }

    fn schedules(&mut self, node: NodeRef<'_>, entry: &Entry<'_>) -> Vec<Schedule> {
        if !node.is_sequence() {
            match node.kind() {
                NodeKind::Null => self.missing_key(entry.key, "`schedule`", "cron"),
                _ => self.mistyped(node, "schedule", "a list"),
            }
            return Vec::new();
        }
        node.items().filter_map(|item| self.schedule(item)).collect()
    }

    fn schedule(&mut self, node: NodeRef<'_>) -> Option<Schedule> {
        let (mut cron, mut timezone) = (None, None);
        let mut named = false;
        for (key, entry) in self.mapping(node, "schedule")? {
            match &*key {
                "cron" => {
                    named = true;
                    cron = self.cron(entry.value);
                }
                "timezone" => timezone = self.timezone(entry.value),
                _ => self.unknown_key(&entry, "a schedule", &["cron", "timezone"]),
            }
        }
        if !named {
            self.missing_key(node, "the schedule", "cron");
        }
        Some(Schedule { cron: cron?, timezone })
    }

    fn cron(&mut self, node: NodeRef<'_>) -> Option<Name> {
        let line = self.name(node, "cron")?;
        if self.forge != Forge::GitHub && NICKNAMES.contains(&&*line.value) {
            return Some(line);
        }
        match Cron::parse(&line.value) {
            Ok(cron) if cron.shortest_interval() < SHORTEST_INTERVAL => {
                let message = format!(
                    "a schedule starts at most every {SHORTEST_INTERVAL} minutes on GitHub, and this asks for every {}",
                    cron.shortest_interval()
                );
                self.warning(
                    line.span,
                    codes::FREQUENT_CRON,
                    message,
                    "let five minutes pass between starts",
                );
            }
            Ok(_) => {}
            Err(error) => {
                let help = "write `minute hour day month weekday`, such as `30 5 * * 1-5`";
                self.error(line.span, codes::INVALID_CRON, error.to_string(), help);
            }
        }
        Some(line)
    }

    fn timezone(&mut self, node: NodeRef<'_>) -> Option<Name> {
        let zone = self.name(node, "timezone")?;
        if jiff::tz::TimeZoneDatabase::bundled().get(&zone.value).is_err() {
            let message = format!("there is no time zone `{}`", zone.value);
            let help = "use a name of the IANA time zone database, such as `Europe/Berlin`";
            self.error(zone.span, codes::UNKNOWN_TIMEZONE, message, help);
        }
        Some(zone)
    }

    fn dispatch(&mut self, node: NodeRef<'_>, trigger: &mut Trigger) {
        for (key, entry) in self.mapping(node, "workflow_dispatch").unwrap_or_default() {
            if key == "inputs" {
                trigger.inputs = self.inputs(entry.value, Site::Nowhere);
                continue;
            }
            // The only event of which GitHub lets unknown keys pass.
            let message =
                format!("`{key}` is not a key of `workflow_dispatch`, and GitHub ignores it");
            self.warning(
                entry.key.span(),
                codes::UNKNOWN_KEY,
                message,
                "remove it, or write `inputs`",
            );
        }
    }

    fn call_trigger(&mut self, node: NodeRef<'_>, trigger: &mut Trigger) {
        for (key, entry) in self.mapping(node, "workflow_call").unwrap_or_default() {
            match &*key {
                "inputs" => trigger.inputs = self.inputs(entry.value, Site::Workflow),
                "outputs" => trigger.outputs = self.call_outputs(entry.value),
                "secrets" => trigger.secrets = self.call_secrets(entry.value),
                _ => {
                    let known = ["inputs", "outputs", "secrets"];
                    self.unknown_key(&entry, "`workflow_call`", &known);
                }
            }
        }
    }

    /// The inputs of `workflow_call` where defaults may hold expressions, else of `workflow_dispatch`.
    fn inputs(&mut self, node: NodeRef<'_>, site: Site) -> Vec<Input> {
        if matches!(node.kind(), NodeKind::Null) {
            return Vec::new();
        }
        let mut inputs = Vec::new();
        for (name, entry) in self.named(node, "inputs").unwrap_or_default() {
            inputs.push(self.input(
                Name::new((&*name).into(), entry.key.span()),
                entry.value,
                site,
            ));
        }
        inputs
    }

    fn input(&mut self, name: Name, node: NodeRef<'_>, site: Site) -> Input {
        let called = site != Site::Nowhere;
        let mut input = Input {
            name,
            kind: InputKind::String,
            required: false,
            default: None,
            description: None,
        };
        // An input of `workflow_dispatch` may be named and nothing more.
        if !called && matches!(node.kind(), NodeKind::Null) {
            return input;
        }
        let (mut kind, mut options) = (None, None);
        for (key, entry) in self.mapping(node, &input.name.value).unwrap_or_default() {
            let value = entry.value;
            match &*key {
                "type" => kind = Some(self.input_kind(value, called)),
                "description" => input.description = self.prose(value, &key),
                "required" => input.required = self.boolean(value, &key).unwrap_or(false),
                "default" => input.default = self.default(value, site),
                "options" if !called => options = Some((entry, self.options(value))),
                "deprecationMessage" if !called => _ = self.prose(value, &key),
                _ if called => self.unknown_key(&entry, "an input", &CALL_INPUT_KEYS),
                _ => self.unknown_key(&entry, "an input", &DISPATCH_INPUT_KEYS),
            }
        }
        if called && kind.is_none() && node.is_mapping() {
            self.missing_key(node, &format!("the input `{}`", input.name.value), "type");
        }
        input.kind = self.kind_with_options(kind.flatten(), options, input.name.span);
        self.check_default(&input);
        input
    }

    fn input_kind(&mut self, node: NodeRef<'_>, called: bool) -> Option<InputKind> {
        let kinds: &[(&str, u8)] =
            &[("string", 0), ("boolean", 1), ("number", 2), ("choice", 3), ("environment", 4)];
        let kinds = if called { &kinds[..3] } else { kinds };
        Some(match self.word(node, "type", kinds)? {
            1 => InputKind::Boolean,
            2 => InputKind::Number,
            3 => InputKind::Choice(Vec::new()),
            4 => InputKind::Environment,
            _ => InputKind::String,
        })
    }

    fn options(&mut self, node: NodeRef<'_>) -> Vec<Spanned<Arc<str>>> {
        if !node.is_sequence() {
            self.mistyped(node, "options", "a list");
            return Vec::new();
        }
        node.items().filter_map(|item| self.literal(item, "options")).collect()
    }

    fn kind_with_options(
        &mut self,
        kind: Option<InputKind>,
        options: Option<(Entry<'_>, Vec<Spanned<Arc<str>>>)>,
        name: Span,
    ) -> InputKind {
        match (kind, options) {
            (Some(InputKind::Choice(_)), Some((_, options))) if !options.is_empty() => {
                InputKind::Choice(options)
            }
            (Some(InputKind::Choice(_)), _) => {
                let help = "list what can be chosen under `options`";
                self.absent(name, codes::INVALID_INPUT, "a `choice` has no options", help);
                InputKind::Choice(Vec::new())
            }
            (kind, Some((entry, _))) => {
                let message = "only an input of `type: choice` has options";
                let help = "write `type: choice`, or remove `options`";
                self.error(entry.key.span(), codes::INVALID_INPUT, message, help);
                kind.unwrap_or(InputKind::String)
            }
            (kind, None) => kind.unwrap_or(InputKind::String),
        }
    }

    fn default(&mut self, node: NodeRef<'_>, site: Site) -> Option<Token> {
        if !node.is_scalar() {
            self.mistyped(node, "default", "a string, a boolean or a number");
            return None;
        }
        let token = self.token(node, site);
        // `default:` without a value is the empty value of the type.
        (!matches!(token.kind, TokenKind::Null)).then_some(token)
    }

    fn check_default(&mut self, input: &Input) {
        let Some(default) = &input.default else { return };
        let fits = match (&input.kind, &default.kind) {
            (_, TokenKind::Text(text)) if text.template.has_expressions() => true,
            (InputKind::Boolean, kind) => matches!(kind, TokenKind::Boolean(_)),
            (InputKind::Number, kind) => matches!(kind, TokenKind::Number(_)),
            (InputKind::Choice(options), kind) if !options.is_empty() => {
                let Some(value) = default.constant() else { return };
                let text = value.to_text();
                matches!(kind, TokenKind::Text(_) | TokenKind::Number(_) | TokenKind::Boolean(_))
                    && options.iter().any(|option| option.value == text)
            }
            _ => true,
        };
        if !fits {
            let message = match &input.kind {
                InputKind::Choice(_) => "the default is none of the options".to_owned(),
                kind => format!("the default of a {} is of another type", kind.name()),
            };
            let help = "write a default that the input accepts";
            self.error(default.span, codes::INVALID_INPUT, message, help);
        }
    }

    fn call_outputs(&mut self, node: NodeRef<'_>) -> Vec<Output> {
        let mut outputs = Vec::new();
        for (name, entry) in self.named(node, "outputs").unwrap_or_default() {
            let name = Name::new((&*name).into(), entry.key.span());
            outputs.extend(self.call_output(name, entry.value));
        }
        outputs
    }

    fn call_output(&mut self, name: Name, node: NodeRef<'_>) -> Option<Output> {
        let (mut value, mut named, mut description) = (None, false, None);
        for (key, entry) in self.mapping(node, &name.value)? {
            match &*key {
                "value" => {
                    named = true;
                    value = self.text(entry.value, &key, Site::CallOutput);
                }
                "description" => description = self.prose(entry.value, &key),
                _ => self.unknown_key(&entry, "an output", &["value", "description"]),
            }
        }
        if !named {
            self.missing_key(node, &format!("the output `{}`", name.value), "value");
        }
        Some(Output { name, value: value?, description })
    }

    fn call_secrets(&mut self, node: NodeRef<'_>) -> Vec<SecretInput> {
        let mut secrets = Vec::new();
        for (name, entry) in self.named(node, "secrets").unwrap_or_default() {
            let name = Name::new((&*name).into(), entry.key.span());
            let mut secret = SecretInput { name, required: false, description: None };
            if !matches!(entry.value.kind(), NodeKind::Null) {
                self.call_secret(entry.value, &mut secret);
            }
            secrets.push(secret);
        }
        secrets
    }

    fn call_secret(&mut self, node: NodeRef<'_>, secret: &mut SecretInput) {
        for (key, entry) in self.mapping(node, &secret.name.value).unwrap_or_default() {
            match &*key {
                "required" => secret.required = self.boolean(entry.value, &key).unwrap_or(false),
                "description" => secret.description = self.prose(entry.value, &key),
                _ => self.unknown_key(&entry, "a secret", &["required", "description"]),
            }
        }
    }
}

const CALL_INPUT_KEYS: [&str; 4] = ["type", "description", "required", "default"];
const DISPATCH_INPUT_KEYS: [&str; 6] =
    ["type", "description", "required", "default", "options", "deprecationMessage"];
