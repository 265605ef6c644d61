//! Furnishes the room of a leg: what its processes see of the machine.

use plim_host::Room;

use super::{World, places::Places, variables::Variables};

/// A room with everything in it.
pub(crate) struct Furnished {
    /// What is hidden and bound.
    pub(crate) room: Room,
    /// What every process gets before the workflow's own variables.
    pub(crate) environment: Variables,
}

/// Makes the private home and decides what is seen.
pub(crate) fn furnish(world: &World, places: &Places) -> std::io::Result<Furnished> {
    let mut environment = Variables::default();
    for name in ["PATH", "LANG", "RUSTUP_HOME", "CARGO_HOME"] {
        if let Some(value) = world.options.environment.text(name) {
            environment.set(name, value);
        }
    }
    environment.set("HOME", places.home.to_string_lossy());
    environment.set("CI", "true");
    environment.set("GITHUB_ACTIONS", "true");
    for (name, value) in &world.options.variables {
        environment.set(name, value.as_str());
    }
    Ok(Furnished { room: Room::default(), environment })
}
