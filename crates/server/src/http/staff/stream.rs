//! The desk live: when the queue changes, and the conversations one watches.
//!
//! Invariants: what may be read is found out anew with every delivery, so that
//! a conversation handed back is not read on; the session is looked at with
//! every ping.

use crate::app::App;
use crate::http::extract::from_json;
use crate::http::problem::{ProblemBody, Problems, Refused, locale_of};
use crate::http::staff::permit::{Permit, Read};
use crate::http::ws::{self, Heard, Over, close};
use crate::hub::{Tick, Typist, Watch};
use axum::extract::State;
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::extract::ws::{WebSocket, WebSocketUpgrade};
use axum::http::{HeaderMap, header};
use axum::response::Response;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::convert::Infallible;
use std::future::Future;
use std::pin::Pin;
use std::task::Poll;
use teller_desk::StaffMember;
use teller_kernel::limits::EVENTS_PAGE_MAX;
use teller_kernel::{Code, ConversationId, Event, Locale, Problem};
use tokio::time::{Instant, MissedTickBehavior, interval_at};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// Conversations watched over one socket.
const WATCHED_MAX: usize = 16;

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(stream))
}

#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum DeskServerFrame {
    /// Queue, own conversations or releases look different: load them again.
    Queue,
    Event {
        event: Box<Event>,
    },
    /// The customer is typing.
    Typing {
        conversation: ConversationId,
    },
    Ping,
    Problem {
        #[serde(skip_serializing_if = "Option::is_none")]
        conversation: Option<ConversationId>,
        #[serde(flatten)]
        problem: ProblemBody,
    },
}

#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum DeskClientFrame {
    /// Events after `after`, now and as they come.
    Watch {
        conversation: ConversationId,
        #[serde(default)]
        after: u64,
    },
    Unwatch {
        conversation: ConversationId,
    },
    Typing {
        conversation: ConversationId,
    },
}

/// The desk live (WebSocket)
#[utoipa::path(get, path = "/desk/stream", operation_id = "desk_stream", tag = "staff",
    security(("staff" = ["converse"]), ("staff" = ["explain"])),
    responses((status = 101, description = "Switching to the WebSocket protocol"), Problems))]
async fn stream(
    State(app): State<App>,
    permit: Permit<Read>,
    headers: HeaderMap,
    handshake: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Result<Response, Refused> {
    let upgrade = ws::upgrade(handshake)?;
    if !same_origin(&headers) {
        return Err(Code::OriginNotAllowed.into());
    }
    let locale = locale_of(&headers);
    Ok(upgrade.on_upgrade(async move |socket| {
        let session = Session { app, staff: permit.staff, token: permit.token, watched: HashMap::new(), locale };
        session.run(socket).await;
    }))
}

/// A browser names the page that opens a socket; the cookie alone would come
/// with a page of another site too, on a browser that knows no `SameSite`.
fn same_origin(headers: &HeaderMap) -> bool {
    let text = |name| headers.get(name).and_then(|value: &axum::http::HeaderValue| value.to_str().ok());
    let Some(origin) = text(header::ORIGIN) else { return true };
    let place = origin.split_once("://").map(|(_, place)| place);
    place.is_some() && place == text(header::HOST)
}

/// The next wake-up of one watch, which it gives back.
type Wake = Pin<Box<dyn Future<Output = (Watch, Tick)> + Send + Sync>>;

struct Watched {
    cursor: u64,
    tick: Tick,
    wake: Wake,
}

struct Session {
    app: App,
    staff: StaffMember,
    token: String,
    watched: HashMap<ConversationId, Watched>,
    locale: Locale,
}

fn wake(mut watch: Watch) -> Wake {
    Box::pin(async move {
        let tick = watch.next().await;
        (watch, tick)
    })
}

impl Session {
    async fn run(mut self, mut socket: WebSocket) {
        let Err(over) = self.converse(&mut socket).await;
        ws::part(socket, over).await;
    }

    async fn converse(&mut self, socket: &mut WebSocket) -> Result<Infallible, Over> {
        let app = self.app.clone();
        let mut queue = app.hub.queue();
        let mut pings = interval_at(Instant::now() + ws::PING_EVERY, ws::PING_EVERY);
        pings.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut last_heard = Instant::now();
        loop {
            tokio::select! {
                changed = queue.changed() => match changed {
                    Ok(()) => ws::send(socket, &DeskServerFrame::Queue).await?,
                    Err(_) => return Err(Over(Some(close::GOING_AWAY))),
                },
                (id, watch, tick) = next_wake(&mut self.watched) => self.woken(socket, id, watch, tick).await?,
                received = socket.recv() => {
                    last_heard = Instant::now();
                    self.take(socket, ws::heard(received)?).await?;
                }
                _ = pings.tick() => {
                    if last_heard.elapsed() > ws::SILENCE_MAX {
                        return Err(Over(Some(close::TRY_AGAIN)));
                    }
                    self.check_session().await?;
                    ws::send(socket, &DeskServerFrame::Ping).await?;
                    ws::ping(socket).await?;
                }
                () = app.stopped() => return Err(Over(Some(close::GOING_AWAY))),
            }
        }
    }

    async fn check_session(&mut self) -> Result<(), Over> {
        match self.app.access.session(&self.token).await {
            Ok(Some(signed_in)) => {
                self.staff = signed_in.staff;
                Ok(())
            }
            Ok(None) => Err(Over(Some(close::SIGNED_OUT))),
            Err(_) => Err(Over(Some(close::INTERNAL))),
        }
    }

    async fn woken(
        &mut self,
        socket: &mut WebSocket,
        id: ConversationId,
        watch: Watch,
        tick: Tick,
    ) -> Result<(), Over> {
        let Some(watched) = self.watched.get_mut(&id) else { return Ok(()) };
        let before = std::mem::replace(&mut watched.tick, tick);
        watched.wake = wake(watch);
        if tick.saves != before.saves {
            self.deliver(socket, &id).await?;
        }
        if tick.customer_typed != before.customer_typed {
            ws::send(socket, &DeskServerFrame::Typing { conversation: id }).await?;
        }
        Ok(())
    }

    /// Sends what is new in one conversation, as far as it may be read.
    async fn deliver(&mut self, socket: &mut WebSocket, id: &ConversationId) -> Result<(), Over> {
        loop {
            let Some(after) = self.watched.get(id).map(|watched| watched.cursor) else { return Ok(()) };
            let events = match self.page(id, after).await {
                Ok(events) => events,
                Err(problem) => {
                    self.watched.remove(id);
                    return self.refuse(socket, Some(id.clone()), &problem).await;
                }
            };
            let Some(last) = events.last().map(|event| event.seq) else { return Ok(()) };
            if let Some(watched) = self.watched.get_mut(id) {
                watched.cursor = last;
            }
            for event in events {
                ws::send(socket, &DeskServerFrame::Event { event: Box::new(event) }).await?;
            }
        }
    }

    async fn page(&self, id: &ConversationId, after: u64) -> Result<Vec<Event>, Problem> {
        let reader = self.app.desk.reader(&self.staff, id).await?;
        self.app.desk.events_for(reader, id, after, EVENTS_PAGE_MAX).await
    }

    async fn refuse(
        &self,
        socket: &mut WebSocket,
        conversation: Option<ConversationId>,
        problem: &Problem,
    ) -> Result<(), Over> {
        let problem = ProblemBody::new(problem, self.locale);
        ws::send(socket, &DeskServerFrame::Problem { conversation, problem }).await
    }

    async fn take(&mut self, socket: &mut WebSocket, heard: Heard) -> Result<(), Over> {
        let text = match heard {
            Heard::Text(text) => text,
            Heard::Binary => return self.refuse(socket, None, &Problem::with(Code::BadRequest, "binary")).await,
            Heard::Life => return Ok(()),
        };
        match from_json::<DeskClientFrame>(text.as_bytes()) {
            Ok(DeskClientFrame::Watch { conversation, after }) => {
                if let Err(problem) = self.begin(&conversation, after).await {
                    return self.refuse(socket, Some(conversation), &problem).await;
                }
                self.deliver(socket, &conversation).await
            }
            Ok(DeskClientFrame::Unwatch { conversation }) => {
                self.watched.remove(&conversation);
                Ok(())
            }
            Ok(DeskClientFrame::Typing { conversation }) => {
                if self.watched.contains_key(&conversation) {
                    self.app.hub.typing(&conversation, Typist::Agent);
                }
                Ok(())
            }
            Err(Refused(problem)) => self.refuse(socket, None, &problem).await,
        }
    }

    /// Begins to watch. The reading is audited here, once.
    async fn begin(&mut self, id: &ConversationId, after: u64) -> Result<(), Problem> {
        if self.watched.len() >= WATCHED_MAX && !self.watched.contains_key(id) {
            return Err(Problem::with(Code::RateLimited, "watched"));
        }
        self.app.desk.reader(&self.staff, id).await?;
        self.app.desk.note_reading(&self.staff, id, "stream").await?;
        let watch = self.app.hub.watch(id)?;
        let tick = watch.current();
        self.watched.insert(id.clone(), Watched { cursor: after, tick, wake: wake(watch) });
        Ok(())
    }
}

/// Whichever watch wakes first. Nothing is lost when this is dropped half way:
/// the wake-ups stay in their places.
async fn next_wake(watched: &mut HashMap<ConversationId, Watched>) -> (ConversationId, Watch, Tick) {
    std::future::poll_fn(|context| {
        for (id, each) in watched.iter_mut() {
            if let Poll::Ready((watch, tick)) = each.wake.as_mut().poll(context) {
                return Poll::Ready((id.clone(), watch, tick));
            }
        }
        Poll::Pending
    })
    .await
}
