//! A selection says which rules are applied.

use crate::{Rule, Tier};

/// Which rules are applied.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selection {
    /// Rules of this tier and those before it.
    pub tier: Tier,
    /// Only rules of these codes, whatever their tier; all, when empty.
    pub select: Vec<String>,
    /// No rules of these codes.
    pub ignore: Vec<String>,
}

impl Selection {
    /// Whether `rule` is applied.
    #[must_use]
    pub fn applies(&self, rule: &Rule) -> bool {
        let named = |codes: &[String]| codes.iter().any(|code| code == rule.code.0);
        if named(&self.ignore) {
            return false;
        }
        if self.select.is_empty() { rule.tier <= self.tier } else { named(&self.select) }
    }

    /// Every rule there is.
    #[must_use]
    pub fn everything() -> Self {
        Self { tier: Tier::OptIn, ..Self::default() }
    }
}
