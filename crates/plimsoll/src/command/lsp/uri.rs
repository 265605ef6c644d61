//! Paths of files and the addresses that editors have for them.

use std::path::{Path, PathBuf};

use lsp_types::Uri;

/// The path that a `file:` address names; `None` for anything else, such as a text that was never saved.
pub(super) fn path(uri: &Uri) -> Option<PathBuf> {
    let rest = uri.as_str().strip_prefix("file://")?;
    let path = &rest[rest.find('/')?..];
    let path = String::from_utf8(decoded(path)).ok()?;
    // `file:///c:/x` names a path on a drive.
    let drive = path.get(1..3).is_some_and(|drive| {
        drive.ends_with(':') && drive.starts_with(|c: char| c.is_ascii_alphabetic())
    });
    Some(PathBuf::from(if drive { &path[1..] } else { &path }))
}

/// The address of the file at `path`, which is absolute.
pub(super) fn of_path(path: &Path) -> Option<Uri> {
    let mut text = String::from("file://");
    let path = path.to_str()?.replace('\\', "/");
    if !path.starts_with('/') {
        text.push('/');
    }
    for byte in path.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
                text.push(char::from(byte));
            }
            byte => text.push_str(&format!("%{byte:02X}")),
        }
    }
    text.parse().ok()
}

fn decoded(text: &str) -> Vec<u8> {
    let bytes = text.as_bytes();
    let (mut decoded, mut at) = (Vec::with_capacity(bytes.len()), 0);
    while let Some(&byte) = bytes.get(at) {
        let code = text.get(at + 1..at + 3).filter(|_| byte == b'%');
        match code.and_then(|code| u8::from_str_radix(code, 16).ok()) {
            Some(byte) => {
                decoded.push(byte);
                at += 3;
            }
            None => {
                decoded.push(byte);
                at += 1;
            }
        }
    }
    decoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_names_a_path_and_back() {
        for (address, named) in [
            ("file:///a/b.yml", "/a/b.yml"),
            ("file:///a%20b/%C3%A9.yml", "/a b/é.yml"),
            ("file://localhost/a.yml", "/a.yml"),
            ("file:///c%3A/x.yml", "c:/x.yml"),
        ] {
            assert_eq!(path(&address.parse().unwrap()), Some(PathBuf::from(named)), "{address}");
        }
        for path_of in ["/a/b.yml", "/a b/é#?%.yml"] {
            assert_eq!(path(&of_path(Path::new(path_of)).unwrap()), Some(PathBuf::from(path_of)));
        }
        assert_eq!(path(&"untitled:Untitled-1".parse().unwrap()), None);
    }
}
