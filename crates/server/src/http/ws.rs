//! What both WebSockets have in common: bounds, sending with a deadline,
//! reading frames as text, closing with a reason.

use axum::extract::ws::{
    CloseFrame, Message, Utf8Bytes, WebSocket, WebSocketUpgrade, rejection::WebSocketUpgradeRejection,
};
use serde::Serialize;
use std::time::Duration;
use teller_kernel::limits::BODY_MAX_BYTES;
use teller_kernel::{Code, Problem};

/// How often the server shows that it is there.
pub const PING_EVERY: Duration = Duration::from_secs(25);
/// A client that was not heard for this long is gone.
pub const SILENCE_MAX: Duration = Duration::from_secs(80);
/// A client that does not take a frame within this time is too slow.
const SEND_TIMEOUT: Duration = Duration::from_secs(15);
/// How long a closing word may take.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(2);
/// Read buffer of one socket; small, since ten thousand may be open.
const READ_BUFFER_BYTES: usize = 4 * 1024;
/// Bytes that may wait in one socket's write buffer.
const WRITE_BUFFER_MAX_BYTES: usize = 512 * 1024;
/// The protocol both sides speak.
pub const PROTOCOL: &str = "teller.v1";

/// Reasons for closing (RFC 6455, and 4000–4999 for our own).
pub mod close {
    /// The server is about to stop; come back in a moment.
    pub const GOING_AWAY: u16 = 1001;
    /// A frame was larger than allowed.
    pub const TOO_BIG: u16 = 1009;
    /// Something failed on our side.
    pub const INTERNAL: u16 = 1011;
    /// The client took too long to read, or was silent; come back.
    pub const TRY_AGAIN: u16 = 1013;
    /// The session is over; sign in.
    pub const SIGNED_OUT: u16 = 4401;
}

/// The socket cannot be used any more, and what to say in parting, if anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Over(pub Option<u16>);

/// Checks the handshake and sets the bounds.
///
/// # Errors
/// `bad_request` for what is no WebSocket handshake.
pub fn upgrade(handshake: Result<WebSocketUpgrade, WebSocketUpgradeRejection>) -> Result<WebSocketUpgrade, Problem> {
    let upgrade = handshake.map_err(|_| Problem::with(Code::BadRequest, "websocket"))?;
    Ok(upgrade
        .protocols([PROTOCOL])
        .read_buffer_size(READ_BUFFER_BYTES)
        // Each frame is written at once: pages wait for it.
        .write_buffer_size(0)
        .max_write_buffer_size(WRITE_BUFFER_MAX_BYTES)
        .max_message_size(BODY_MAX_BYTES)
        .max_frame_size(BODY_MAX_BYTES))
}

/// Sends one frame, or gives up on a client that does not take it.
pub async fn send(socket: &mut WebSocket, frame: &impl Serialize) -> Result<(), Over> {
    let Ok(text) = serde_json::to_string(frame) else { return Err(Over(Some(close::INTERNAL))) };
    send_message(socket, Message::Text(Utf8Bytes::from(text))).await
}

/// Asks for a sign of life below the protocol of the pages.
pub async fn ping(socket: &mut WebSocket) -> Result<(), Over> {
    send_message(socket, Message::Ping(Default::default())).await
}

async fn send_message(socket: &mut WebSocket, message: Message) -> Result<(), Over> {
    match tokio::time::timeout(SEND_TIMEOUT, socket.send(message)).await {
        Ok(Ok(())) => Ok(()),
        Ok(Err(_)) => Err(Over(None)),
        Err(_) => Err(Over(Some(close::TRY_AGAIN))),
    }
}

/// What came from the client.
pub enum Heard {
    Text(Utf8Bytes),
    /// Not text: answered with a problem, otherwise ignored.
    Binary,
    /// Pings and pongs: a sign of life.
    Life,
}

/// Makes sense of one received item.
pub fn heard(received: Option<Result<Message, axum::Error>>) -> Result<Heard, Over> {
    match received {
        Some(Ok(Message::Text(text))) => Ok(Heard::Text(text)),
        Some(Ok(Message::Binary(_))) => Ok(Heard::Binary),
        Some(Ok(Message::Ping(_) | Message::Pong(_))) => Ok(Heard::Life),
        Some(Ok(Message::Close(_))) | None => Err(Over(None)),
        // Beyond the size limit, not UTF-8, or a broken connection; for the
        // first there is still somebody to tell.
        Some(Err(_)) => Err(Over(Some(close::TOO_BIG))),
    }
}

/// Ends the connection with a reason, as far as the client still listens.
pub async fn part(mut socket: WebSocket, over: Over) {
    let Over(Some(code)) = over else { return };
    let frame = CloseFrame { code, reason: Utf8Bytes::from_static("") };
    // A client that is gone needs no closing word.
    let _ = tokio::time::timeout(CLOSE_TIMEOUT, socket.send(Message::Close(Some(frame)))).await;
}
