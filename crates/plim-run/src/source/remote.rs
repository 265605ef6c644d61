//! A remote's address says which repository this is and where it is hosted.

/// What an address such as `git@github.com:owner/name.git` says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remote {
    /// The address of the forge: `https://github.com`.
    pub server: String,
    /// The owner.
    pub owner: String,
    /// The name, without `.git`.
    pub name: String,
}

impl Remote {
    /// Reads the address of a remote; `None` for a path of this machine or an address without owner and name.
    ///
    /// Of nested groups the last one counts as the owner. User names and passwords are left out.
    pub fn read(url: &str) -> Option<Self> {
        let (scheme, rest) = match url.split_once("://") {
            Some(("file", _)) => return None,
            Some(parts) => parts,
            None => ("ssh", url),
        };
        let (authority, path) = split_authority(url, rest)?;
        let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
        let path = path.trim_matches('/');
        let path = path.strip_suffix(".git").unwrap_or(path);
        let (groups, name) = path.rsplit_once('/')?;
        let owner = groups.rsplit('/').next().filter(|owner| !owner.is_empty())?;
        if host.is_empty() || name.is_empty() {
            return None;
        }
        let server = match scheme {
            "http" | "https" => format!("{scheme}://{host}"),
            // The port of another protocol says nothing about the web.
            _ => format!("https://{}", host.split(':').next().unwrap_or(host)),
        };
        Some(Self { server, owner: owner.to_owned(), name: name.to_owned() })
    }
}

/// `host:path` without a scheme is ssh, unless what stands before the colon has a slash.
fn split_authority<'u>(url: &str, rest: &'u str) -> Option<(&'u str, &'u str)> {
    if url.contains("://") {
        return rest.split_once('/');
    }
    rest.split_once(':').filter(|(host, _)| !host.contains('/') && !host.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(url: &str) -> Option<(String, String)> {
        Remote::read(url).map(|remote| (remote.server, format!("{}/{}", remote.owner, remote.name)))
    }

    #[test]
    fn every_form_of_address_is_read() {
        for (url, server, repository) in [
            ("https://github.com/a/b.git", "https://github.com", "a/b"),
            ("https://user:secret@github.com/a/b", "https://github.com", "a/b"),
            ("git@github.com:a/b.git", "https://github.com", "a/b"),
            ("ssh://git@git.example.org:2222/a/b.git", "https://git.example.org", "a/b"),
            ("http://localhost:3000/a/b/", "http://localhost:3000", "a/b"),
            ("git://host/a/b", "https://host", "a/b"),
            ("https://gitlab.com/group/sub/b.git", "https://gitlab.com", "sub/b"),
        ] {
            assert_eq!(read(url), Some((server.to_owned(), repository.to_owned())), "{url}");
        }
    }

    #[test]
    fn a_path_of_this_machine_names_no_repository() {
        for url in
            ["/srv/git/a/b.git", "../b", "file:///srv/a/b", "b", "", "host:b", "https://host"]
        {
            assert_eq!(read(url), None, "{url}");
        }
    }
}
