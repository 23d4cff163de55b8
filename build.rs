//! Files that are read at compile time: rebuild when they change.

fn main() {
    for path in ["migrations", "locales", "static", "templates"] {
        println!("cargo:rerun-if-changed={path}");
    }
}
