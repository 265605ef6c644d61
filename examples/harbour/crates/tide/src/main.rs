//! Prints the heights of the first days, an hour in a line.

use tide::Tide;

fn main() {
    let tide = Tide::semidiurnal(200.0, 120.0, 40.0);
    println!("hour,centimetres");
    for hour in 0..30 * 24 {
        println!("{hour},{}", tide.height(hour));
    }
}
