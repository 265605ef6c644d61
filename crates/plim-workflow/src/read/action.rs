//! Reads `action.yml`.

use super::mapping::Entries;
use super::{Reader, codes};
use crate::yaml::{Entry, NodeKind, NodeRef};
use crate::{
    Action, ActionBody, ActionInput, ActionOutput, CompositeAction, DockerAction, Forge,
    JavaScriptAction, Name, Site,
};

const KEYS: [&str; 7] = ["name", "description", "author", "inputs", "outputs", "runs", "branding"];

/// What `using` may say.
const RUNTIMES: [&str; 6] = ["composite", "docker", "node12", "node16", "node20", "node24"];

/// Those that runners have: nobody means one that is gone.
const PRESENT: [&str; 4] = ["composite", "docker", "node20", "node24"];

impl Reader {
    pub(super) fn action(&mut self, root: Option<NodeRef<'_>>) -> Action {
        let mut action = self.empty_action();
        // Of an empty file the tree has said so.
        let Some(node) = root else { return action };
        let entries = self.mapping(node, "an action").unwrap_or_default();
        for (key, entry) in &entries {
            self.action_key(&mut action, key, entry);
        }
        if node.is_mapping() && !entries.iter().any(|(key, _)| key == "runs") {
            self.missing_key(node, "the action", "runs");
        }
        action
    }

    fn action_key(&mut self, action: &mut Action, key: &str, entry: &Entry<'_>) {
        let value = entry.value;
        match key {
            "name" => action.name = self.prose(value, key),
            "description" => action.description = self.prose(value, key),
            "author" => _ = self.prose(value, key),
            "inputs" => action.inputs = self.action_inputs(value),
            "outputs" => action.outputs = self.action_outputs(value),
            "runs" => action.body = self.runs(value),
            "branding" => {}
            // GitHub passes over keys it does not know here.
            _ if plim_diag::closest(key, KEYS).is_some() => {
                let near = plim_diag::closest(key, KEYS).unwrap_or_default();
                let message = format!("`{key}` is not a key of an action, and GitHub ignores it");
                self.warning(
                    entry.key.span(),
                    codes::UNKNOWN_KEY,
                    message,
                    format!("write `{near}`"),
                );
            }
            _ => {}
        }
    }

    fn action_inputs(&mut self, node: NodeRef<'_>) -> Vec<ActionInput> {
        let mut inputs = Vec::new();
        if matches!(node.kind(), NodeKind::Null) {
            return inputs;
        }
        for (name, entry) in self.named(node, "inputs").unwrap_or_default() {
            let name = Name::new((&*name).into(), entry.key.span());
            inputs.push(self.action_input(name, entry.value));
        }
        inputs
    }

    fn action_input(&mut self, name: Name, node: NodeRef<'_>) -> ActionInput {
        let mut input = ActionInput {
            name,
            description: None,
            required: false,
            default: None,
            deprecation: None,
        };
        if matches!(node.kind(), NodeKind::Null) {
            return input;
        }
        for (key, entry) in self.mapping(node, &input.name.value.clone()).unwrap_or_default() {
            let value = entry.value;
            match &*key {
                "description" => input.description = self.prose(value, &key),
                // The runner does not enforce it, so a text such as `"true"` is as good.
                "required" => {
                    input.required = value.scalar_text().is_some_and(|text| text == "true");
                }
                "default" => input.default = self.text(value, &key, Site::ActionInput),
                "deprecationMessage" => input.deprecation = self.prose(value, &key),
                _ => {}
            }
        }
        input
    }

    fn action_outputs(&mut self, node: NodeRef<'_>) -> Vec<ActionOutput> {
        let mut outputs = Vec::new();
        if matches!(node.kind(), NodeKind::Null) {
            return outputs;
        }
        for (name, entry) in self.named(node, "outputs").unwrap_or_default() {
            let name = Name::new((&*name).into(), entry.key.span());
            let mut output = ActionOutput { name, description: None, value: None };
            self.action_output(&mut output, entry.value);
            outputs.push(output);
        }
        outputs
    }

    fn action_output(&mut self, output: &mut ActionOutput, node: NodeRef<'_>) {
        if matches!(node.kind(), NodeKind::Null) {
            return;
        }
        for (key, entry) in self.mapping(node, &output.name.value.clone()).unwrap_or_default() {
            match &*key {
                "description" => output.description = self.prose(entry.value, &key),
                "value" => output.value = self.text(entry.value, &key, Site::ActionOutput),
                _ => self.unknown_key(&entry, "an output", &["description", "value"]),
            }
        }
    }

    fn runs(&mut self, node: NodeRef<'_>) -> ActionBody {
        let Some(entries) = self.mapping(node, "runs") else { return ActionBody::Unreadable };
        let Some((_, using)) = entries.iter().find(|(key, _)| key == "using") else {
            self.missing_key(node, "`runs`", "using");
            return ActionBody::Unreadable;
        };
        let Some(using) = self.name(using.value, "using") else { return ActionBody::Unreadable };
        let body = match &*using.value {
            "composite" => self.composite(node, &entries).map(ActionBody::Composite),
            "docker" => self.docker(node, &entries).map(ActionBody::Docker),
            runtime if runtime.starts_with("node") && RUNTIMES.contains(&runtime) => {
                self.javascript(node, &entries, using).map(ActionBody::JavaScript)
            }
            _ => {
                self.unknown_runtime(&using);
                None
            }
        };
        body.unwrap_or(ActionBody::Unreadable)
    }

    fn unknown_runtime(&mut self, using: &Name) {
        let message = format!("nothing runs an action `using: {}`", using.value);
        let help = match plim_diag::closest(&using.value, PRESENT) {
            Some(near) => format!("write `{near}`"),
            None => format!("use one of {}", super::mapping::quoted(&RUNTIMES)),
        };
        if self.forge == Forge::GitHub {
            self.error(using.span, codes::INVALID_VALUE, message, help);
        } else {
            self.warning(using.span, codes::INVALID_VALUE, message, help);
        }
    }

    fn composite(&mut self, node: NodeRef<'_>, entries: &Entries<'_>) -> Option<CompositeAction> {
        self.only(entries, "a composite action", &["using", "steps"]);
        match value(entries, "steps") {
            Some(steps) => Some(CompositeAction { steps: self.action_steps(steps) }),
            None => {
                self.missing_key(node, "a composite action", "steps");
                None
            }
        }
    }

    fn javascript(
        &mut self,
        node: NodeRef<'_>,
        entries: &Entries<'_>,
        using: Name,
    ) -> Option<JavaScriptAction> {
        let keys = ["using", "main", "pre", "pre-if", "post", "post-if"];
        self.only(entries, "a JavaScript action", &keys);
        let mut file = |key| Some(self.name(value(entries, key)?, key)?.value);
        let (main, pre, post) = (file("main"), file("pre"), file("post"));
        if value(entries, "main").is_none() {
            self.missing_key(node, "a JavaScript action", "main");
        }
        let mut condition = |key| self.condition(value(entries, key)?, key, Site::ActionIf);
        let (pre_if, post_if) = (condition("pre-if"), condition("post-if"));
        Some(JavaScriptAction { using, main: main?, pre, pre_if, post, post_if })
    }

    fn docker(&mut self, node: NodeRef<'_>, entries: &Entries<'_>) -> Option<DockerAction> {
        let keys = [
            "using",
            "image",
            "entrypoint",
            "args",
            "env",
            "pre-entrypoint",
            "pre-if",
            "post-entrypoint",
            "post-if",
        ];
        self.only(entries, "a Docker action", &keys);
        if value(entries, "image").is_none() {
            self.missing_key(node, "a Docker action", "image");
        }
        let mut text = |key| Some(self.name(value(entries, key)?, key)?.value);
        let image = text("image");
        let (entrypoint, pre, post) =
            (text("entrypoint"), text("pre-entrypoint"), text("post-entrypoint"));
        let mut condition = |key| self.condition(value(entries, key)?, key, Site::ActionIf);
        let (pre_if, post_if) = (condition("pre-if"), condition("post-if"));
        Some(DockerAction {
            image: image?,
            entrypoint,
            pre_entrypoint: pre,
            pre_if,
            post_entrypoint: post,
            post_if,
            args: self.docker_arguments(entries),
            env: value(entries, "env").and_then(|env| self.texts(env, "env", Site::DockerAction)),
        })
    }

    fn docker_arguments(&mut self, entries: &Entries<'_>) -> Vec<crate::Token> {
        let Some(args) = value(entries, "args") else { return Vec::new() };
        if !args.is_sequence() {
            self.mistyped(args, "args", "a list");
            return Vec::new();
        }
        args.items().map(|item| self.token(item, Site::DockerAction)).collect()
    }

    /// Reports every key but these.
    fn only(&mut self, entries: &Entries<'_>, owner: &str, keys: &[&str]) {
        for (key, entry) in entries {
            if !keys.contains(&&**key) {
                self.unknown_key(entry, owner, keys);
            }
        }
    }

    fn empty_action(&self) -> Action {
        Action {
            path: self.path.clone(),
            name: None,
            description: None,
            inputs: Vec::new(),
            outputs: Vec::new(),
            body: ActionBody::Unreadable,
            partly_read: self.partly_read,
        }
    }
}

fn value<'t>(entries: &Entries<'t>, key: &str) -> Option<NodeRef<'t>> {
    entries.iter().find(|(name, _)| name == key).map(|(_, entry)| entry.value)
}
