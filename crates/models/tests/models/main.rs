//! The models room from outside: fetching real packages with the real pip, who
//! lets them serve, and the encoders against the published ones.

mod costs;
mod fetching;
mod lac;
mod parity;
mod pool;
mod registry;
mod semantic;
mod taught;
