//! Removing what has had its time: expired sessions and hand-over nonces.
//! Events, audit rows and everything cited stay.

use crate::error::StoreError;
use crate::limits::SWEEP_ROWS_MAX;
use crate::sql::vals;
use crate::tx::Tx;
use crate::write::{Op, WriteSet};

impl WriteSet {
    /// Removes at most `SWEEP_ROWS_MAX` rows of each kind; run it from time to time.
    pub fn sweep(&mut self) -> &mut Self {
        self.push(Op::Sweep)
    }
}

pub(crate) async fn sweep(tx: &mut Tx<'_>) -> Result<(), StoreError> {
    let now_ms = tx.now_ms;
    tx.run(
        "DELETE FROM staff_sessions WHERE hash IN
           (SELECT hash FROM staff_sessions WHERE expires_at_ms < $1 LIMIT $2)",
        vals![now_ms, SWEEP_ROWS_MAX],
    )
    .await?;
    tx.run(
        "DELETE FROM used_handovers WHERE nonce IN
           (SELECT nonce FROM used_handovers WHERE expires_at_ms < $1 LIMIT $2)",
        vals![now_ms, SWEEP_ROWS_MAX],
    )
    .await?;
    Ok(())
}
