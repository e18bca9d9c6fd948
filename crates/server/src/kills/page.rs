//! A customer's page at a server that may be gone at any moment: it repeats
//! what was not acknowledged, under the same client id, until it is.

use anyhow::{Context, Result, bail};
use reqwest::{Client, Method};
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use teller_kernel::ports::fixed::SeededRng;
use teller_kernel::{ConversationId, CustomerId, Rng};
use teller_rehearsal::promises::Acknowledged;
use tokio::time::{Instant, sleep};

/// How long one request is repeated before the page gives up.
const PATIENCE: Duration = Duration::from_secs(120);
const REQUEST_MAX: Duration = Duration::from_secs(10);
const PAUSE: Duration = Duration::from_millis(40);
/// The longest a customer thinks before the next doing, in milliseconds.
const THINK_MAX_MS: u64 = 800;
/// Doings of one errand.
const DOINGS_MAX: usize = 16;
/// Errands of one customer: each is an order at most, and the core is asked for
/// a hundred.
const ERRANDS_MAX: usize = 80;

/// One conversation, and what its page was told to be saved.
pub struct Errand {
    pub customer: CustomerId,
    pub conversation: ConversationId,
    pub acknowledged: Acknowledged,
}

pub struct Done {
    pub errands: Vec<Errand>,
    /// Requests that were sent more than once.
    pub repeated: u64,
}

pub struct Page {
    url: String,
    customer: CustomerId,
    rng: SeededRng,
    client: Client,
    repeated: u64,
}

/// An open conversation on this page.
struct Open {
    errand: Errand,
    token: String,
    sent: u64,
    /// The last event seen.
    seen: u64,
}

impl Page {
    pub fn new(url: String, customer: CustomerId, seed: u64) -> Result<Self> {
        let client = Client::builder().no_proxy().timeout(REQUEST_MAX).build()?;
        Ok(Self { url, customer, rng: SeededRng::new(seed), client, repeated: 0 })
    }

    /// Errand after errand until it is over.
    pub async fn go_on(mut self, over: Arc<AtomicBool>) -> Result<Done> {
        let mut errands = Vec::new();
        while !over.load(Ordering::Relaxed) && errands.len() < ERRANDS_MAX {
            errands
                .push(self.errand().await.with_context(|| format!("errand {} of {}", errands.len(), self.customer))?);
        }
        Ok(Done { errands, repeated: self.repeated })
    }

    async fn errand(&mut self) -> Result<Errand> {
        let mut open = self.open().await?;
        let yuan = 1 + self.rng.below(900);
        let opening = match self.rng.below(4) {
            0..=2 => format!("我要转账{yuan}元给别人"),
            _ => format!("还信用卡{yuan}元"),
        };
        self.say(&mut open, &opening).await?;
        for _ in 0..DOINGS_MAX {
            let parts = self.settled(&mut open).await?;
            sleep(Duration::from_millis(self.rng.below(THINK_MAX_MS))).await;
            if !self.next(&mut open, &parts).await? {
                break;
            }
        }
        Ok(open.errand)
    }

    async fn open(&mut self) -> Result<Open> {
        // Not idempotent by design: a conversation whose answer was lost stays
        // empty, and nobody was told about it.
        let sign_in = json!({"customer": self.customer.as_str()});
        let (_, body) = self.ask(Method::POST, "/demo/sign-in", None, Some(&sign_in)).await?;
        let handover = body["handover"].as_str().context("no hand-over")?;
        let request = json!({"locale": "zh", "handover": handover});
        let (status, body) = self.ask(Method::POST, "/conversations", None, Some(&request)).await?;
        if status == 401 {
            // The hand-over was used by the attempt whose answer was lost.
            return Box::pin(self.open()).await;
        }
        let text = |name: &str| body[name].as_str().map(str::to_owned).with_context(|| format!("{status}: {body}"));
        let conversation = ConversationId::parse(&text("conversation")?)?;
        let acknowledged = Acknowledged::from([(1, "opened".to_owned())]);
        let errand = Errand { customer: self.customer.clone(), conversation, acknowledged };
        Ok(Open { errand, token: text("token")?, sent: 0, seen: 0 })
    }

    async fn say(&mut self, open: &mut Open, text: &str) -> Result<()> {
        let body = json!({"client_id": client(open), "text": text});
        self.send(open, "messages", "message_received", body).await
    }

    async fn act(&mut self, open: &mut Open, action: Value, code: Option<String>) -> Result<()> {
        let body = json!({"client_id": client(open), "action": action, "code": code});
        self.send(open, "actions", "action_received", body).await
    }

    async fn send(&mut self, open: &mut Open, door: &str, kind: &str, body: Value) -> Result<()> {
        let path = format!("/conversations/{}/{door}", open.errand.conversation);
        // A page that never saw the answer sends once more.
        let twice = self.rng.below(5) == 0;
        for attempt in 0..=u8::from(twice) {
            let (status, answer) = self.ask(Method::POST, &path, Some(&open.token), Some(&body)).await?;
            match (status, answer["seq"].as_u64()) {
                (202, Some(seq)) => {
                    open.errand.acknowledged.insert(seq, kind.to_owned());
                }
                // The moment for it has gone by: a code that is void, a card that is stale.
                (409 | 410 | 422 | 429, _) => break,
                _ => bail!("{path}: {status} {answer} (attempt {attempt})"),
            }
        }
        Ok(())
    }

    /// Waits for the machine's answer; the parts of its last reply.
    async fn settled(&mut self, open: &mut Open) -> Result<Vec<Value>> {
        let path = format!("/conversations/{}", open.errand.conversation);
        let until = Instant::now() + PATIENCE;
        loop {
            let (_, state) = self.ask(Method::GET, &path, Some(&open.token), None).await?;
            if state["pending"] == json!(false) {
                break;
            }
            if Instant::now() > until {
                bail!("{}: no answer within {} s", open.errand.conversation, PATIENCE.as_secs());
            }
            sleep(PAUSE).await;
        }
        let path = format!("/conversations/{}/events?after={}", open.errand.conversation, open.seen);
        let (_, page) = self.ask(Method::GET, &path, Some(&open.token), None).await?;
        open.seen = page["through"].as_u64().unwrap_or(open.seen);
        let events = page["events"].as_array().cloned().unwrap_or_default();
        let replied = events.iter().filter(|event| event["type"] == "replied");
        Ok(replied.filter_map(|event| event["parts"].as_array()).flatten().cloned().collect())
    }

    /// What a customer would do now; false when the errand is over.
    async fn next(&mut self, open: &mut Open, parts: &[Value]) -> Result<bool> {
        let Some(part) =
            parts.iter().rev().find(|part| matches!(part["kind"].as_str(), Some("choices" | "confirm" | "otp")))
        else {
            return Ok(false);
        };
        match part["kind"].as_str() {
            Some("choices") => {
                let options = part["options"].as_array().cloned().unwrap_or_default();
                let pick = usize::try_from(self.rng.below(options.len().max(1) as u64)).unwrap_or(0);
                let id = options.get(pick).map(|option| option["id"].clone()).unwrap_or_default();
                self.act(open, json!({"action": "choose", "slot": part["slot"], "id": id}), None).await?;
            }
            Some("confirm") => {
                let verb = if self.rng.below(12) == 0 { "refuse" } else { "confirm" };
                self.act(open, json!({"action": verb, "confirmation": part["confirmation"]}), None).await?;
            }
            _ => {
                let code = self.code(part["factor"] == json!("token")).await?;
                self.act(open, json!({"action": "submit_otp", "challenge": part["challenge"]}), Some(code)).await?;
            }
        }
        Ok(true)
    }

    /// The newest one-time code on the customer's phone, or their token's.
    async fn code(&mut self, token: bool) -> Result<String> {
        let path = format!("/demo/phone?customer={}", self.customer);
        let (_, phone) = self.ask(Method::GET, &path, None, None).await?;
        if token {
            return Ok(phone["token_code"].as_str().unwrap_or_default().to_owned());
        }
        let digits = |text: &str| {
            text.split(|character: char| !character.is_ascii_digit()).find(|run| run.len() == 6).map(str::to_owned)
        };
        let newest = phone["messages"].as_array().into_iter().flatten();
        let newest = newest.filter_map(|message| message["text"].as_str()).find_map(digits);
        Ok(newest.unwrap_or_else(|| "000000".to_owned()))
    }

    /// Asks until there is an answer; a server that is gone comes back.
    async fn ask(
        &mut self,
        method: Method,
        path: &str,
        token: Option<&str>,
        body: Option<&Value>,
    ) -> Result<(u16, Value)> {
        let until = Instant::now() + PATIENCE;
        for attempt in 0_u64.. {
            let mut request = self.client.request(method.clone(), format!("{}/api/v1{path}", self.url));
            if let Some(token) = token {
                request = request.bearer_auth(token);
            }
            if let Some(body) = body {
                request = request.json(body);
            }
            if attempt == 1 {
                self.repeated += 1;
            }
            let answer = async {
                let reply = request.send().await?;
                let status = reply.status().as_u16();
                Ok::<_, reqwest::Error>((status, reply.json::<Value>().await?))
            };
            match answer.await {
                Ok((status, answer)) if status < 500 => return Ok((status, answer)),
                _ if Instant::now() > until => bail!("{path}: no answer within {} s", PATIENCE.as_secs()),
                _ => sleep(PAUSE).await,
            }
        }
        bail!("{path}: never answered")
    }
}

fn client(open: &mut Open) -> String {
    open.sent += 1;
    format!("kill-{}", open.sent)
}
