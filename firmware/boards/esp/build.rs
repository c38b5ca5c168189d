//! Links as esp-hal wants it.

fn main() {
    // The last one of the linker scripts.
    println!("cargo:rustc-link-arg-bins=-Tlinkall.x");
}
