//! Finds what needs elevated rights or changes what is installed on the machine: `sudo`, system package managers.

use crate::script::Invoked;

/// A system package manager, and the subcommands of it that change something.
struct Manager {
    program: &'static str,
    changes: &'static [&'static str],
}

const fn manager(program: &'static str, changes: &'static [&'static str]) -> Manager {
    Manager { program, changes }
}

/// Programs without subcommands are listed with none: they change something whenever they run.
const MANAGERS: &[Manager] = &[
    manager("apt-get", APT),
    manager("apt", APT),
    manager("aptitude", APT),
    manager("apt-fast", APT),
    manager("add-apt-repository", &[]),
    manager("apt-key", &["add", "adv"]),
    manager("dpkg", &["-i", "--install", "--add-architecture", "-r", "--remove", "--configure"]),
    manager("yum", &["install", "update", "upgrade", "remove", "groupinstall", "localinstall"]),
    manager("dnf", &["install", "update", "upgrade", "remove", "group", "copr", "config-manager"]),
    manager("microdnf", &["install", "update", "upgrade", "remove"]),
    manager("zypper", &["install", "in", "update", "up", "refresh", "addrepo", "ar", "remove"]),
    manager("rpm", &["-i", "-U", "-ivh", "-Uvh", "--install", "--upgrade", "--import"]),
    manager("pacman", &["-S", "-Sy", "-Syu", "-Syyu", "-U", "-R", "--sync", "--upgrade"]),
    manager("apk", &["add", "del", "update", "upgrade"]),
    manager("emerge", &[]),
    manager("pkg", &["install", "update", "upgrade", "add"]),
    manager("snap", &["install", "refresh", "remove"]),
    manager("flatpak", &["install", "update", "uninstall"]),
    manager(
        "brew",
        &["install", "upgrade", "update", "tap", "link", "unlink", "uninstall", "bundle"],
    ),
    manager("port", &["install", "upgrade", "selfupdate"]),
    manager("choco", &["install", "upgrade", "uninstall"]),
    manager("winget", &["install", "upgrade", "uninstall"]),
    manager(
        "systemctl",
        &["start", "stop", "restart", "enable", "disable", "mask", "daemon-reload"],
    ),
    manager("service", &[]),
    manager("modprobe", &[]),
    manager("update-alternatives", &["--install", "--set", "--remove"]),
    manager("locale-gen", &[]),
    manager("useradd", &[]),
    manager("usermod", &[]),
    manager("groupadd", &[]),
    manager("adduser", &[]),
    manager("iptables", &[]),
    manager("ufw", &[]),
    manager("swapoff", &[]),
    manager("swapon", &[]),
    manager("ldconfig", &[]),
];

const APT: &[&str] = &[
    "install",
    "update",
    "upgrade",
    "dist-upgrade",
    "full-upgrade",
    "remove",
    "purge",
    "autoremove",
    "build-dep",
    "satisfy",
];

/// Programs that give another user's rights.
const ELEVATING: [&str; 5] = ["sudo", "doas", "su", "pkexec", "gosu"];

/// Whether a command needs elevated rights, or changes what is installed on the machine.
pub fn command(invoked: &Invoked) -> bool {
    let name = invoked.name();
    if ELEVATING.contains(&name) || invoked.behind.iter().any(|w| ELEVATING.contains(w)) {
        return true;
    }
    let Some(manager) = MANAGERS.iter().find(|manager| manager.program == name) else {
        return false;
    };
    let asks =
        |text: &str| matches!(text, "--help" | "--version" | "-h" | "-V" | "status" | "list");
    if invoked.arguments().iter().any(|word| asks(&word.text)) {
        return false;
    }
    let changes = |text: &str| manager.changes.contains(&text);
    manager.changes.is_empty() || invoked.arguments().iter().any(|word| changes(&word.text))
}

#[cfg(test)]
mod tests {
    use crate::script::Script;

    fn needs(script: &str) -> bool {
        Script::read(script).programs().iter().any(super::command)
    }

    #[test]
    fn elevation_and_package_managers_are_found() {
        for script in [
            "sudo make install",
            "sudo -E env X=1 ls",
            "sudo",
            "apt-get -y install x",
            "DEBIAN_FRONTEND=noninteractive apt-get update -q",
            "if ! command -v x; then apk add x; fi",
            "brew install just",
            "bash -c 'sudo ls'",
            "curl -s x | sudo tee /etc/x",
            "pacman -Syu --noconfirm",
        ] {
            assert!(needs(script), "{script}");
        }
    }

    #[test]
    fn asking_is_free() {
        for script in [
            "apt list --installed",
            "apt-cache search x",
            "dpkg -l",
            "echo sudo apt-get install",
            "brew --version",
            "brew list",
            "npm install",
            "cargo install x",
            "systemctl status x",
            "command -v sudo",
        ] {
            assert!(!needs(script), "{script}");
        }
    }
}
