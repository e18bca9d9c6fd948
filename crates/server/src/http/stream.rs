//! A conversation live: events as they are saved, messages and taps back.
//!
//! Invariants: events come from the store in order, from the client's own
//! position on, each once; a wake-up that was missed costs nothing, since the
//! next one reads on from the cursor. Frames of one client are handled one
//! after another, in the order they came, while events go on flowing; nothing
//! is queued beyond the frame in hand.

use crate::app::App;
use crate::http::extract::{Query, from_json};
use crate::http::inbound::{ActionBody, MessageBody};
use crate::http::problem::{ProblemBody, Problems, Refused, locale_of};
use crate::http::rate::Subject;
use crate::http::visitor::{admit, conversation_id, protocol_token};
use crate::http::ws::{self, Heard, Over, close};
use crate::hub::{Tick, Typist, Watch};
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::extract::ws::{WebSocket, WebSocketUpgrade};
use axum::extract::{FromRequestParts, State};
use axum::http::HeaderMap;
use axum::http::request::Parts;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use std::future::Future;
use std::pin::Pin;
use teller_conversation::Accepted;
use teller_kernel::event::CustomerAction;
use teller_kernel::limits::{CLIENT_ID_MAX_BYTES, EVENTS_PAGE_MAX};
use teller_kernel::{Code, ConversationId, Event, Locale, Problem};
use tokio::time::{Instant, MissedTickBehavior, interval_at};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(stream))
}

/// What the server sends, one JSON object a frame.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum ServerFrame {
    Event {
        event: Box<Event>,
    },
    /// Is the machine answering?
    Busy {
        busy: bool,
    },
    /// An agent is typing.
    Typing,
    Ping,
    /// A frame of the client is saved.
    Ack {
        client_id: String,
        seq: u64,
        duplicate: bool,
    },
    /// A frame of the client was refused and changed nothing.
    Problem {
        #[serde(skip_serializing_if = "Option::is_none")]
        client_id: Option<String>,
        #[serde(flatten)]
        problem: ProblemBody,
    },
}

/// What the client sends.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum ClientFrame {
    Message { client_id: String, text: String },
    Action { client_id: String, action: CustomerAction, code: Option<String> },
    Typing {},
}

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct StreamQuery {
    /// The last event already known; 0 for none.
    #[serde(default)]
    pub after: u64,
}

/// The bearer of the token in the handshake's subprotocols.
pub struct StreamVisitor(ConversationId);

impl FromRequestParts<App> for StreamVisitor {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Refused> {
        let conversation = conversation_id(parts).await?;
        let token = protocol_token(&parts.headers).ok_or(Code::Unauthenticated)?;
        admit(app, &token, &conversation).await?;
        Ok(Self(conversation))
    }
}

/// A conversation live (WebSocket)
///
/// Subprotocols: `teller.v1` and `bearer.<token>`. The server sends
/// `ServerFrame`s, the client `ClientFrame`s; events begin after `after`.
#[utoipa::path(get, path = "/conversations/{id}/stream", operation_id = "conversation_stream", tag = "customer",
    params(("id" = String, Path), StreamQuery), security(("conversation" = [])),
    responses((status = 101, description = "Switching to the WebSocket protocol"), Problems))]
async fn stream(
    State(app): State<App>,
    StreamVisitor(id): StreamVisitor,
    Query(query): Query<StreamQuery>,
    headers: HeaderMap,
    handshake: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Result<Response, Refused> {
    let upgrade = ws::upgrade(handshake)?;
    if query.after > app.conversations.state(&id).await?.seq {
        return Err(Code::CursorAhead.into());
    }
    // From here on everything saved wakes this watch; what was saved before is
    // read first.
    let watch = app.hub.watch(&id)?;
    let locale = locale_of(&headers);
    Ok(upgrade.on_upgrade(async move |socket| {
        let session = Session { app, id, cursor: query.after, busy: false, tick: watch.current(), locale };
        session.run(socket, watch).await;
    }))
}

/// A frame of the client being handled.
type Work = Pin<Box<dyn Future<Output = ServerFrame> + Send>>;

struct Session {
    app: App,
    id: ConversationId,
    /// The last event sent or passed over.
    cursor: u64,
    /// What the client believes.
    busy: bool,
    tick: Tick,
    locale: Locale,
}

impl Session {
    async fn run(mut self, mut socket: WebSocket, watch: Watch) {
        let Err(over) = self.converse(&mut socket, watch).await;
        ws::part(socket, over).await;
    }

    async fn converse(&mut self, socket: &mut WebSocket, mut watch: Watch) -> Result<std::convert::Infallible, Over> {
        self.catch_up(socket).await?;
        let mut pings = interval_at(Instant::now() + ws::PING_EVERY, ws::PING_EVERY);
        pings.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut last_heard = Instant::now();
        let mut work: Option<Work> = None;
        let app = self.app.clone();
        loop {
            tokio::select! {
                tick = watch.next() => self.ticked(socket, tick).await?,
                frame = async { match work.as_mut() { Some(work) => work.await, None => std::future::pending().await } } => {
                    work = None;
                    ws::send(socket, &frame).await?;
                }
                received = socket.recv(), if work.is_none() => {
                    last_heard = Instant::now();
                    work = self.take(socket, ws::heard(received)?).await?;
                }
                _ = pings.tick() => {
                    if last_heard.elapsed() > ws::SILENCE_MAX {
                        return Err(Over(Some(close::TRY_AGAIN)));
                    }
                    ws::send(socket, &ServerFrame::Ping).await?;
                    ws::ping(socket).await?;
                }
                () = app.stopped() => return Err(Over(Some(close::GOING_AWAY))),
            }
        }
    }

    async fn ticked(&mut self, socket: &mut WebSocket, tick: Tick) -> Result<(), Over> {
        let before = std::mem::replace(&mut self.tick, tick);
        if tick.saves != before.saves {
            self.catch_up(socket).await?;
        }
        if tick.agent_typed != before.agent_typed {
            ws::send(socket, &ServerFrame::Typing).await?;
        }
        Ok(())
    }

    /// Sends everything after the cursor, then whether the machine is answering.
    async fn catch_up(&mut self, socket: &mut WebSocket) -> Result<(), Over> {
        loop {
            let state = match self.app.conversations.state(&self.id).await {
                Ok(state) => state,
                Err(problem) => return self.fail(socket, problem).await,
            };
            if state.seq <= self.cursor {
                let busy = !state.waiting.is_empty();
                if busy != self.busy {
                    self.busy = busy;
                    ws::send(socket, &ServerFrame::Busy { busy }).await?;
                }
                return Ok(());
            }
            let events = match self.app.store.events(&self.id, self.cursor, EVENTS_PAGE_MAX).await {
                Ok(events) => events,
                Err(error) => return self.fail(socket, error.into()).await,
            };
            for event in events {
                self.cursor = event.seq;
                if event.body.customer_sees() {
                    ws::send(socket, &ServerFrame::Event { event: Box::new(event) }).await?;
                }
            }
        }
    }

    /// Reading failed: the client is told why and comes back later.
    async fn fail(&self, socket: &mut WebSocket, problem: Problem) -> Result<(), Over> {
        ws::send(socket, &self.refusal(None, &problem)).await?;
        Err(Over(Some(close::INTERNAL)))
    }

    fn refusal(&self, client_id: Option<String>, problem: &Problem) -> ServerFrame {
        ServerFrame::Problem { client_id, problem: ProblemBody::new(problem, self.locale) }
    }

    /// Begins the work on a frame; answers at once what cannot be worked on.
    async fn take(&self, socket: &mut WebSocket, heard: Heard) -> Result<Option<Work>, Over> {
        let text = match heard {
            Heard::Text(text) => text,
            Heard::Binary => {
                let problem = Problem::with(Code::BadRequest, "binary");
                ws::send(socket, &self.refusal(None, &problem)).await?;
                return Ok(None);
            }
            Heard::Life => return Ok(None),
        };
        let inbound = match from_json::<ClientFrame>(text.as_bytes()) {
            Ok(ClientFrame::Typing {}) => {
                if self.app.limiter.take(Subject::Typings(self.id.clone())).is_ok() {
                    self.app.hub.typing(&self.id, Typist::Customer);
                }
                return Ok(None);
            }
            Ok(ClientFrame::Message { client_id, text }) => Ok(Inbound::Message(MessageBody { client_id, text })),
            Ok(ClientFrame::Action { client_id, action, code }) => {
                Ok(Inbound::Action(ActionBody { client_id, action, code }))
            }
            Err(refused) => Err(refused),
        };
        let allowed = self.app.limiter.take(Subject::Sayings(self.id.clone())).map_err(Refused);
        match allowed.and(inbound) {
            Ok(inbound) => Ok(Some(Box::pin(work_on(self.app.clone(), self.id.clone(), inbound, self.locale)))),
            Err(Refused(problem)) => {
                ws::send(socket, &self.refusal(named_client(&text), &problem)).await?;
                Ok(None)
            }
        }
    }
}

/// The client id of a frame that could not be taken, so that the client knows
/// which of its messages it was.
fn named_client(text: &str) -> Option<String> {
    let value: serde_json::Value = serde_json::from_str(text).ok()?;
    let id = value.get("client_id")?.as_str()?;
    (id.len() <= CLIENT_ID_MAX_BYTES).then(|| id.to_owned())
}

/// A frame that is to be saved.
enum Inbound {
    Message(MessageBody),
    Action(ActionBody),
}

async fn work_on(app: App, id: ConversationId, inbound: Inbound, locale: Locale) -> ServerFrame {
    let (client_id, outcome) = match inbound {
        Inbound::Message(body) => {
            let outcome = app.conversations.say(&id, &body.client_id, &body.text).await;
            (body.client_id, outcome)
        }
        Inbound::Action(body) => {
            let outcome = app.conversations.act(&id, &body.client_id, body.action, body.code.as_deref()).await;
            (body.client_id, outcome)
        }
    };
    match outcome {
        Ok(Accepted { seq, duplicate }) => ServerFrame::Ack { client_id, seq, duplicate },
        Err(problem) => {
            let client_id = Some(client_id).filter(|id| id.len() <= CLIENT_ID_MAX_BYTES);
            ServerFrame::Problem { client_id, problem: ProblemBody::new(&problem, locale) }
        }
    }
}
