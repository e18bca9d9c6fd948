//! One question and its answer, through the same conversation as everybody's.

use crate::app::App;
use crate::http::openai::key::ApiCaller;
use crate::http::openai::plain::plain;
use crate::http::openai::shapes::{Asked, ChatCompletion, TellerBody};
use crate::http::problem::Refused;
use crate::http::rate::Subject;
use teller_conversation::OpenRequest;
use teller_kernel::event::Ownership;
use teller_kernel::limits::EVENTS_PAGE_MAX;
use teller_kernel::part::{Citation, QuickReply};
use teller_kernel::{ConversationId, EventBody, Locale, Part};

/// The channel of this door.
const CHANNEL: &str = "api";
/// Events before a message in which an agent's words are looked for.
const LOOK_BACK: u64 = 200;

/// What was said in answer to one message.
#[derive(Debug, Default)]
struct Said {
    texts: Vec<String>,
    citations: Vec<Citation>,
    quick_replies: Vec<QuickReply>,
    by_machine: bool,
}

/// Says it, waits for the turn, and puts what was said into an answer.
pub async fn talk(
    app: &App,
    caller: &ApiCaller,
    asked: Asked,
    locale: Locale,
    client_id: Option<&str>,
) -> Result<ChatCompletion, Refused> {
    let id = match &asked.conversation {
        Some(name) => caller.conversation(app, name)?,
        None => open(app, asked.locale.unwrap_or(locale)).await?,
    };
    app.limiter.take(Subject::Sayings(id.clone()))?;
    let accepted = match client_id {
        Some(client_id) => app.conversations.say(&id, client_id, &asked.text).await?,
        None => app.conversations.say(&id, &fresh_client_id(app), &asked.text).await?,
    };
    app.conversations.finish_turns(&id).await?;
    let said = said(app, &id, accepted.seq).await?;
    let state = app.conversations.state(&id).await?;
    let bank = app.bank();
    let ai_label = said.by_machine.then(|| bank.pack.manifest.ai_label.get(state.locale).to_owned());
    let mut texts = said.texts;
    texts.extend(ai_label.as_ref().map(|label| format!("({label})")));
    let teller = TellerBody {
        conversation_id: caller.name_of(app, &id),
        ai_label,
        status: state.status.name(),
        citations: said.citations,
        quick_replies: said.quick_replies,
    };
    let name = format!("chatcmpl-{id}-{}", accepted.seq);
    let pack = bank.version().to_string();
    Ok(ChatCompletion::new(name, app.clock.now_ms(), pack, &asked.text, texts.join("\n\n"), teller))
}

async fn open(app: &App, locale: Locale) -> Result<ConversationId, Refused> {
    let request = OpenRequest { channel: CHANNEL.to_owned(), ownership: Ownership::Own, locale, customer: None };
    // The bearer token of pages is not handed out here: the name is enough.
    Ok(app.conversations.open(request).await?.conversation)
}

fn fresh_client_id(app: &App) -> String {
    let mut bytes = [0; 16];
    app.rng.fill(&mut bytes);
    format!("api-{}", hex::encode(bytes))
}

/// What was said to the message at `seq`: by an agent since the message before,
/// and by the machine in the turn that answers it.
async fn said(app: &App, id: &ConversationId, seq: u64) -> Result<Said, Refused> {
    let locale = app.conversations.state(id).await?.locale;
    let mut said = Said::default();
    let mut turn: Vec<(Vec<Part>, Vec<QuickReply>)> = Vec::new();
    let mut at = seq.saturating_sub(LOOK_BACK);
    loop {
        let events = app.conversations.events(id, at, EVENTS_PAGE_MAX).await?;
        let Some(last) = events.last().map(|event| event.seq) else { break };
        at = last;
        for event in events {
            match event.body {
                // Said before this message was: answered already.
                EventBody::MessageReceived { .. } if event.seq < seq => said.texts.clear(),
                EventBody::AgentReplied { text, .. } => said.texts.push(text),
                EventBody::Replied { parts, quick_replies, .. } if event.seq > seq => turn.push((parts, quick_replies)),
                EventBody::TurnCompleted { inbound_seq, .. } if inbound_seq == seq => {
                    return Ok(with_turn(said, turn, locale));
                }
                // The turn of a message before this one ran in between.
                EventBody::TurnCompleted { .. } => turn.clear(),
                _ => {}
            }
        }
    }
    // No turn: an agent holds the conversation.
    Ok(with_turn(said, turn, locale))
}

fn with_turn(mut said: Said, turn: Vec<(Vec<Part>, Vec<QuickReply>)>, locale: Locale) -> Said {
    said.by_machine = !turn.is_empty();
    for (parts, quick_replies) in turn {
        for part in &parts {
            let text = plain(part, locale);
            said.texts.extend(Some(text).filter(|text| !text.is_empty()));
            if let Part::Answer { citations, .. } = part {
                said.citations.extend(citations.iter().cloned());
            }
        }
        said.quick_replies.extend(quick_replies);
    }
    said
}
