//! Annotations: what of them leaves a step, and how many.

use crate::{
    event::{Annotation, Level},
    mask::Masker,
};

/// How many annotations of one level a step may make; what comes after is in the log only.
pub const MAXIMUM_PER_LEVEL: u32 = 10;

/// The length of a message in UTF-16 units, as the runner counts; the rest is cut off.
pub const MAXIMUM_MESSAGE: usize = 4096;

/// Masks every text of `annotation`, then cuts its message.
///
/// In this order, because a cut in the middle of a secret would leave half of it unmasked.
pub fn prepare(annotation: Annotation, masker: &Masker) -> Annotation {
    let mask = |text: String| masker.mask(&text).into_owned();
    Annotation {
        message: cut(mask(annotation.message)),
        title: annotation.title.map(mask),
        path: annotation.path.map(mask),
        ..annotation
    }
}

/// Counts the annotations of one step; those of a composite action's steps count as its own.
#[derive(Clone, Debug, Default)]
pub struct Limits {
    notices: u32,
    warnings: u32,
    errors: u32,
}

impl Limits {
    /// True when this annotation is still to be kept. One with a blank message never is.
    pub fn admit(&mut self, annotation: &Annotation) -> bool {
        if annotation.message.trim().is_empty() {
            return false;
        }
        let count = match annotation.level {
            Level::Notice => &mut self.notices,
            Level::Warning => &mut self.warnings,
            Level::Error => &mut self.errors,
        };
        *count = count.saturating_add(1);
        *count <= MAXIMUM_PER_LEVEL
    }
}

fn cut(mut message: String) -> String {
    let mut units = 0;
    let end = message.char_indices().find_map(|(at, character)| {
        units += character.len_utf16();
        (units > MAXIMUM_MESSAGE).then_some(at)
    });
    message.truncate(end.unwrap_or(message.len()));
    message
}

#[cfg(test)]
mod tests {
    use super::*;

    fn annotation(level: Level, message: &str) -> Annotation {
        Annotation {
            level,
            message: message.into(),
            title: None,
            path: None,
            line: None,
            end_line: None,
            column: None,
            end_column: None,
        }
    }

    #[test]
    fn ten_of_each_level_are_kept() {
        let mut limits = Limits::default();
        for level in [Level::Error, Level::Warning, Level::Notice] {
            let kept = (0..15).filter(|_| limits.admit(&annotation(level, "x"))).count();
            assert_eq!(kept, 10, "{level:?}");
        }
        assert!(!Limits::default().admit(&annotation(Level::Error, " \n")));
    }

    #[test]
    fn a_message_is_masked_and_then_cut() {
        let masker = Masker::default();
        masker.add_value("secret-value");
        let long = format!("{}secret-value", "x".repeat(4090));
        let prepared = prepare(annotation(Level::Error, &long), &masker);
        assert_eq!(prepared.message, format!("{}***", "x".repeat(4090)));
        let wide = "\u{1F600}".repeat(3000);
        let prepared = prepare(annotation(Level::Error, &wide), &masker);
        assert_eq!(prepared.message.chars().count(), 2048);
        let titled =
            Annotation { title: Some("a secret-value".into()), ..annotation(Level::Error, "x") };
        assert_eq!(prepare(titled, &masker).title.as_deref(), Some("a ***"));
    }
}
