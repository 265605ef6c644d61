//! Tries the matchers on the lines of one stream.

use std::{borrow::Cow, sync::Arc};

use fancy_regex::Captures;

use super::{
    Found, Matchers,
    definition::{Matcher, Pattern, Property, level},
};

/// What a line showed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scan {
    /// An annotation; the line is then shown at its level, as [`Found::shown`].
    pub found: Option<Found>,
    /// Matchers that were dropped because their expressions take too long.
    pub warnings: Vec<String>,
    /// Why a match made no annotation, for step debugging.
    pub debug: Vec<String>,
}

/// The matchers of a job on one stream of one of its steps.
pub struct Scanner {
    matchers: Matchers,
    states: Vec<State>,
    /// Dropped from this stream; the next step tries them again.
    dropped: Vec<Arc<Matcher>>,
}

/// What a matcher has seen of its lines: one for each pattern but the last.
struct State {
    matcher: Arc<Matcher>,
    seen: Vec<Option<Texts>>,
}

/// What groups held: nothing where no pattern sets the property, empty where its group took no part.
type Texts = [Option<String>; Property::ALL.len()];

/// An expression took too long.
struct TooSlow(String);

impl Scanner {
    pub(super) fn new(matchers: Matchers) -> Self {
        Self { matchers, states: Vec::new(), dropped: Vec::new() }
    }

    /// Takes a line that is no command, without its end and before it is masked.
    ///
    /// The first matcher that makes an annotation of it wins and makes all others forget what they saw. Colours
    /// are taken out first, as the runner means to (its test for them never holds); where a line matches only with
    /// them, as it does on GitHub, it matches here too.
    pub fn line(&mut self, line: &str) -> Scan {
        self.follow_changes();
        let mut scan = Scan::default();
        if self.states.is_empty() {
            return scan;
        }
        let plain = without_colours(line);
        for i in 0..self.states.len() {
            match self.states[i].line(&plain, line) {
                Ok(None) => {}
                Ok(Some(texts)) => {
                    self.forget_all_but(i);
                    scan.found = found(texts, &self.states[i].matcher, &plain, &mut scan.debug);
                    if scan.found.is_some() {
                        break;
                    }
                }
                Err(TooSlow(error)) => {
                    let matcher = self.states[i].matcher.clone();
                    scan.warnings.push(format!(
                        "the problem matcher `{}` is dropped: {error}",
                        matcher.owner
                    ));
                    self.dropped.push(matcher);
                }
            }
        }
        self.states.retain(|state| {
            !self.dropped.iter().any(|dropped| Arc::ptr_eq(dropped, &state.matcher))
        });
        scan
    }

    /// Keeps what was seen for matchers that are still there.
    fn follow_changes(&mut self) {
        let list = self.matchers.snapshot();
        let live = list
            .iter()
            .filter(|matcher| !self.dropped.iter().any(|dropped| Arc::ptr_eq(dropped, matcher)));
        let live: Vec<_> = live.cloned().collect();
        let known = self.states.iter().map(|state| &state.matcher);
        if live.len() == self.states.len()
            && known.zip(&live).all(|(one, other)| Arc::ptr_eq(one, other))
        {
            return;
        }
        let mut old = std::mem::take(&mut self.states);
        self.states = live
            .into_iter()
            .map(|matcher| {
                match old.iter().position(|state| Arc::ptr_eq(&state.matcher, &matcher)) {
                    Some(i) => old.swap_remove(i),
                    None => State::new(matcher),
                }
            })
            .collect();
    }

    fn forget_all_but(&mut self, kept: usize) {
        for (i, state) in self.states.iter_mut().enumerate() {
            if i != kept {
                state.forget();
            }
        }
    }
}

impl State {
    fn new(matcher: Arc<Matcher>) -> Self {
        let seen = vec![None; matcher.patterns.len() - 1];
        Self { matcher, seen }
    }

    fn forget(&mut self) {
        self.seen.fill(None);
    }

    /// The texts of the last pattern and those before it, when `line` completes them.
    ///
    /// The patterns are tried from last to first, as in the runner's `IssueMatcher`: one line moves the sequence
    /// on by one pattern only.
    fn line(&mut self, plain: &str, line: &str) -> Result<Option<Texts>, TooSlow> {
        let matcher = self.matcher.clone();
        let last = matcher.patterns.len() - 1;
        for (i, pattern) in matcher.patterns.iter().enumerate().rev() {
            let before = if i == 0 { None } else { self.seen[i - 1].clone() };
            if i > 0 && before.is_none() {
                continue;
            }
            let texts = captures(pattern, plain, line)?
                .map(|captures| texts(pattern, &captures, before.as_ref()));
            match texts {
                Some(texts) if i == last => {
                    self.forget();
                    if pattern.again && i > 0 {
                        self.seen[i - 1] = before;
                    }
                    return Ok(Some(texts));
                }
                None if i == last => {
                    if i > 0 {
                        self.seen[i - 1] = None;
                    }
                }
                texts => self.seen[i] = texts,
            }
        }
        Ok(None)
    }
}

fn captures<'t>(
    pattern: &Pattern,
    plain: &'t str,
    line: &'t str,
) -> Result<Option<Captures<'t>>, TooSlow> {
    let find =
        |text: &'t str| pattern.regex.captures(text).map_err(|error| TooSlow(error.to_string()));
    match find(plain)? {
        None if plain.len() != line.len() => find(line),
        found => Ok(found),
    }
}

fn texts(pattern: &Pattern, captures: &Captures<'_>, before: Option<&Texts>) -> Texts {
    Property::ALL.map(|property| {
        let earlier = before.and_then(|texts| texts[property as usize].clone());
        earlier.or_else(|| {
            let group = pattern.groups[property as usize]?;
            Some(captures.get(group).map_or_else(String::new, |found| found.as_str().to_owned()))
        })
    })
}

fn found(texts: Texts, matcher: &Matcher, plain: &str, debug: &mut Vec<String>) -> Option<Found> {
    let [file, line, column, severity, code, message, from_path] =
        texts.map(|text| text.filter(|text| !text.is_empty()));
    let Some(message) = message.filter(|message| !message.trim().is_empty()) else {
        debug.push(format!("`{}` found a problem without a message", matcher.owner));
        return None;
    };
    let severity = severity.or_else(|| matcher.severity.clone()).unwrap_or_default();
    let Some(level) = level(&severity) else {
        debug.push(format!(
            "`{}` found a problem of the unknown severity `{severity}`",
            matcher.owner
        ));
        return None;
    };
    let number = |text: Option<String>| text.and_then(|text| whole_number(&text));
    Some(Found {
        owner: matcher.owner.clone(),
        level,
        message,
        file: file.filter(|file| !file.trim().is_empty()),
        line: number(line),
        column: number(column),
        code: code.map(|code| code.trim().to_owned()).filter(|code| !code.is_empty()),
        from_path: from_path.or_else(|| matcher.from_path.clone()),
        shown: plain.to_owned(),
    })
}

/// Digits only, as .NET's `NumberStyles.None`.
fn whole_number(text: &str) -> Option<u32> {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|number| digits && *number > 0)
}

/// `line` without the escape sequences of colours and styles: `ESC [ digits and semicolons m`.
fn without_colours(line: &str) -> Cow<'_, str> {
    if !line.contains("\u{1b}[") {
        return Cow::Borrowed(line);
    }
    let mut parts = line.split("\u{1b}[");
    let mut plain = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let rest = part
            .trim_start_matches(|character: char| character.is_ascii_digit() || character == ';');
        // `K` erases to the end of the line; compilers that colour print it beside each colour.
        plain.push_str(rest.strip_prefix(['m', 'K']).unwrap_or(rest));
    }
    Cow::Owned(plain)
}

#[cfg(test)]
mod tests;
