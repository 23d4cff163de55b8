//! The letter itself, as `nashra digest preview` writes it: how it looks, what checkers say of it, and that it is the same each time.

mod brand;
mod checks;
mod golden;
mod hostile;
mod pictures;
mod press;
