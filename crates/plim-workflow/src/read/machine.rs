//! Reads what a job runs on and under which conditions: runner, containers, strategy, environment, concurrency.

use super::{Reader, codes, has_expression, head};
use crate::yaml::{Entry, NodeRef};
use crate::{
    Concurrency, Container, Entries, Environment, Matrix, Queue, RunsOn, Setting, Site, Snapshot,
    Strategy, Text, Token, TokenKind,
};

impl Reader {
    /// A label, labels, an expression, or a mapping with `group` and `labels`.
    pub(super) fn runs_on(&mut self, node: NodeRef<'_>) -> Option<RunsOn> {
        let mut runs_on = RunsOn { group: None, labels: None, span: node.span() };
        if !node.is_mapping() {
            runs_on.labels = Some(self.labels(node, "runs-on")?);
            return Some(runs_on);
        }
        for (key, entry) in self.mapping(node, "runs-on")? {
            match &*key {
                "group" => {
                    runs_on.group = self.filled_text(entry.value, &key, Site::Job);
                    self.check_group(runs_on.group.as_ref());
                }
                "labels" => runs_on.labels = self.labels(entry.value, &key),
                _ => self.unknown_key(&entry, "`runs-on`", &["group", "labels"]),
            }
        }
        Some(runs_on)
    }

    fn labels(&mut self, node: NodeRef<'_>, key: &str) -> Option<Token> {
        if node.is_mapping() {
            self.mistyped(node, key, "a string or a list of strings");
            return None;
        }
        if !node.is_sequence() {
            let text = self.filled_text(node, key, Site::Job)?;
            return Some(Token { span: text.span, kind: TokenKind::Text(text) });
        }
        let label = |item| self.filled_text(item, key, Site::Job);
        let labels: Vec<Text> = node.items().filter_map(label).collect();
        let token = |text: Text| Token { span: text.span, kind: TokenKind::Text(text) };
        let items = labels.into_iter().map(token).collect();
        Some(Token { span: node.span(), kind: TokenKind::Sequence(items) })
    }

    /// A group is a name, or `organization/NAME` or `enterprise/NAME`.
    fn check_group(&mut self, group: Option<&Text>) {
        let Some((name, span)) =
            group.and_then(|text| Some((text.template.is_literal()?, text.span)))
        else {
            return;
        };
        let valid = match name.split_once('/') {
            None => true,
            Some((prefix, rest)) => {
                let prefixes = ["org", "organization", "ent", "enterprise"];
                prefixes.contains(&prefix) && !rest.is_empty() && !rest.contains('/')
            }
        };
        if !valid {
            let message = format!("`{name}` is no group of runners");
            let help = "write the name alone, or after `organization/` or `enterprise/`";
            self.error(span, codes::INVALID_VALUE, message, help);
        }
    }

    /// `container` of a job.
    pub(super) fn container(&mut self, node: NodeRef<'_>) -> Option<Container> {
        // An empty `container` is none.
        if node.scalar_text().is_some_and(|text| text.is_empty()) {
            return None;
        }
        self.image(node, &CONTAINER_KEYS, false)
    }

    /// `services` of a job.
    pub(super) fn services(&mut self, node: NodeRef<'_>) -> Option<Entries<Container>> {
        self.entries(node, "services", Site::Job, |reader, _, value| {
            reader.image(value, &SERVICE_KEYS, true)
        })
    }

    /// An image, or a mapping about one.
    fn image(&mut self, node: NodeRef<'_>, known: &[&str], service: bool) -> Option<Container> {
        if node.is_mapping() {
            return Some(Container { value: self.container_mapping(node, known, service) });
        }
        let owner = if service { "a service" } else { "`container`" };
        let text = self.text(node, owner.trim_matches('`'), Site::Job)?;
        let image = text.template.is_literal();
        if image.is_some_and(|image| image.trim_start_matches("docker://").is_empty()) {
            self.no_image(node);
        }
        Some(Container { value: Token { span: text.span, kind: TokenKind::Text(text) } })
    }

    fn no_image(&mut self, node: NodeRef<'_>) {
        let help = "name an image, such as `node:24`";
        self.error(head(node), codes::EMPTY_VALUE, "the container has no image", help);
    }

    /// The token of the whole mapping; each key is held against its type on the way.
    fn container_mapping(&mut self, node: NodeRef<'_>, known: &[&str], service: bool) -> Token {
        let (mut named, mut computed) = (false, false);
        for entry in node.entries() {
            let key = entry.key.scalar_text().unwrap_or_default();
            named |= key == "image";
            computed |= has_expression(&key);
            if has_expression(&key) {
                self.key(entry.key, Site::Job);
            } else if known.contains(&&*key) {
                self.container_key(&key, &entry);
            } else {
                self.unknown_key(&entry, if service { "a service" } else { "a container" }, known);
            }
        }
        if !named && !computed && !self.partly_read {
            self.no_image(node);
        }
        self.silent(|reader| reader.container_token(node))
    }

    fn container_key(&mut self, key: &str, entry: &Entry<'_>) {
        let value = entry.value;
        match key {
            "image" if value.as_str() == Some("docker://") => self.no_image(value),
            "image" => _ = self.filled_text(value, key, Site::Job),
            "options" | "entrypoint" | "command" => _ = self.text(value, key, Site::Job),
            "env" => _ = self.texts(value, key, Site::Outputs),
            "ports" | "volumes" => self.listed_texts(value, key),
            "credentials" => self.credentials(value),
            _ => {}
        }
    }

    fn listed_texts(&mut self, node: NodeRef<'_>, key: &str) {
        if node.is_sequence() {
            node.items().for_each(|item| _ = self.filled_text(item, key, Site::Job));
        } else if self.whole(node, Site::Job).is_none() {
            self.mistyped(node, key, "a list");
        }
    }

    fn credentials(&mut self, node: NodeRef<'_>) {
        if self.whole(node, Site::Credentials).is_some() {
            return;
        }
        for (key, entry) in self.mapping(node, "credentials").unwrap_or_default() {
            match &*key {
                "username" | "password" => {
                    _ = self.filled_text(entry.value, &key, Site::Credentials);
                }
                _ => self.unknown_key(&entry, "`credentials`", &["username", "password"]),
            }
        }
    }

    /// The mapping as a token; what is wrong in it was said when its keys were read.
    fn container_token(&mut self, node: NodeRef<'_>) -> Token {
        let mut entries = Vec::new();
        for entry in node.entries() {
            let site = match entry.key.as_str() {
                Some("env") => Site::Outputs,
                Some("credentials") => Site::Credentials,
                _ => Site::Job,
            };
            entries.push((self.key(entry.key, Site::Job), self.token(entry.value, site)));
        }
        Token { span: node.span(), kind: TokenKind::Mapping(entries) }
    }

    fn silent<T>(&mut self, read: impl FnOnce(&mut Self) -> T) -> T {
        let before = self.diagnostics.len();
        let value = read(self);
        self.diagnostics.truncate(before);
        value
    }

    /// `strategy` of a job.
    pub(super) fn strategy(&mut self, node: NodeRef<'_>) -> Option<Strategy> {
        let mut strategy =
            Strategy { whole: None, matrix: None, fail_fast: None, max_parallel: None };
        if let Some(whole) = self.whole(node, Site::Strategy) {
            strategy.whole = Some(whole);
            return Some(strategy);
        }
        for (key, entry) in self.mapping(node, "strategy")? {
            let value = entry.value;
            match &*key {
                "matrix" => strategy.matrix = self.matrix(value),
                "fail-fast" => {
                    strategy.fail_fast = self.boolean_setting(value, &key, Site::Strategy);
                }
                "max-parallel" => {
                    strategy.max_parallel = self.number_setting(value, &key, Site::Strategy);
                    self.check_whole(strategy.max_parallel.as_ref());
                }
                _ => {
                    let known = ["matrix", "fail-fast", "max-parallel"];
                    self.unknown_key(&entry, "`strategy`", &known);
                }
            }
        }
        Some(strategy)
    }

    /// The runner cuts a fraction off.
    fn check_whole(&mut self, most: Option<&Setting<f64>>) {
        let Some(Setting::Literal(most)) = most else { return };
        if most.value.fract() != 0.0 {
            let message = format!("`max-parallel` is a whole number, and `{}` is cut", most.value);
            self.warning(most.span, codes::INVALID_VALUE, message, "write a whole number");
        }
    }

    fn matrix(&mut self, node: NodeRef<'_>) -> Option<Token> {
        if let Some(whole) = self.whole(node, Site::Strategy) {
            return Some(Token { span: whole.span, kind: TokenKind::Text(whole) });
        }
        if !node.is_mapping() {
            self.mistyped(node, "matrix", "a mapping");
            return None;
        }
        let before = self.diagnostics.len();
        node.entries().for_each(|entry| self.check_axis(&entry));
        let matrix = self.token(node, Site::Strategy);
        if self.diagnostics.len() == before {
            self.check_legs(node, &matrix);
        }
        Some(matrix)
    }

    fn check_axis(&mut self, entry: &Entry<'_>) {
        let key = entry.key.scalar_text().unwrap_or_default();
        if has_expression(&key) {
            return;
        }
        if key.is_empty() {
            self.empty(entry.key.span(), "the name of an axis");
        }
        let value = entry.value;
        let computed = value.as_str().is_some_and(has_expression);
        match (value.is_sequence(), &*key) {
            (false, _) if computed => {}
            (false, _) => self.mistyped(value, &key, "a list"),
            (true, "include" | "exclude") => {
                for item in value.items() {
                    let computed = item.as_str().is_some_and(has_expression);
                    if !item.is_mapping() && !computed {
                        self.mistyped(item, &key, "a list of mappings");
                    }
                }
            }
            (true, _) if value.items().len() == 0 => {
                let message = format!("the axis `{key}` has no values");
                self.error(
                    value.written_span(),
                    codes::INVALID_MATRIX,
                    message,
                    "list at least one value",
                );
            }
            (true, _) => {}
        }
    }

    /// Counts the legs of a matrix without expressions.
    fn check_legs(&mut self, node: NodeRef<'_>, matrix: &Token) {
        let Some(value) = matrix.constant() else { return };
        if let Err(error) = Matrix::from_value(&value).and_then(|matrix| matrix.check()) {
            self.error(head(node), codes::INVALID_MATRIX, error.to_string(), error.help());
        }
    }

    /// `environment` of a job.
    pub(super) fn environment(&mut self, node: NodeRef<'_>) -> Option<Environment> {
        if !node.is_mapping() {
            let name = self.text(node, "environment", Site::Job)?;
            return Some(Environment { name, url: None, deployment: None });
        }
        let (mut name, mut named, mut url, mut deployment) = (None, false, None, None);
        for (key, entry) in self.mapping(node, "environment")? {
            let value = entry.value;
            match &*key {
                "name" => {
                    named = true;
                    name = self.text(value, &key, Site::Job);
                }
                "url" => url = self.text(value, &key, Site::EnvironmentUrl),
                "deployment" => deployment = self.boolean_setting(value, &key, Site::Job),
                _ => self.unknown_key(&entry, "`environment`", &["name", "url", "deployment"]),
            }
        }
        if !named {
            self.missing_key(node, "`environment`", "name");
        }
        Some(Environment { name: name?, url, deployment })
    }

    /// `concurrency` of a job or workflow.
    pub(super) fn concurrency(&mut self, node: NodeRef<'_>, site: Site) -> Option<Concurrency> {
        if !node.is_mapping() {
            let group = match site {
                Site::Workflow => self.text(node, "concurrency", site)?,
                _ => self.filled_text(node, "concurrency", site)?,
            };
            self.check_group_length(&group);
            // An empty group of a workflow is none.
            let none = group.template.is_literal() == Some("");
            let whole = Concurrency { group, cancel_in_progress: None, queue: Queue::Single };
            return (!none).then_some(whole);
        }
        let (mut group, mut named, mut cancel_in_progress, mut queue) = (None, false, None, None);
        for (key, entry) in self.mapping(node, "concurrency")? {
            let value = entry.value;
            match &*key {
                "group" => {
                    named = true;
                    group = self.filled_text(value, &key, site);
                }
                "cancel-in-progress" => {
                    cancel_in_progress = self.boolean_setting(value, &key, site);
                }
                "queue" => queue = self.word(value, &key, &QUEUES),
                _ => self.unknown_key(&entry, "`concurrency`", &CONCURRENCY_KEYS),
            }
        }
        if !named {
            self.missing_key(node, "`concurrency`", "group");
        }
        let group = group?;
        self.check_group_length(&group);
        Some(Concurrency { group, cancel_in_progress, queue: queue.unwrap_or_default() })
    }

    fn check_group_length(&mut self, group: &Text) {
        let length = group.template.is_literal().map_or(0, |name| name.encode_utf16().count());
        if length > 400 {
            let message =
                format!("the name of the group has {length} characters, and 400 are allowed");
            self.error(group.span, codes::INVALID_VALUE, message, "shorten it");
        }
    }

    /// `snapshot` of a job.
    pub(super) fn snapshot(&mut self, node: NodeRef<'_>) -> Option<Snapshot> {
        if !node.is_mapping() {
            let image_name = self.filled_text(node, "snapshot", Site::Job)?;
            return Some(Snapshot { image_name, version: None, condition: None });
        }
        let (mut image_name, mut named, mut version, mut condition) = (None, false, None, None);
        for (key, entry) in self.mapping(node, "snapshot")? {
            let value = entry.value;
            match &*key {
                "image-name" => {
                    named = true;
                    image_name = self.filled_text(value, &key, Site::Job);
                }
                "version" => version = self.snapshot_version(value),
                "if" => condition = self.condition(value, &key, Site::StepIf),
                _ => self.unknown_key(&entry, "`snapshot`", &["image-name", "version", "if"]),
            }
        }
        if !named {
            self.missing_key(node, "`snapshot`", "image-name");
        }
        Some(Snapshot { image_name: image_name?, version, condition })
    }

    fn snapshot_version(&mut self, node: NodeRef<'_>) -> Option<Text> {
        let version = self.filled_text(node, "version", Site::Job)?;
        let major = version.template.is_literal().map(|text| text.strip_suffix(".*"));
        let digits =
            |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        if let Some(major) = major
            && !major.is_some_and(digits)
        {
            let help = "write a major version and `.*`, such as `2.*`";
            self.error(version.span, codes::INVALID_VALUE, "this is no version of an image", help);
        }
        Some(version)
    }
}

const CONTAINER_KEYS: [&str; 6] = ["image", "credentials", "env", "ports", "volumes", "options"];
const SERVICE_KEYS: [&str; 8] =
    ["image", "credentials", "env", "ports", "volumes", "options", "command", "entrypoint"];
const CONCURRENCY_KEYS: [&str; 3] = ["group", "cancel-in-progress", "queue"];
const QUEUES: [(&str, Queue); 2] = [("single", Queue::Single), ("max", Queue::Max)];
