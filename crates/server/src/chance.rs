//! The machine's own clock and source of chance: the only place of the program
//! that reads either.

use teller_kernel::{Clock, Rng};

/// The time of the machine.
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the port's one implementation over the machine")]
    fn now_ms(&self) -> i64 {
        jiff::Timestamp::now().as_millisecond()
    }
}

/// The operating system's random numbers, fit for secrets.
pub struct SystemRng;

impl Rng for SystemRng {
    fn fill(&self, buffer: &mut [u8]) {
        // Without randomness no token, code or key is safe: better to stop.
        getrandom::fill(buffer).expect("the operating system gives random numbers once it has booted");
    }
}
