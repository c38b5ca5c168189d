//! Links as esp-hal requires.

fn main() {
    // This has to be the last linker script.
    println!("cargo:rustc-link-arg-bins=-Tlinkall.x");
}
