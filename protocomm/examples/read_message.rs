//! Shows the fields of a request, given in hexadecimal, without its secrets.
//!
//! `cargo run -p protocomm --example read_message -- prov-session 5203a20100`
#![allow(clippy::print_stdout, reason = "an example shows what it does")]

use std::{env, error::Error};

use protocomm::tree::{Direction, Message};

fn main() -> Result<(), Box<dyn Error>> {
    let mut words = env::args().skip(1);
    let endpoint = words.next().unwrap_or("prov-config".into());
    let digits = words.next().unwrap_or("0802620f0a04486f6d65120736333373726574".into());
    let message =
        Message::of(&endpoint, Direction::Request).ok_or("no schema for this endpoint")?;
    let tree = message.read(&hex::decode(digits)?);
    println!("{}", serde_json::to_string_pretty(&tree.redacted())?);
    if let Some(trouble) = tree.trouble() {
        println!("makes no sense from {trouble}");
    }
    Ok(())
}
