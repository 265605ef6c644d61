//! The elevation that a script needs: a command that changes the machine, and not only installs what is there.

use super::survey::Survey;
use crate::packages::Packages;

/// What a script needs elevated rights for.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Elevation {
    /// The command.
    pub(super) what: String,
    /// The packages that would be enough.
    pub(super) packages: Vec<String>,
}

/// What a script needs elevated rights for; nothing when all that it installs is installed.
///
/// Of a script whose packages are there, only what it does for sure counts besides: the rest is mostly for machines
/// that are stranger than this one, and is refused should it come to it.
pub(super) fn elevation(survey: &Survey, packages: &Packages) -> Option<Elevation> {
    let mut installs = false;
    let mut first: [Option<String>; 2] = Default::default();
    let (mut wanted, mut is_enough) = (Vec::new(), true);
    for elevated in &survey.elevated {
        let missing = elevated.packages.as_ref().map(|named| packages.missing(named));
        if missing.as_ref().is_some_and(Vec::is_empty) {
            installs |=
                elevated.certain && elevated.packages.as_ref().is_some_and(|p| !p.is_empty());
            continue;
        }
        let installs_some = missing.is_some();
        let missing = missing.unwrap_or_default();
        let lacking = if installs_some { lacking(&missing) } else { String::new() };
        is_enough &= installs_some || !elevated.certain;
        wanted.extend(missing);
        let place = &mut first[usize::from(!elevated.certain)];
        place.get_or_insert_with(|| format!("{}{lacking}", elevated.what));
    }
    let [certain, doubtful] = first;
    let what = certain.or(doubtful.filter(|_| !installs))?;
    is_enough &= wanted.iter().all(|name| is_name(name));
    Some(Elevation { what, packages: if is_enough { wanted } else { Vec::new() } })
}

fn is_name(name: &str) -> bool {
    name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+.-:".contains(&byte))
}

/// `, and `a` and `b` are not installed`.
fn lacking(missing: &[String]) -> String {
    match missing {
        [one] => format!(", and `{one}` is not installed"),
        several => format!(", and `{}` are not installed", several.join("`, `")),
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use plim_test::sandbox::Sandbox;

    use super::*;
    use crate::plan::survey::Surveyor;

    fn elevation_of(script: &str) -> Option<Elevation> {
        let world = Sandbox::new();
        world.write("status", "Package: zsh\nStatus: install ok installed\nArchitecture: amd64\n");
        let folder = world.path().display().to_string();
        let environment = [("DPKG_ADMINDIR", folder.as_str())].into_iter().collect();
        let survey = Surveyor::new(world.path()).survey(script, true, Path::new(""));
        elevation(&survey, &Packages::of(&environment))
    }

    fn needs(script: &str) -> Option<String> {
        elevation_of(script).map(|elevation| elevation.what)
    }

    #[test]
    fn packages_that_would_be_enough_are_named() {
        for (script, packages) in [
            ("sudo apt-get install zsh mold; apt-get install -y clang", &["mold", "clang"][..]),
            ("if test -e x; then sudo rm x; fi; sudo apt-get install mold", &["mold"]),
            ("sudo apt-get install mold; sudo make install", &[]),
            ("sudo apt-get install $TOOLS", &[]),
        ] {
            assert_eq!(elevation_of(script).unwrap().packages, packages, "{script}");
        }
    }

    #[test]
    fn installing_what_is_installed_needs_nothing() {
        for script in [
            "sudo apt-get update && sudo apt-get install -y zsh",
            "apt-get update",
            "if ! command -V sudo; then apt-get install sudo; fi\nsudo apt-get install zsh",
        ] {
            assert_eq!(needs(script), None, "{script}");
        }
    }

    #[test]
    fn what_is_not_installed_is_named() {
        for (script, wanted) in [
            (
                "sudo apt-get install zsh mold",
                "`sudo apt-get install zsh mold`, and `mold` is not installed",
            ),
            ("sudo apt install a b", "`sudo apt install a b`, and `a`, `b` are not installed"),
            ("sudo apt-get update; sudo rm -rf /opt/x", "`sudo rm -rf /opt/x`"),
            ("if test -e x; then sudo rm x; fi", "`sudo rm x`"),
            ("test -e x && sudo rm x; apt-get update", "`sudo rm x`"),
            ("sudo apt-get install zsh; sudo make install", "`sudo make install`"),
        ] {
            assert_eq!(needs(script).as_deref(), Some(wanted), "{script}");
        }
    }
}
