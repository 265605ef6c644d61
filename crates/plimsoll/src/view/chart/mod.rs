//! Draws workflows: jobs by what they do, who waits for whom, and where something was found.

mod layout;
mod mermaid;
mod svg;

use plim_audit::chart::Chart;

/// The forms of a picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Picture {
    /// An image that scales.
    Svg,
    /// The language of Mermaid.
    Mermaid,
    /// Markdown with a block of Mermaid for each workflow.
    Markdown,
}

impl Picture {
    /// The form that the ending of a file's name asks for.
    pub(crate) fn of_ending(ending: &str) -> Option<Self> {
        match ending {
            "svg" => Some(Self::Svg),
            "mmd" | "mermaid" => Some(Self::Mermaid),
            "md" => Some(Self::Markdown),
            _ => None,
        }
    }

    /// The text of a file with all of `charts`.
    pub(crate) fn draw(self, charts: &[Chart]) -> String {
        match self {
            Self::Svg => svg::draw(charts),
            Self::Mermaid => mermaid::draw(charts),
            Self::Markdown => mermaid::markdown(charts),
        }
    }
}
