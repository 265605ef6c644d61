//! Prints the berths of the ships in a file.

use std::{env, fs, process::ExitCode};

use tide::Tide;

fn main() -> ExitCode {
    let Some(path) = env::args().nth(1) else {
        eprintln!("usage: harbour SHIPS");
        return ExitCode::from(2);
    };
    match fs::read_to_string(&path)
        .map_err(|error| error.to_string())
        .and_then(|text| harbour::ships(&text))
    {
        Ok(ships) => {
            print!(
                "{}",
                harbour::report(&ships, &Tide::semidiurnal(200.0, 120.0, 40.0))
            );
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("{path}: {error}");
            ExitCode::FAILURE
        }
    }
}
