//! Reads `permissions`.

use plim_diag::closest;

use super::mapping::quoted;
use super::{Reader, codes};
use crate::yaml::{Entry, NodeRef};
use crate::{Access, Name, Permissions, SCOPES, Scope};

impl Reader {
    /// `read-all`, `write-all`, or a mapping of scopes.
    pub(super) fn permissions(&mut self, node: NodeRef<'_>) -> Option<Permissions> {
        if node.is_mapping() {
            return Some(self.scopes(node));
        }
        let word = self.name(node, "permissions")?;
        match &*word.value {
            "read-all" => Some(Permissions::ReadAll(word.span)),
            "write-all" => Some(Permissions::WriteAll(word.span)),
            other => {
                let message = format!("`{other}` is no `permissions`");
                let help = "write `read-all`, `write-all`, or a mapping of scopes; `{}` means none";
                self.error(word.span, codes::INVALID_VALUE, message, help);
                None
            }
        }
    }

    fn scopes(&mut self, node: NodeRef<'_>) -> Permissions {
        let mut scopes = Vec::new();
        for (name, entry) in self.mapping(node, "permissions").unwrap_or_default() {
            match Scope::named(&name) {
                Some(scope) => {
                    if let Some(access) = self.access(scope, &entry) {
                        scopes.push((Name::new((&*name).into(), entry.key.span()), access));
                    }
                }
                None => self.unknown_scope(&name, &entry),
            }
        }
        Permissions::Scopes(scopes, node.span())
    }

    fn access(&mut self, scope: &Scope, entry: &Entry<'_>) -> Option<Access> {
        let word = self.name(entry.value, scope.name)?;
        let access = Access::named(&word.value).filter(|access| scope.levels.contains(access));
        if access.is_none() {
            let levels: Vec<&str> = scope.levels.iter().map(|level| level.as_str()).collect();
            let message = format!("`{}` cannot be `{}`", scope.name, word.value);
            let help = format!("write one of {}", quoted(&levels));
            self.error(word.span, codes::INVALID_VALUE, message, help);
        }
        access
    }

    fn unknown_scope(&mut self, name: &str, entry: &Entry<'_>) {
        let help = match closest(name, SCOPES.iter().map(|scope| scope.name)) {
            Some(near) => format!("write `{near}`"),
            None => {
                let names: Vec<&str> = SCOPES.iter().map(|scope| scope.name).collect();
                format!("use one of {}", quoted(&names))
            }
        };
        let message = format!("there is no permission `{name}`");
        self.dialect(entry.key.span(), codes::UNKNOWN_PERMISSION, message, Some(help));
    }
}
